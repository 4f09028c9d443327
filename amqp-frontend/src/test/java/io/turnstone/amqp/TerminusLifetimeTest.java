package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.terms.KeptFilters;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.FakeStore;
import io.turnstone.api.QueueStatus;
import io.turnstone.router.RouterCore;
import io.turnstone.router.RouterSettings;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinks;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinksOrMessages;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoMessages;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The terminus of a subscription")
class TerminusLifetimeTest {

    /** Time passes here, and nobody says anything. */
    private static final AmqpSettings PATIENT = ScriptedPeer.SETTINGS.withIdleTimeoutMs(0);

    private final MemoryHost host = new MemoryHost(new MemoryRouter());
    private FakeStore store = FakeStore.automatic();
    private ScriptedPeer peer;
    private RouterCore core;

    TerminusLifetimeTest() {
        start();
    }

    /** A broker on what the store has, and a connection to it. */
    private void start() {
        peer = new ScriptedPeer(new AmqpProtocol(PATIENT), host, new FakeLoop());
        var settings = RouterSettings.defaults(Map.of(AmqpFormat.INSTANCE.id(), new KeptFilters(AmqpFormat.INSTANCE)));
        core = RouterCore.start(settings, List.of(peer.loop), store);
        host.core = core;
        peer.loop.settle();
        peer.begun();
    }

    private void restart() {
        store = store.afterCrash();
        start();
    }

    /** Another connection of the same container. */
    private ScriptedPeer reconnected() {
        return new ScriptedPeer(new AmqpProtocol(PATIENT), host, peer.loop).begun();
    }

    private Attach subscribe(String link, TerminusDurability durable, TerminusExpiryPolicy policy, int seconds) {
        Attach attach = peer.attach(link, 0, Role.RECEIVER, "news");
        var source = (Source) attach.getSource();
        source.setCapabilities(Symbols.TOPIC);
        source.setDurable(durable);
        source.setExpiryPolicy(policy);
        source.setTimeout(UnsignedInteger.valueOf(seconds));
        return attach;
    }

    private static Source attach(ScriptedPeer on, int channel, Attach attach) {
        on.send(channel, attach);
        return (Source) on.expect(Attach.class).getSource();
    }

    private static void detach(ScriptedPeer from, int channel, boolean closed) {
        from.send(channel, ScriptedPeer.detach(0, closed));
        assertThat(from.expect(Detach.class).getClosed()).isEqualTo(closed);
    }

    private void pass(long ms) {
        peer.loop.advance(ms);
        peer.loop.settle();
    }

    private long queues() {
        peer.loop.settle();
        return core.queueStatus().stream()
                .map(QueueStatus::name)
                .filter(name -> name.startsWith("amq.sub"))
                .count();
    }

    private void publish(String text) {
        ScriptedPeer publisher = reconnected();
        Attach attach = publisher.attach("out", 0, Role.SENDER, "news");
        ((Target) attach.getTarget()).setCapabilities(Symbols.TOPIC);
        publisher.send(0, attach);
        publisher.forgetAll();
        publisher.send(0, ScriptedPeer.transfer(0, true), publisher.message(text));
        publisher.send(0, new Close());
    }

    private static long delivered(ScriptedPeer to) {
        to.send(0, to.flow(0, 10));
        long count = 0;
        while (to.hasNext()) {
            count += to.next().body() instanceof Transfer ? 1 : 0;
        }
        return count;
    }

    @Test
    @Spec(section = "3.5.6", says = "link-detach: the time begins with the detach")
    @Spec(section = "3.5.6", says = "timeout: that many seconds are waited")
    void waitsFromTheDetachOn() {
        attach(peer, 0, subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.LINK_DETACH, 30));
        pass(100_000);
        detach(peer, 0, false);
        publish("kept");
        pass(29_000);
        assertThat(queues()).isEqualTo(1);
        // Attached again the time stands still, and it begins anew.
        attach(peer, 0, subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.LINK_DETACH, 30));
        pass(100_000);
        assertThat(delivered(peer)).isEqualTo(1);
        detach(peer, 0, false);
        pass(29_000);
        assertThat(queues()).isEqualTo(1);
        pass(2_000);
        assertThat(queues()).isZero();

        attach(peer, 0, subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.LINK_DETACH, 0));
        detach(peer, 0, false);
        assertThat(queues()).isZero();
    }

    @Test
    @Spec(section = "3.5.6", says = "session-end: the time begins with the end of the session; the default")
    void waitsForTheEndOfItsSession() {
        Source source = attach(peer, 0, peer.attach("s", 0, Role.RECEIVER, "topic://news"));
        assertThat(source.getExpiryPolicy()).isEqualTo(TerminusExpiryPolicy.SESSION_END);
        detach(peer, 0, false);
        pass(1_000_000);
        publish("kept");
        attach(peer, 0, peer.attach("s", 0, Role.RECEIVER, "topic://news"));
        assertThat(delivered(peer)).isEqualTo(1);
        detach(peer, 0, false);
        pass(1_000);
        assertThat(queues()).isEqualTo(1);
        peer.send(0, new End());
        peer.expect(End.class);
        assertThat(queues()).isZero();

        peer.send(0, peer.begin());
        peer.expect(Begin.class);
        attach(peer, 0, subscribe("timed", TerminusDurability.NONE, TerminusExpiryPolicy.SESSION_END, 5));
        detach(peer, 0, false);
        pass(10_000);
        assertThat(queues()).isEqualTo(1);
        peer.send(0, new End());
        peer.expect(End.class);
        pass(4_000);
        assertThat(queues()).isEqualTo(1);
        pass(2_000);
        assertThat(queues()).isZero();
    }

    @Test
    @Spec(section = "3.5.6", says = "connection-close: the time begins with the end of the connection")
    void waitsForTheEndOfItsConnection() {
        attach(peer, 0, subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.CONNECTION_CLOSE, 0));
        peer.send(0, new End());
        peer.expect(End.class);
        publish("kept");
        pass(1_000_000);
        assertThat(queues()).isEqualTo(1);
        peer.send(0, peer.begin());
        peer.expect(Begin.class);
        attach(peer, 0, subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.CONNECTION_CLOSE, 0));
        assertThat(delivered(peer)).isEqualTo(1);
        detach(peer, 0, false);
        peer.send(0, new Close());
        assertThat(queues()).isZero();
    }

    @Test
    @Spec(section = "3.5.6", says = "never: it is kept until it is closed")
    @Spec(section = "3.5.5", says = "configuration: the terminus is there after a restart")
    void isKeptUntilItIsClosed() {
        Source source =
                attach(peer, 0, subscribe("s", TerminusDurability.CONFIGURATION, TerminusExpiryPolicy.NEVER, 0));
        assertThat(source.getDurable()).isEqualTo(TerminusDurability.CONFIGURATION);
        assertThat((Object) source.getDistributionMode()).isEqualTo(Symbols.COPY);
        peer.lost();
        pass(1_000_000);
        assertThat(queues()).isEqualTo(1);
        restart();
        assertThat(queues()).isEqualTo(1);
        attach(peer, 0, subscribe("s", TerminusDurability.CONFIGURATION, TerminusExpiryPolicy.NEVER, 0));
        detach(peer, 0, true);

        assertThat(queues()).isZero();
        assertThat(core.topology().exchanges()).isEmpty();
    }

    @Test
    @Spec(section = "3.5.5", says = "none: the terminus is forgotten when the broker stops")
    void isForgottenWithTheBrokerUnlessDurable() {
        attach(peer, 0, subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.NEVER, 0));
        peer.lost();
        pass(1_000_000);
        assertThat(queues()).isEqualTo(1);
        restart();
        assertThat(queues()).isZero();

        // What goes with the connection cannot be durable, and the answer says so.
        Source source = attach(
                peer, 0, subscribe("t", TerminusDurability.UNSETTLED_STATE, TerminusExpiryPolicy.CONNECTION_CLOSE, 0));
        assertThat(source.getDurable()).isEqualTo(TerminusDurability.NONE);
    }

    @Test
    void isEndedByALinkOfItsNameThatWantsSomethingElse() {
        attach(peer, 0, subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.CONNECTION_CLOSE, 0));
        publish("old");
        detach(peer, 0, false);
        Attach other = subscribe("s", TerminusDurability.NONE, TerminusExpiryPolicy.CONNECTION_CLOSE, 0);
        ((Source) other.getSource()).setAddress("sport");

        attach(peer, 0, other);

        assertThat(delivered(peer)).isZero();
        assertThat(queues()).isEqualTo(1);
    }

    @Test
    @Spec(section = "JMS 8", says = "a null source looks a subscription up, to unsubscribe")
    void isLookedUpByALinkWithoutSource() {
        Attach attach = subscribe("s|2", TerminusDurability.UNSETTLED_STATE, TerminusExpiryPolicy.NEVER, 0);
        var selector = new UnknownDescribedType(UnsignedLong.valueOf(0x0000468C00000004L), "n = 1");
        ((Source) attach.getSource()).setFilter(Map.of(Symbol.valueOf("jms-selector"), selector));
        attach(peer, 0, attach);
        Attach lookUp = peer.attach("s", 1, Role.RECEIVER, "");
        lookUp.setSource(null);
        peer.send(0, lookUp);
        Source found = (Source) peer.expect(Attach.class).getSource();
        assertThat(found.getAddress()).isEqualTo("news");
        assertThat(found.getDurable()).isEqualTo(TerminusDurability.UNSETTLED_STATE);
        assertThat(found.getExpiryPolicy()).isEqualTo(TerminusExpiryPolicy.NEVER);
        assertThat(found.getFilter().get(Symbol.valueOf("jms-selector")))
                .isInstanceOfSatisfying(
                        DescribedType.class,
                        kept -> assertThat(kept.getDescribed()).isEqualTo("n = 1"));
        peer.send(0, ScriptedPeer.detach(1, true));
        peer.expectDetached("amqp:resource-locked");

        detach(peer, 0, false);
        peer.send(0, lookUp);
        peer.expect(Attach.class);
        peer.send(0, ScriptedPeer.detach(1, true));
        assertThat(peer.expect(Detach.class).getError()).isNull();
        assertThat(queues()).isZero();
        peer.send(0, lookUp);
        assertThat(peer.expect(Attach.class).getSource()).isNull();
        peer.expectDetached("amqp:not-found");
    }

    @Test
    @Spec(section = "JMS 8", says = "subscriptions are durable, shared and global as their link says")
    void isNamedByItsLinkAndItsCapabilities() {
        Attach one = subscribe("s|global2", TerminusDurability.UNSETTLED_STATE, TerminusExpiryPolicy.NEVER, 0);
        ((Source) one.getSource()).setCapabilities(Symbols.TOPIC, Symbols.SHARED, Symbols.GLOBAL);
        attach(peer, 0, one);
        Attach two = subscribe("s|volatile1", TerminusDurability.NONE, TerminusExpiryPolicy.LINK_DETACH, 0);
        two.setHandle(UnsignedInteger.ONE);
        ((Source) two.getSource()).setCapabilities(Symbols.TOPIC, Symbols.SHARED);
        attach(peer, 0, two);
        Attach three = subscribe("s", TerminusDurability.UNSETTLED_STATE, TerminusExpiryPolicy.NEVER, 0);
        three.setHandle(UnsignedInteger.valueOf(2));
        attach(peer, 0, three);

        assertThat(core.queueStatus())
                .extracting(QueueStatus::name)
                .containsExactlyInAnyOrder("amq.sub-global.s", "amq.sub.peer.s.volatile", "amq.sub.peer.s");
    }

    @Test
    @Spec(section = "JMS 5.2", says = "the capability of a terminus says whether it is a queue or a topic")
    void belongsToTheTopicThatItsCapabilitySays() {
        Attach queue = peer.attach("q", 0, Role.RECEIVER, "same");
        ((Source) queue.getSource()).setCapabilities(Symbols.QUEUE);
        attach(peer, 0, queue);
        Attach topic = peer.attach("t", 1, Role.RECEIVER, "same");
        ((Source) topic.getSource()).setCapabilities(Symbols.TOPIC);
        attach(peer, 0, topic);

        assertThat(core.topology().queue("same")).isPresent();
        assertThat(core.topology().exchange("same")).isPresent();
        assertThat(queues()).isEqualTo(1);
    }

    private static Map<Symbol, Object> lifetime(Object policy) {
        return Map.of(Symbols.LIFETIME_POLICY, policy);
    }

    /** Makes a queue with a sender's link, and says what that is called. */
    private String made(Object policy) {
        Attach attach = peer.attach("maker", 3, Role.SENDER, null);
        var target = (Target) attach.getTarget();
        target.setDynamic(true);
        target.setDynamicNodeProperties(lifetime(policy));
        peer.send(0, attach);
        var answer = (Target) peer.expect(Attach.class).getTarget();
        peer.forgetAll();
        assertThat(answer.getDynamicNodeProperties().get(Symbols.LIFETIME_POLICY))
                .isEqualTo(policy);
        return answer.getAddress();
    }

    private void unmake() {
        peer.send(0, ScriptedPeer.detach(3, true));
        peer.forgetUntil(Detach.class);
    }

    private boolean exists(String queue) {
        pass(2_500);
        return core.topology().queue(queue).isPresent();
    }

    @Test
    @Spec(section = "3.5.9", says = "lifetime and distribution modes are told in the answer")
    @Spec(section = "3.5.11", says = "lifetime-policy delete-on-no-links")
    void ofADynamicNodeMayLastUntilNobodyIsLinkedToIt() {
        String queue = made(DeleteOnNoLinks.getInstance());
        ScriptedPeer other = reconnected();
        other.send(0, other.attach("in", 0, Role.RECEIVER, queue));
        other.expect(Attach.class);
        other.send(0, other.attach("out", 1, Role.SENDER, queue));
        other.forgetAll();
        unmake();
        assertThat(exists(queue)).isTrue();
        other.send(0, ScriptedPeer.detach(0, true));
        assertThat(exists(queue)).isTrue();
        other.send(0, ScriptedPeer.detach(1, true));
        assertThat(exists(queue)).isFalse();
    }

    @Test
    @Spec(section = "3.5.12", says = "lifetime-policy delete-on-no-messages")
    @Spec(section = "3.5.13", says = "lifetime-policy delete-on-no-links-or-messages")
    void ofADynamicNodeMayLastUntilItIsEmpty() {
        for (Object policy : List.of(DeleteOnNoMessages.getInstance(), DeleteOnNoLinksOrMessages.getInstance())) {
            String queue = made(policy);
            ScriptedPeer other = reconnected();
            other.send(0, other.attach("out", 0, Role.SENDER, queue));
            other.forgetAll();
            other.send(0, ScriptedPeer.transfer(0, true), other.message("m"));
            unmake();
            assertThat(exists(queue)).isTrue();
            core.topology().purge(queue);
            boolean onceEmpty = policy instanceof DeleteOnNoMessages;
            assertThat(exists(queue)).isEqualTo(!onceEmpty);
            other.send(0, new Close());
            assertThat(exists(queue)).isFalse();
        }
    }

    @Test
    @Spec(section = "JMS 5.3", says = "a temporary destination lives as long as the link that made it")
    @Spec(section = "JMS 5.3", says = "only the connection that made it may consume from it")
    void ofATemporaryTopicIsThatOfItsLink() {
        Attach maker = peer.attach("maker", 3, Role.SENDER, null);
        ((Target) maker.getTarget()).setDynamic(true);
        ((Target) maker.getTarget()).setCapabilities(Symbols.TEMPORARY_TOPIC);
        peer.send(0, maker);
        String topic = ((Target) peer.expect(Attach.class).getTarget()).getAddress();
        peer.forgetAll();
        Attach own = peer.attach("in", 0, Role.RECEIVER, topic);
        ((Source) own.getSource()).setCapabilities(Symbols.TEMPORARY_TOPIC);
        attach(peer, 0, own);
        ScriptedPeer other = reconnected();
        other.send(0, own);
        assertThat(other.expect(Attach.class).getSource()).isNull();
        other.expectDetached("amqp:resource-locked");
        Attach publisher = other.attach("out", 1, Role.SENDER, topic);
        ((Target) publisher.getTarget()).setCapabilities(Symbols.TEMPORARY_TOPIC);
        other.send(0, publisher);
        other.forgetAll();
        Transfer transfer = ScriptedPeer.transfer(0, true);
        transfer.setHandle(UnsignedInteger.ONE);
        other.send(0, transfer, other.message("reply"));
        assertThat(delivered(peer)).isEqualTo(1);

        unmake();

        pass(1);
        assertThat(core.topology().exchange(topic)).isEmpty();
        other.send(0, other.attach("again", 2, Role.SENDER, topic));
        assertThat(other.expect(Attach.class).getTarget()).isNull();
    }
}
