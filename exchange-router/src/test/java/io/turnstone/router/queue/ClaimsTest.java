package io.turnstone.router.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.ConsumerRequest.Claim;
import io.turnstone.api.Delivery;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("What a consumer held before a restart")
class ClaimsTest {

    private static final long HOUR = 3_600_000;
    private static final Claim CLAIM = new Claim("c", new byte[] {7});

    private final FakeStore store = FakeStore.automatic();
    private Queues queues = new Queues(1, store);
    private MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    private RecordingConsumer claiming() {
        return queues.consumer(queue, 0, Queues.request().under(CLAIM));
    }

    private void restart() {
        queues = Queues.recovered(store.afterCrash(), Long.MAX_VALUE, queues.now(), queue);
        queue = queues.queues.get("q");
        queues.settle();
    }

    private static List<Integer> numbers(List<Delivery> deliveries) {
        return deliveries.stream()
                .map(each -> ((NumberedMessage) each.message()).number())
                .toList();
    }

    @Test
    void mayHaveBeenDelayedAndIsHeldAgain() {
        queues.publishFor(queues.now() + HOUR, queue, NumberedMessage.of(1), NumberedMessage.of(2));
        RecordingConsumer before = claiming().credit(1);
        queues.advance(HOUR + 1000);
        assertThat(before.numbers).containsExactly(1);
        restart();

        queues.advance(1000);
        RecordingConsumer other = queues.consumer(queue).credit(5);
        assertThat(other.numbers).containsExactly(2);
        RecordingConsumer after = claiming();
        List<Delivery> held = after.consumer().claimed();
        assertThat(numbers(held)).containsExactly(1);
        queues.on(0, () -> after.consumer().settle(held.get(0), Outcome.RELEASED, false));
        assertThat(other.numbers).containsExactly(2, 1);
        assertThat(queue.status().messages()).isEqualTo(2);
    }

    @Test
    void returnsToThoseThatWaitForTheirTimeWhenItIsRenounced() {
        queues.publishFor(queues.now() + HOUR, queue, NumberedMessage.of(1));
        assertThat(claiming().credit(1).numbers).isEmpty();
        queues.advance(HOUR + 1000);
        restart();
        queue.renounce("c");
        queues.advance(1000);
        assertThat(queues.consumer(queue).credit(5).numbers).containsExactly(1);
    }

    @Test
    void keepsItsPlaceAmongMessagesThatArePagedOut() {
        for (int number = 0; number < 500; number++) {
            queues.publish(queue, NumberedMessage.of(number));
        }
        RecordingConsumer before = claiming().credit(300);
        for (int number = 0; number < 300; number++) {
            if (number % 7 != 0) {
                before.settle(number, Outcome.RELEASED);
            }
        }
        queues = Queues.recovered(store.afterCrash(), 10_000, queues.now(), queue);
        queue = queues.queues.get("q");
        RecordingConsumer after = claiming();
        List<Delivery> held = after.consumer().claimed();
        assertThat(numbers(held)).hasSize(43).startsWith(0, 7, 14);
        queues.on(0, () -> held.forEach(each -> after.consumer().settle(each, Outcome.RELEASED, false)));
        RecordingConsumer all = queues.consumer(queue).credit(500);
        queues.settleReads();
        assertThat(all.numbers).hasSize(500).isSorted();
    }

    @Test
    void isMoreThanASuspendedLinkHoldsAndTheYoungestReturn() {
        var kept = new Withheld(false);
        for (long position = 1; position <= 5; position++) {
            kept.add(new Withheld.Piece(new long[] {10 * position, 10 * position + 1}, 100, 0, null));
        }
        assertThat(kept.trim(7, 1000)).extracting(piece -> piece.positions()[0]).containsExactly(40L, 50L);
        assertThat(kept.trim(7, 150)).extracting(piece -> piece.positions()[0]).containsExactly(20L, 30L);
        assertThat(kept.pieces()).hasSize(1);
    }

    @ParameterizedTest(name = "alone: {0}")
    @ValueSource(booleans = {false, true})
    void standsInTheStoreInAFormThatIsReadBack(boolean alone) {
        var record = new ClaimRecord(3, 1L << 40, new Claim("amqp:ü", new byte[] {1, 2}), alone);
        var made = record.made();
        var read = ClaimRecord.of(made.name(), made.value());
        assertThat(made.name()).isEqualTo("3/1099511627776");
        assertThat(read.queueId()).isEqualTo(3);
        assertThat(read.alone()).isEqualTo(alone);
        assertThat(made.value()[0]).isEqualTo((byte) (alone ? 2 : 1));
        assertThat(read.position()).isEqualTo(1L << 40);
        assertThat(read.claim().name()).isEqualTo("amqp:ü");
        assertThat(read.claim().note()).containsExactly(1, 2);
        assertThatThrownBy(() -> ClaimRecord.of("3/4", new byte[] {3, 0, 0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ClaimRecord.of("3/4", new byte[] {1, 0, 9}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
