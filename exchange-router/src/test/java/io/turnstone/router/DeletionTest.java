package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.DeleteMode;
import io.turnstone.api.store.StoreException;
import io.turnstone.router.exchange.TestMessage;
import java.lang.ref.WeakReference;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Deleting a queue")
class DeletionTest {

    private final TestBroker broker = TestBroker.on(2);

    private int idOf(String queue) {
        return Objects.requireNonNull(broker.core.state().queue(queue)).queue().id();
    }

    @Test
    void isNotStoppedByPublishersThatFail() {
        broker.queue(QueueSpec.named("q")
                .limit(new QueueLimit(1, QueueLimit.UNLIMITED, Overflow.BLOCK))
                .build());
        var in = broker.toQueue("q");
        in.send(TestMessage.durable("1"));
        in.onFlow = open -> {
            throw new IllegalStateException("flow, on purpose");
        };
        in.loop.within(() -> in.publisher.publish(TestMessage.durable("2"), outcome -> {
            throw new IllegalStateException("published, on purpose");
        }));
        broker.settle();

        assertThat(broker.get(broker.core.topology().deleteQueue("q", DeleteMode.ALWAYS)))
                .isEqualTo(1);

        broker.queue("q");
        assertThat(broker.toQueue("q").send(TestMessage.durable("3")).publisher.open())
                .isTrue();
        assertThat(broker.drain("q")).containsExactly("3");
    }

    @Test
    void freesItsMemoryWhoeverPublishedToIt() {
        broker.queue("q");
        publishAndLeave("q");
        var queue = new WeakReference<>(
                Objects.requireNonNull(broker.core.state().queue("q")).queue());

        broker.get(broker.core.topology().deleteQueue("q", DeleteMode.ALWAYS));
        broker.settle();

        for (int collections = 0; queue.get() != null && collections < 20; collections++) {
            System.gc();
        }
        assertThat(queue.get()).isNull();
    }

    private void publishAndLeave(String queue) {
        var in = broker.toQueue(queue).send(TestMessage.durable("1"));
        in.loop.within(in.publisher::close);
    }

    @Test
    void isCarriedOutAlsoWhileTheStoreRefuses() {
        broker.exchange("x", "fanout").queue("q").bind("x", "q", "");
        int id = idOf("q");
        var in = broker.toQueue("q");
        in.outcome(TestMessage.durable("1"));
        broker.store.fail(new StoreException("the disk is full"));

        var refusal = broker.refusal(() -> broker.core.topology().deleteQueue("q", DeleteMode.ALWAYS));

        assertThat(refusal.condition()).isEqualTo(Condition.UNAVAILABLE);
        assertThat(refusal.description()).contains("'q' is deleted").contains("the disk is full");
        assertThat(broker.has("q")).isFalse();
        assertThat(in.closed.condition()).isEqualTo(Condition.RESOURCE_DELETED);
        assertThat(broker.store.positions(id)).hasSize(1);

        broker.store.fail(null);
        broker.advance(5_000);
        assertThat(broker.store.positions(id)).isEmpty();
        assertThat(broker.afterCrash().has("q")).isFalse();
    }

    @Test
    void doesNotForgetAQueueMadeAnewMeanwhile() {
        broker.exchange("x", "fanout").queue("q").bind("x", "q", "");
        int id = idOf("q");
        broker.toQueue("q").outcome(TestMessage.durable("1"));
        broker.store.fail(new StoreException("the disk is full"));
        broker.refusal(() -> broker.core.topology().deleteQueue("q", DeleteMode.ALWAYS));
        broker.store.fail(null);
        broker.queue("q").bind("x", "q", "");
        broker.toExchange("x", "").outcome(TestMessage.durable("2"));

        broker.advance(5_000);

        assertThat(broker.store.positions(id)).isEmpty();
        var next = broker.afterCrash();
        assertThat(next.drain("q")).containsExactly("2");
        next.toExchange("x", "").outcome(TestMessage.durable("3"));
        assertThat(next.drain("q")).containsExactly("2", "3");
    }

    @Test
    void endsTheConsumersThatItHas() {
        broker.queue("q");
        var out = broker.out(new Address.Queue("q", false));

        broker.get(broker.core.topology().deleteQueue("q", DeleteMode.ALWAYS));

        assertThat(out.closed.condition()).isEqualTo(Condition.RESOURCE_DELETED);
    }
}
