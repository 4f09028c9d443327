package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Refusal;
import io.turnstone.api.Transaction;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.plugin.PublishInterceptor.Verdict;
import io.turnstone.router.exchange.TestMessage;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Interceptors")
class InterceptionTest {

    private final List<CompletableFuture<Verdict>> slow = new ArrayList<>();

    private static TestBroker with(List<PublishInterceptor> in, List<DeliveryInterceptor> out) {
        return TestBroker.on(2, s -> Changed.from(s).interceptors(in, out).settings())
                .queue("q");
    }

    private Verdict slow() {
        var verdict = new CompletableFuture<Verdict>();
        slow.add(verdict);
        return new Verdict.Later(verdict);
    }

    @Test
    void passReplaceAndRefuseInTheirOrder() {
        PublishInterceptor shout = (message, to, from) -> new Verdict.Replace(
                TestMessage.durable(TestMessage.textOf(message).toUpperCase(Locale.ROOT)));
        PublishInterceptor censor =
                (message, to, from) -> TestMessage.textOf(message).equals("BAD")
                        ? new Verdict.Refuse(new Refusal(Condition.INVALID, "mind your words"))
                        : Verdict.PASS;
        var broker = with(List.of(shout, censor), List.of());
        var in = broker.toQueue("q");

        assertThat(in.outcome(TestMessage.durable("good"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(TestMessage.durable("bad")))
                .isEqualTo(new PublishOutcome.Refused(new Refusal(Condition.INVALID, "mind your words")));
        assertThat(broker.drain("q")).containsExactly("GOOD");
    }

    @Test
    void holdBackLaterMessagesOfTheSamePublisherOnly() {
        var broker = with(
                List.of((message, to, from) -> TestMessage.textOf(message).startsWith("slow") ? slow() : Verdict.PASS),
                List.of());
        var one = broker.toQueue("q");
        var other = broker.toQueue("q");

        one.send(TestMessage.durable("slow 1")).send(TestMessage.durable("2")).send(TestMessage.durable("slow 3"));
        other.send(TestMessage.durable("other"));
        broker.settle();
        assertThat(one.outcomes).isEmpty();
        assertThat(other.outcomes).hasSize(1);

        slow.get(0).complete(new Verdict.Replace(TestMessage.durable("1")));
        broker.settle();
        assertThat(one.outcomes).hasSize(2);
        slow.get(1).complete(new Verdict.Refuse(new Refusal(Condition.INVALID, "no")));
        broker.settle();

        assertThat(one.outcomes).hasSize(3);
        assertThat(broker.drain("q")).containsExactly("other", "1", "2");
    }

    @Test
    void refuseByTakingTooLong() {
        var broker = with(List.of((message, to, from) -> slow()), List.of());
        var in = broker.toQueue("q");
        in.send(TestMessage.durable("1"));

        broker.advance(29_999);
        assertThat(in.outcomes).isEmpty();
        broker.advance(1);
        var refused = (PublishOutcome.Refused) in.outcomes.get(0);
        assertThat(refused.refusal().condition()).isEqualTo(Condition.UNAVAILABLE);

        slow.get(0).complete(Verdict.PASS);
        broker.settle();
        assertThat(in.outcomes).hasSize(1);
        assertThat(broker.drain("q")).isEmpty();
    }

    @Test
    void giveTheMessageBackToItsSenderByFailing() {
        PublishInterceptor throwing = (message, to, from) -> {
            throw new IllegalStateException("a defect");
        };
        PublishInterceptor failing = (message, to, from) ->
                new Verdict.Later(CompletableFuture.failedFuture(new IllegalStateException("a late defect")));
        PublishInterceptor endless = (message, to, from) ->
                new Verdict.Later(CompletableFuture.completedFuture(new Verdict.Later(new CompletableFuture<>())));
        PublishInterceptor speechless = (message, to, from) -> null;
        PublishInterceptor lateAndSpeechless =
                (message, to, from) -> new Verdict.Later(CompletableFuture.completedFuture(null));

        for (PublishInterceptor defective : List.of(throwing, failing, endless, speechless, lateAndSpeechless)) {
            var broker = with(List.of((message, to, from) -> Verdict.PASS, defective), List.of());
            var in = broker.toQueue("q");
            in.send(TestMessage.durable("1"));
            broker.settle();

            assertThat(in.outcomes).hasSize(1);
            var refused = (PublishOutcome.Refused) in.outcomes.get(0);
            assertThat(refused.refusal().condition()).isEqualTo(Condition.INTERNAL);
            assertThat(broker.drain("q")).isEmpty();
        }
    }

    @Test
    void addAnnotationsToADeliveryOnly() {
        DeliveryInterceptor stamp = (delivery, queue, to) -> Map.of("x-opt-to", to.containerId() + " from " + queue);
        DeliveryInterceptor throwing = (delivery, queue, to) -> {
            throw new IllegalStateException("a defect");
        };
        DeliveryInterceptor speechless = (delivery, queue, to) -> null;
        var broker = with(List.of(), List.of(throwing, speechless, stamp));
        broker.toQueue("q").outcome(TestMessage.durable("1"));

        var out = broker.out(new Address.Queue("q", false)).credit(1);
        assertThat(out.deliveries.get(0).overlay().annotations()).isEqualTo(Map.of("x-opt-to", "alice from q"));
        out.settleAll(Outcome.RELEASED);
        out.close();

        var again = broker.out(1, new Address.Queue("q", false), TestBroker.BOB).credit(1);
        assertThat(again.deliveries.get(0).overlay().annotations()).isEqualTo(Map.of("x-opt-to", "bob from q"));
        again.settleAll(Outcome.ACCEPTED);
        assertThat(broker.status("q").messages()).isZero();
    }

    @Test
    void hearTheSameDeliverySettledThatTheyGave() {
        var broker = with(List.of(), List.of((delivery, queue, to) -> Map.of("x-opt-a", 1)));
        broker.toQueue("q").outcome(TestMessage.durable("1"));
        var out = broker.out(new Address.Queue("q", false)).credit(1);
        Delivery delivery = out.deliveries.get(0);

        out.loop.within(() -> out.consumer.settle(delivery, Outcome.ACCEPTED, true));
        broker.settle();

        assertThat(out.settled).containsExactly(delivery);
    }

    @Test
    void leaveNothingOfADeliveryBehindThatATransactionGaveBack() {
        var broker = with(List.of(), List.of((delivery, queue, to) -> Map.of("x-opt-a", 1)));
        broker.toQueue("q").outcome(TestMessage.durable("1"));
        var out = broker.out(new Address.Queue("q", false)).credit(1);
        var settled = new WeakReference<>(settledAfterARollback(broker, out));

        await().until(() -> {
            System.gc();
            return settled.get() == null;
        });
    }

    private static Delivery settledAfterARollback(TestBroker broker, TestBroker.Out out) {
        Delivery delivery = out.deliveries.remove(0);
        out.loop.within(() -> {
            Transaction transaction = broker.core.begin(TestBroker.ALICE, out.loop, why -> {});
            out.consumer.settle(delivery, Outcome.ACCEPTED, transaction, null);
            transaction.rollback();
        });
        broker.settle();
        out.loop.within(() -> out.consumer.settle(delivery, Outcome.ACCEPTED, false));
        broker.settle();
        assertThat(broker.status("q").messages()).isZero();
        return delivery;
    }
}
