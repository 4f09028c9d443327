package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Peer;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Subscription;
import io.turnstone.api.Subscription.Selection;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A subscription")
class SubscriptionTest {

    private static final Address NEWS = new Address.Topic("news");
    private static final Subscription.Key DURABLE = new Subscription.Key("app", "all", false, true, 0);
    private static final Subscription.Key SHARED = new Subscription.Key("app", "work", true, true, 0);

    private TestBroker broker = TestBroker.on(2);

    private static Address durable(Address source, Selection selection) {
        return new Address.Subscribed(new Subscription(DURABLE, source, selection, Message.NONE));
    }

    private static Address durable() {
        return durable(NEWS, Selection.ALL);
    }

    private static Selection startingWith(String text) {
        return new Selection("test", text, false);
    }

    private PublishOutcome publish(String text) {
        return broker.in(0, NEWS, TestBroker.ALICE).outcome(TestMessage.durable(text));
    }

    private static Condition refusalOf(Runnable opening) {
        try {
            opening.run();
        } catch (RefusedException e) {
            return e.refusal().condition();
        }
        throw new AssertionError("not refused");
    }

    @Test
    void makesItsTopicAndTheLastOneTakesItAlong() {
        assertThat(publish("nobody hears")).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(broker.core.topology().exchanges()).isEmpty();
        var publisher = broker.in(0, NEWS, TestBroker.ALICE);
        var one = broker.out(0, NEWS, TestBroker.ALICE).credit(10);
        var other = broker.out(1, NEWS, TestBroker.BOB).credit(10);

        assertThat(publisher.outcome(TestMessage.durable("1"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(one.texts()).containsExactly("1");
        assertThat(other.texts()).containsExactly("1");
        one.close();
        assertThat(broker.core.topology().exchange("news")).isPresent();
        other.close();

        assertThat(broker.core.topology().exchanges()).isEmpty();
        assertThat(broker.core.queueStatus()).isEmpty();
        assertThat(publisher.closed).isNull();
        assertThat(publisher.outcome(TestMessage.durable("2"))).isEqualTo(PublishOutcome.ACCEPTED);
    }

    @Test
    void mayGoInTheMomentInWhichSomethingIsPublishedToItsTopic() {
        broker = TestBroker.manual(2);
        broker.out(0, durable(), TestBroker.ALICE).close();
        var in = broker.in(0, NEWS, TestBroker.BOB);
        broker.core.topology().unsubscribe(DURABLE);
        FakeLoop.settle(broker.loops); // its queue takes nothing any more, and the store is slow to forget it

        assertThat(in.outcome(TestMessage.durable("nobody hears"))).isEqualTo(PublishOutcome.ACCEPTED);
    }

    @Test
    void keepsWhatComesWhileItsSubscriberIsAway() {
        var out = broker.out(1, durable(), TestBroker.ALICE).credit(10);
        publish("1");
        assertThat(out.settleAll(Outcome.ACCEPTED).texts()).containsExactly("1");
        out.close();
        publish("2");
        broker.core.disconnected(TestBroker.ALICE);
        broker.advance(1_000_000);

        var again = broker.out(0, durable(), TestBroker.peer(7, "app")).credit(10);

        assertThat(again.texts()).containsExactly("2");
        assertThat(again.consumer.queue()).isEqualTo("amq.sub.app.all");
    }

    @Test
    void survivesARestartWithItsTopicAndBacklogWhenDurable() {
        broker.out(1, NEWS, TestBroker.ALICE); // the topic is made by one that does not survive
        broker.out(1, durable(NEWS, startingWith("a")), TestBroker.ALICE).close();
        publish("a1");
        publish("b1");

        broker = broker.afterCrash();
        assertThat(broker.core.topology().queues()).hasSize(1);
        publish("a2");
        publish("b2");

        var out = broker.out(0, durable(NEWS, startingWith("a")), TestBroker.ALICE)
                .credit(10);
        assertThat(out.texts()).containsExactly("a1", "a2");
        assertThat(broker.core.topology().subscription(DURABLE))
                .contains(new Subscription(DURABLE, NEWS, startingWith("a"), Message.NONE));
    }

    @Test
    void letsNothingInThatItsSubscriberDoesNotWant() {
        broker.exchange("x", "topic");
        var source = new Address.Exchange("x", "a.#");
        broker.out(0, durable(source, startingWith("keep")), TestBroker.ALICE).close();
        var in = broker.toExchange("x", "a.b");

        assertThat(in.outcome(TestMessage.durable("keep 1"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(TestMessage.durable("drop 1"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(in.outcome(TestMessage.durable("keep 2"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(broker.toExchange("x", "b").outcome(TestMessage.durable("keep 3")))
                .isEqualTo(PublishOutcome.UNROUTABLE);

        assertThat(broker.status("amq.sub.app.all").published()).isEqualTo(2);
        assertThat(broker.drain("amq.sub.app.all")).containsExactly("keep 1", "keep 2");
    }

    @Test
    void doesNotHearItsOwnContainerWhenNotLocal() {
        var remote = new Selection("", "", true);
        broker.out(0, durable(NEWS, remote), TestBroker.peer(1, "app")).close();

        broker.in(0, NEWS, TestBroker.peer(5, "app")).outcome(TestMessage.durable("own"));
        broker.in(0, NEWS, TestBroker.peer(6, "other")).outcome(TestMessage.durable("foreign"));
        broker = broker.afterCrash();
        broker.in(0, NEWS, TestBroker.peer(9, "app")).outcome(TestMessage.durable("own again"));

        assertThat(broker.drain("amq.sub.app.all")).containsExactly("foreign");
    }

    @Test
    void getsTooMuchRatherThanNothingWhenItsFilterCannotBeRead() {
        assertThat(refusalOf(() -> broker.out(0, durable(NEWS, startingWith("broken")), TestBroker.ALICE)))
                .isEqualTo(Condition.INVALID);
        assertThat(broker.core.topology().queues()).isEmpty();
    }

    @Test
    void isMadeAnewForAnotherTopicOrSelectorUnlessItIsInUse() {
        var out = broker.out(0, durable(), TestBroker.ALICE);
        publish("1");

        assertThat(refusalOf(() -> broker.out(0, durable(NEWS, startingWith("x")), TestBroker.BOB)))
                .isEqualTo(Condition.RESOURCE_LOCKED);
        assertThat(refusalOf(() -> broker.out(0, durable(), TestBroker.BOB))).isEqualTo(Condition.RESOURCE_LOCKED);
        out.close();
        var other = broker.out(0, durable(new Address.Topic("sport"), Selection.ALL), TestBroker.ALICE);

        publish("2");
        assertThat(other.credit(10).texts()).isEmpty();
        assertThat(broker.core.topology().exchange("news")).isEmpty();
        assertThat(broker.core.topology().exchange("sport")).isPresent();
    }

    @Test
    void isSharedByThoseThatSaySo() {
        var to = new Address.Subscribed(new Subscription(SHARED, NEWS, Selection.ALL, Message.NONE));
        var one = broker.out(0, to, TestBroker.ALICE).credit(10);
        var other = broker.out(1, to, TestBroker.BOB).credit(10);
        for (int i = 1; i <= 4; i++) {
            publish("" + i);
        }

        assertThat(one.texts()).hasSize(2).doesNotContainAnyElementsOf(other.texts());
        assertThat(other.texts()).hasSize(2);
        var alone = new Subscription.Key("app", "work", false, true, 0);
        assertThat(refusalOf(() -> broker.out(
                        0,
                        new Address.Subscribed(new Subscription(alone, NEWS, Selection.ALL, Message.NONE)),
                        TestBroker.ALICE)))
                .isEqualTo(Condition.PRECONDITION_FAILED);
        var otherwise = new Subscription(SHARED, NEWS, startingWith("x"), Message.NONE);
        assertThat(refusalOf(() -> broker.out(0, new Address.Subscribed(otherwise), TestBroker.ALICE)))
                .isEqualTo(Condition.RESOURCE_LOCKED);
    }

    @Test
    void endsWhenItsSubscriberSaysSoAndSharedWithTheLast() {
        var own = broker.out(0, durable(), TestBroker.ALICE);
        own.loop.within(own.consumer::unsubscribe);
        assertThat(broker.has("amq.sub.app.all")).isFalse();

        var to = new Address.Subscribed(new Subscription(SHARED, NEWS, Selection.ALL, Message.NONE));
        var one = broker.out(0, to, TestBroker.ALICE);
        var other = broker.out(1, to, TestBroker.BOB);
        one.loop.within(one.consumer::unsubscribe);
        assertThat(broker.has("amq.sub.app.work")).isTrue();
        other.loop.within(other.consumer::unsubscribe);
        assertThat(broker.has("amq.sub.app.work")).isFalse();
        assertThat(broker.afterCrash().core.topology().queues()).isEmpty();
        assertThat(broker.afterCrash().core.topology().exchanges()).isEmpty();
    }

    @Test
    void isNewForASubscriberThatEndedItAndComesBackAtOnce() {
        var out = broker.out(1, durable(), TestBroker.ALICE);
        publish("old");
        var listener = broker.new Out(broker.loops[1], new Address.Topic("unused"), TestBroker.ALICE, false);
        var stage = new ArrayList<CompletionStage<?>>();

        out.loop.within(() -> {
            out.consumer.unsubscribe();
            var request = ConsumerRequest.of(durable(), TestBroker.ALICE, ConsumerRequest.Mode.TAKE, 1 << 20);
            stage.add(broker.core.openConsumer(request, out.loop, listener));
        });

        broker.get(stage.get(0));
        assertThat(broker.status("amq.sub.app.all").messages()).isZero();
    }

    @Test
    void isEndedByItsNameWhenNobodyUsesIt() {
        var topology = broker.core.topology();
        assertThat(broker.refusal(() -> topology.unsubscribe(DURABLE)).condition())
                .isEqualTo(Condition.NOT_FOUND);
        var out = broker.out(0, durable(), TestBroker.ALICE);
        assertThat(broker.refusal(() -> topology.unsubscribe(DURABLE)).condition())
                .isEqualTo(Condition.RESOURCE_LOCKED);
        out.close();

        broker.get(topology.unsubscribe(DURABLE));

        assertThat(topology.subscription(DURABLE)).isEmpty();
        assertThat(topology.exchanges()).isEmpty();
    }

    @Test
    void outlivesItsConsumerForAsLongAsItSays() {
        var key = new Subscription.Key("app", "some", false, true, 0);
        var minute = new Address.Subscribed(new Subscription(key, NEWS, Selection.ALL, 60_000));
        var out = broker.out(0, minute, TestBroker.ALICE);
        broker.advance(100_000);
        out.close();
        broker.advance(59_000);
        assertThat(broker.has("amq.sub.app.some")).isTrue();
        broker.out(0, minute, TestBroker.ALICE).close(); // starts anew
        broker.advance(59_000);
        assertThat(broker.has("amq.sub.app.some")).isTrue();

        broker = broker.afterCrash();
        broker.advance(59_000);
        assertThat(broker.has("amq.sub.app.some")).isTrue();
        broker.advance(1_500);
        assertThat(broker.has("amq.sub.app.some")).isFalse();
        assertThat(broker.core.topology().exchanges()).isEmpty();
    }

    @Test
    void lastsAsItsLatestSubscriberSays() {
        broker.out(0, durable(), TestBroker.ALICE).close();
        var soon = new Address.Subscribed(new Subscription(DURABLE, NEWS, Selection.ALL, 5_000));
        publish("kept");
        var out = broker.out(0, soon, TestBroker.ALICE).credit(1);
        assertThat(out.texts()).containsExactly("kept");
        out.close();

        var crashed = broker.afterCrash();
        crashed.advance(6_500);
        assertThat(crashed.has("amq.sub.app.all")).isFalse();
        broker.advance(6_500);
        assertThat(broker.has("amq.sub.app.all")).isFalse();
    }

    @Test
    void isKeptAliveBySomebodyWhoOnlyLooks() {
        var key = new Subscription.Key("app", "held", false, false, 1);
        var held = new Subscription(key, NEWS, Selection.ALL, 0);
        var out = broker.out(1, new Address.Subscribed(held), TestBroker.ALICE);
        var listener = broker.new Out(broker.loops[1], new Address.Topic("unused"), TestBroker.ALICE, false);
        var request = ConsumerRequest.of(
                new Address.Subscribed(held), TestBroker.ALICE, ConsumerRequest.Mode.BROWSE, 1 << 20);
        var stage = new ArrayList<CompletionStage<io.turnstone.api.Consumer>>();
        out.loop.within(() -> stage.add(broker.core.openConsumer(request, out.loop, listener)));
        var holder = broker.get(stage.get(0));

        out.close();
        publish("kept");
        assertThat(broker.out(1, new Address.Subscribed(held), TestBroker.ALICE)
                        .credit(1)
                        .texts())
                .containsExactly("kept");
        assertThat(refusalOf(() -> broker.out(1, new Address.Subscribed(held), TestBroker.BOB)))
                .isEqualTo(Condition.RESOURCE_LOCKED);
        broker.core.disconnected(TestBroker.ALICE);
        broker.settle();
        out.loop.within(() -> holder.close(false));

        assertThat(broker.has(held.queue())).isFalse();
    }

    @Test
    void takesWhatAnExchangeThatIsThereGets() {
        broker.exchange("news", "topic");
        broker.out(0, durable(), TestBroker.ALICE).close();
        publish("1");

        assertThat(broker.core.topology().bindings("news"))
                .singleElement()
                .satisfies(binding -> assertThat(binding.key()).isEqualTo("#"));
        assertThat(broker.drain("amq.sub.app.all")).containsExactly("1");
        broker.get(broker.core.topology().unsubscribe(DURABLE));
        assertThat(broker.core.topology().exchange("news")).isPresent();
    }

    @Test
    void hasAQueueWhoseNameTellsItFromEveryOther() {
        var names = new ArrayList<String>();
        for (String container : new String[] {"", "a", "a.b", "a=2Eb", "global", "x".repeat(300)}) {
            for (String name : new String[] {"n", "b.n", "n.volatile", "é|", "y".repeat(300)}) {
                names.add(new Subscription.Key(container, name, false, true, 0).queue());
                names.add(new Subscription.Key(container, name, false, false, 0).queue());
                names.add(new Subscription.Key(container, name, false, false, 1).queue());
            }
        }
        // Those of a connection do not depend on its container, of which it has one.
        assertThat(names.stream().distinct()).hasSize(6 * 5 * 2 + 5).allMatch(name -> name.length() <= 255);
        assertThatThrownBy(() -> new Subscription(DURABLE, new Address.Queue("q", false), Selection.ALL, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Subscription(DURABLE, NEWS, Selection.ALL, -5))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void needsThePermissionToConsumeFromItsTopicAndToMakeIt() {
        Peer reader = TestBroker.peer(3, "reader");
        var guarded = TestBroker.on(
                1,
                s -> Changed.from(s)
                        .authorizer(
                                (identity, action, resource) -> !identity.name().equals("reader")
                                        || (action.name().equals("CONSUME") && resource.startsWith("/exchanges/news/")))
                        .settings());

        assertThat(refusalOf(() -> guarded.out(0, durable(), reader))).isEqualTo(Condition.UNAUTHORIZED);
        guarded.get(guarded.core
                .topology()
                .declareExchange(io.turnstone.api.ExchangeSpec.of("news", "fanout"), Owner.CLIENT));
        guarded.out(0, durable(), reader).close();
        var secret = new Address.Exchange("secret", "k", Map.of());
        assertThat(refusalOf(() -> guarded.out(0, durable(secret, Selection.ALL), reader)))
                .isEqualTo(Condition.UNAUTHORIZED);
        assertThat(guarded.core.queueStatus()).extracting(QueueStatus::name).containsExactly("amq.sub.app.all");
        guarded.get(guarded.core.topology(reader).unsubscribe(DURABLE));
        assertThat(guarded.core.queueStatus()).isEmpty();
    }
}
