package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A pair of links to /management")
class ManagementLinksTest {

    private final ManagementPeer management = new ManagementPeer();
    private final ScriptedPeer peer = management.peer;

    @Test
    @Spec(section = "Link pairing", says = "two links of one name and the property paired are a pair")
    void isAnsweredAsAPairWithEightCredits() {
        peer.begun();

        peer.send(0, management.requests());
        Attach requests = peer.expect(Attach.class);
        assertEquals(Map.of(Symbol.valueOf("paired"), true), requests.getProperties());
        assertEquals("/management", ((Target) requests.getTarget()).getAddress());
        assertEquals(64 * 1024, requests.getMaxMessageSize().longValue());
        assertEquals(UnsignedInteger.valueOf(8), peer.expect(Flow.class).getLinkCredit());

        peer.send(0, management.responses());
        Attach responses = peer.expect(Attach.class);
        assertEquals(Map.of(Symbol.valueOf("paired"), true), responses.getProperties());
        assertEquals("/management", ((Source) responses.getSource()).getAddress());
        assertEquals(SenderSettleMode.SETTLED, responses.getSndSettleMode());
        peer.expectNothing();
    }

    @Test
    void isOfferedInTheOpen() {
        peer.headers();
        peer.send(0, peer.open("peer"));

        var open = peer.expect(org.apache.qpid.proton.amqp.transport.Open.class);

        assertTrue(java.util.List.of(open.getOfferedCapabilities()).contains(Symbol.valueOf("LINK_PAIR_V1_0")));
    }

    @Test
    @Spec(section = "2.8.15", says = "precondition-failed: something else is needed first")
    @Spec(section = "Link pairing", says = "what is not paired as it should be is refused")
    void isRefusedWithoutThePropertyPaired() {
        peer.begun();
        Attach attach = management.requests();
        attach.setProperties(null);

        peer.send(0, attach);

        peer.expect(Attach.class);
        peer.expectDetached("amqp:precondition-failed");
    }

    @Test
    void isRefusedForResponsesWithoutThePropertyPaired() {
        peer.begun();
        Attach attach = management.responses();
        attach.setProperties(Map.of(Symbol.valueOf("paired"), false));

        peer.send(0, attach);

        peer.expect(Attach.class);
        peer.expectDetached("amqp:precondition-failed");
    }

    @Test
    void isRefusedWhenRequestsAreNotToBeSettled() {
        peer.begun();
        Attach attach = management.requests();
        attach.setSndSettleMode(SenderSettleMode.MIXED);

        peer.send(0, attach);

        peer.expect(Attach.class);
        peer.expectDetached("amqp:precondition-failed");
    }

    @Test
    void isRefusedWhenTheTwoHalvesNameDifferentEndsOfThePeer() {
        peer.begun();
        peer.send(0, management.requests());
        peer.forgetAll();
        Attach attach = management.responses();
        var target = new Target();
        target.setAddress("elsewhere");
        attach.setTarget(target);

        peer.send(0, attach);

        peer.expect(Attach.class);
        peer.expectDetached("amqp:precondition-failed");
    }

    @Test
    void detachesForAnUnsettledRequest() {
        management.attached();
        var properties = new Properties();
        properties.setMessageId("1");

        peer.send(0, ScriptedPeer.transfer(0, false), peer.section(properties));

        peer.expectDetached("amqp:precondition-failed");
    }

    @Test
    void detachesForARequestWithoutReceiver() {
        peer.begun();
        peer.send(0, management.requests());
        peer.forgetAll();

        management.send("1", "GET", "/queues/q", null);

        peer.expectDetached("amqp:precondition-failed");
    }

    @Test
    void detachesForARequestWithoutMessageId() {
        management.attached();

        management.send(null, "GET", "/queues/q", null);

        peer.expectDetached("amqp:invalid-field");
    }

    @Test
    void detachesForARequestThatIsTooLarge() {
        management.attached();

        management.send(peer.section(new AmqpValue("x".repeat(50_000)), new AmqpValue("")));
        management.send(new byte[64 * 1024 + 1]);

        peer.forgetUntilDetach("amqp:decode-error");
    }

    @Test
    void detachesForABodyThatIsNestedTooDeeply() {
        management.attached();
        var properties = new Properties();
        properties.setMessageId("1");
        byte[] head = peer.section(properties);
        // An amqp-value of lists within lists.
        var message = java.util.Arrays.copyOf(head, head.length + 3 + 3 * 60);
        int at = head.length;
        message[at++] = 0;
        message[at++] = 0x53;
        message[at++] = 0x77;
        for (int depth = 60; depth > 0; depth--) {
            message[at++] = (byte) 0xc0;
            message[at++] = (byte) (3 * depth - 2);
            message[at++] = (byte) (depth == 1 ? 0 : 1);
        }

        management.send(message);

        peer.expectDetached("amqp:decode-error");
    }

    @Test
    void holdsAnswersUntilThereIsCreditAndTakesNoMoreRequestsMeanwhile() {
        peer.begun();
        peer.send(0, management.requests());
        peer.send(0, management.responses());
        peer.forgetAll();
        for (int i = 0; i < 8; i++) {
            management.send("id-" + i, "GET", "/queues/q", null);
        }
        Flow last = null;
        while (peer.hasNext()) {
            last = peer.expect(Flow.class);
        }
        assertNotNull(last);
        assertEquals(UnsignedInteger.ZERO, last.getLinkCredit(), "eight answers wait");

        management.credit(3);

        assertEquals("id-0", management.response().correlationId());
        assertEquals("id-1", management.response().correlationId());
        assertEquals("id-2", management.response().correlationId());
        assertEquals(UnsignedInteger.valueOf(8), peer.expect(Flow.class).getLinkCredit(), "there is room again");
        peer.expectNothing();
    }

    @Test
    void isAttachedAgainAfterItWasDetached() {
        management.attached();
        peer.send(0, ScriptedPeer.detach(ManagementPeer.REQUESTS, true));
        peer.send(0, ScriptedPeer.detach(ManagementPeer.RESPONSES, true));
        peer.forgetAll();

        peer.send(0, management.requests());
        peer.send(0, management.responses());
        peer.forgetAll();
        management.credit(10);

        assertEquals("404", management.request("GET", "/queues/q", null).code());
    }
}
