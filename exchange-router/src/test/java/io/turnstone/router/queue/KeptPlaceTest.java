package io.turnstone.router.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Condition;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.ConsumerRequest.Claim;
import io.turnstone.api.Delivery;
import io.turnstone.api.FakeStore;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Outcome;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RefusedException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Numbers with the same last digit are one group; those that end in 0 have none. */
@DisplayName("The place of a consumer that held messages before a restart")
class KeptPlaceTest {

    private FakeStore store = FakeStore.automatic();
    private Queues queues = new Queues(1, store);
    private MessageQueue queue;

    private static ConsumerRequest claiming(String name) {
        return Queues.request().under(new Claim(name, new byte[] {7}));
    }

    private RecordingConsumer consumer(String claim) {
        return queues.consumer(queue, 0, claiming(claim));
    }

    private void with(QueueSpec.Builder spec, int... numbers) {
        queue = queues.queue(spec.build());
        for (int number : numbers) {
            queues.publish(queue, NumberedMessage.of(number));
        }
    }

    private void restart() {
        store = store.afterCrash();
        queues = Queues.recovered(store, Long.MAX_VALUE, queues.now(), queue);
        queue = queues.queues.get("q");
    }

    private static QueueSpec.Builder grouped() {
        return QueueSpec.named("q").groups(GroupSpec.DEFAULT);
    }

    private void accept(RecordingConsumer consumer, List<Delivery> held) {
        queues.on(0, () -> held.forEach(each -> consumer.consumer().settle(each, Outcome.ACCEPTED, false)));
    }

    @Test
    void isThatOfItsGroupsWhichWaitForIt() {
        with(grouped(), 1, 2, 11, 12, 3, 10);
        assertThat(consumer("c").credit(1).numbers).containsExactly(1);
        restart();

        RecordingConsumer other = queues.consumer(queue).credit(10);
        queues.publish(queue, NumberedMessage.of(21));
        assertThat(other.numbers).containsExactly(2, 12, 3, 10);
        RecordingConsumer after = consumer("c");
        List<Delivery> held = after.consumer().claimed();
        after.credit(10);
        assertThat(after.numbers).containsExactly(11, 21);
        accept(after, held);
        after.settleAll();
        queues.publish(queue, NumberedMessage.of(31));
        assertThat(after.numbers).containsExactly(11, 21, 31);
        assertThat(other.numbers).doesNotContain(1, 11, 21, 31);
    }

    @Test
    void isItsOwnAlsoWhenItIsBackBeforeTheOthers() {
        with(grouped(), 1, 11, 2);
        assertThat(consumer("c").credit(1).numbers).containsExactly(1);
        restart();

        RecordingConsumer after = consumer("c");
        assertThat(after.consumer().claimed()).hasSize(1);
        assertThat(queues.consumer(queue).credit(10).numbers).containsExactly(2);
        assertThat(after.credit(10).numbers).containsExactly(11);
    }

    @Test
    void isKeptForEachOfMany() {
        with(grouped(), 1, 2, 3, 11, 12, 13);
        RecordingConsumer first = consumer("a").credit(1);
        RecordingConsumer second = consumer("b").credit(1);
        assertThat(first.numbers).containsExactly(1);
        assertThat(second.numbers).containsExactly(2);
        restart();

        RecordingConsumer back = consumer("b").credit(10);
        assertThat(back.numbers).containsExactly(3, 12, 13);
        queue.renounce("a");
        queues.settle();
        assertThat(back.numbers).containsExactly(3, 12, 13, 1, 11);
    }

    @Test
    void isFreeInOrderWhenNobodyWillComeBackForIt() {
        with(grouped(), 1, 2, 11, 12);
        assertThat(consumer("c").credit(1).numbers).containsExactly(1);
        restart();
        RecordingConsumer other = queues.consumer(queue).credit(10);
        assertThat(other.numbers).containsExactly(2, 12);

        queue.renounce("c");
        queues.settle();

        assertThat(other.numbers).containsExactly(2, 12, 1, 11);
    }

    @Test
    void isKeptFromThoseWhoComeWhileItIsRead() {
        store = FakeStore.manual();
        queues = new Queues(1, store);
        with(grouped(), 1, 11, 2);
        store.commit();
        queues.settle();
        RecordingConsumer before = consumer("c").credit(1);
        store.commit();
        queues.settle();
        assertThat(before.numbers).containsExactly(1);
        restart();

        var after = new RecordingConsumer(queues, 0);
        var other = new RecordingConsumer(queues, 0);
        var afterOpens = queues.open(queue, 0, claiming("c"), after).toCompletableFuture();
        var otherOpens = queues.open(queue, 0, Queues.request(), other).toCompletableFuture();
        assertThat(afterOpens).isNotDone();
        assertThat(otherOpens).isNotDone();
        queues.settleReads();
        after.opened(afterOpens.join());
        other.opened(otherOpens.join());
        other.credit(10);
        queues.settleReads();
        assertThat(other.numbers).containsExactly(2);
    }

    @Test
    void isThatOfTheOneThatGetsMessages() {
        with(QueueSpec.named("q").singleActive(true), 1, 2);
        assertThat(consumer("c").credit(1).told).containsExactly("active", "1");
        restart();

        RecordingConsumer other = queues.consumer(queue).credit(10);
        assertThat(other.told).containsExactly("standby");
        RecordingConsumer after = consumer("c");
        assertThat(after.consumer().claimed()).hasSize(1);
        assertThat(after.credit(10).told).containsExactly("active", "2");
        after.close(false);
        assertThat(other.told).containsExactly("standby", "active", "1", "2");
    }

    @Test
    void goesToTheNextInLineWhenNobodyWillComeBackForIt() {
        with(QueueSpec.named("q").singleActive(true), 1, 2);
        consumer("c").credit(1);
        restart();
        queues.consumer(queue).credit(10).close(false);
        RecordingConsumer other = queues.consumer(queue).credit(10);
        assertThat(other.told).containsExactly("standby");

        queue.renounce("c");
        queues.settle();

        assertThat(other.told).containsExactly("standby", "active", "1", "2");
    }

    @Test
    void isThatOfTheConnectionThatHasTheQueueAlone() {
        with(QueueSpec.named("q").exclusive(true), 1, 2);
        consumer("c").credit(1);
        restart();

        assertThatThrownBy(() -> queues.consumer(queue))
                .hasCauseInstanceOf(RefusedException.class)
                .satisfies(failure -> assertThat(((RefusedException) failure.getCause())
                                .refusal()
                                .condition())
                        .isEqualTo(Condition.RESOURCE_LOCKED))
                .hasMessageContaining("it is kept for a link that is away");
        assertThat(consumer("c").consumer().claimed()).hasSize(1);
        assertThat(queues.consumer(queue).credit(10).numbers).containsExactly(2);
    }

    private static ConsumerRequest alone(String claim) {
        return claiming(claim).in(new ConsumerRequest.Mode(false, false, true, false));
    }

    private void isRefused(ConsumerRequest request) {
        assertThatThrownBy(() -> queues.consumer(queue, 0, request))
                .hasCauseInstanceOf(RefusedException.class)
                .satisfies(failure -> assertThat(((RefusedException) failure.getCause())
                                .refusal()
                                .condition())
                        .isEqualTo(Condition.RESOURCE_LOCKED))
                .hasMessageContaining("its exclusive consumer is a link that is away");
    }

    @Test
    void isThatOfTheOnlyConsumer() {
        with(QueueSpec.named("q"), 1, 2);
        assertThat(queues.consumer(queue, 0, alone("c")).credit(1).numbers).containsExactly(1);
        restart();

        isRefused(Queues.request());
        isRefused(claiming("other"));
        isRefused(alone("other"));
        assertThat(queues.consumer(queue, 0, Queues.request().in(ConsumerRequest.Mode.BROWSE))
                        .credit(9)
                        .numbers)
                .containsExactly(2);
        RecordingConsumer after = queues.consumer(queue, 0, alone("c"));
        assertThat(after.consumer().claimed()).hasSize(1);
        assertThat(after.credit(10).numbers).containsExactly(2);
        assertThatThrownBy(() -> queues.consumer(queue)).hasMessageContaining("it has an exclusive consumer");
        after.close(false);
        assertThat(queues.consumer(queue).credit(10).numbers).containsExactly(1, 2);
    }

    @Test
    void isTheOnlyConsumersOverSeveralRestarts() {
        with(QueueSpec.named("q"), 1, 2);
        queues.consumer(queue, 0, alone("c")).credit(1);
        restart();
        isRefused(Queues.request());
        restart();

        isRefused(Queues.request());
        assertThat(queues.consumer(queue, 0, alone("c")).consumer().claimed()).hasSize(1);
    }

    @Test
    void isFreeWhenTheOnlyConsumerWillNotComeBack() {
        with(QueueSpec.named("q"), 1, 2);
        queues.consumer(queue, 0, alone("c")).credit(1);
        restart();
        isRefused(Queues.request());

        queue.renounce("c");
        queues.settle();

        assertThat(queues.consumer(queue).credit(10).numbers).containsExactly(1, 2);
    }

    @Test
    void isSharedByWhoWasNotAlone() {
        with(QueueSpec.named("q"), 1, 2);
        assertThat(consumer("c").credit(1).numbers).containsExactly(1);
        restart();

        assertThat(queues.consumer(queue).credit(10).numbers).containsExactly(2);
    }
}
