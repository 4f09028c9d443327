package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Topology;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.router.RouterCore;
import io.turnstone.router.RouterSettings;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** A peer with a pair of links to the management node of a broker whose topology is real. */
final class ManagementPeer {

    static final int REQUESTS = 0;
    static final int RESPONSES = 1;
    static final String PAIR = "management-link-pair";

    /** What came back. */
    record Response(Object correlationId, String code, Object body) {
        Map<?, ?> map() {
            return (Map<?, ?>) body;
        }

        String text() {
            return (String) body;
        }
    }

    final ScriptedPeer peer = new ScriptedPeer();
    final Topology topology;
    private int deliveryId;

    ManagementPeer() {
        this((identity, action, resource) -> true);
    }

    ManagementPeer(Authorizer authorizer) {
        var defaults = RouterSettings.defaults(Map.of(AmqpFormat.INSTANCE.id(), AmqpFormat.INSTANCE));
        var settings = new RouterSettings(
                false,
                authorizer,
                List.of(),
                List.of(),
                List.of(),
                event -> {},
                defaults.formats(),
                defaults.memoryBudgetBytes(),
                defaults.limits());
        RouterCore core = RouterCore.start(settings, List.of(peer.loop), FakeStore.automatic());
        topology = core.topology();
        peer.router.topologies = core::topology;
    }

    /** With both halves attached and credit both ways. */
    ManagementPeer attached() {
        peer.begun();
        peer.send(0, requests());
        peer.expect(Attach.class);
        assertEquals(UnsignedInteger.valueOf(8), peer.expect(Flow.class).getLinkCredit());
        peer.send(0, responses());
        peer.expect(Attach.class);
        credit(1_000);
        return this;
    }

    void credit(int credit) {
        Flow flow = peer.flow(0, credit);
        flow.setHandle(UnsignedInteger.valueOf(RESPONSES));
        peer.send(0, flow);
    }

    Attach requests() {
        return half(REQUESTS, Role.SENDER);
    }

    Attach responses() {
        return half(RESPONSES, Role.RECEIVER);
    }

    private Attach half(int handle, Role role) {
        Attach attach = peer.attach(PAIR, handle, role, "/management");
        attach.setSndSettleMode(SenderSettleMode.SETTLED);
        attach.setProperties(Map.of(Symbol.valueOf("paired"), true));
        return attach;
    }

    Response request(String method, String target, Object body) {
        UUID id = UUID.randomUUID();
        send(id, method, target, body);
        Response response = response();
        assertEquals(id, response.correlationId());
        return response;
    }

    void send(Object id, String method, String target, Object body) {
        var properties = new Properties();
        properties.setMessageId(id);
        properties.setSubject(method);
        properties.setTo(target);
        properties.setReplyTo("$me");
        send(peer.section(properties, new AmqpValue(body)));
    }

    void send(byte... message) {
        peer.send(0, ScriptedPeer.transfer(deliveryId++, true), message);
    }

    Response response() {
        ScriptedPeer.Frame frame = peer.next();
        while (frame.body() instanceof Flow) {
            frame = peer.next();
        }
        var transfer = (Transfer) frame.body();
        assertEquals(UnsignedInteger.valueOf(RESPONSES), transfer.getHandle());
        assertTrue(transfer.getSettled());
        var decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        ByteBuffer payload = ByteBuffer.wrap(frame.payload());
        decoder.setByteBuffer(payload);
        var properties = (Properties) decoder.readObject();
        var application = (ApplicationProperties) decoder.readObject();
        assertEquals(Map.of("http:response", "1.1"), application.getValue());
        Object body = ((AmqpValue) decoder.readObject()).getValue();
        return new Response(properties.getCorrelationId(), properties.getSubject(), body);
    }

    /** Expects a request to be answered without a body. */
    void done(String method, String target, Object body) {
        Response response = request(method, target, body);
        assertEquals("204", response.code(), () -> String.valueOf(response.body()));
    }

    Response declareQueue(String name, Map<String, ?> arguments) {
        return request("PUT", "/queues/" + name, Map.of("arguments", arguments));
    }

    void bind(String source, String queue, String key, Map<String, ?> arguments) {
        var body = new HashMap<String, Object>();
        body.put("source", source);
        body.put("destination_queue", queue);
        body.put("binding_key", key);
        body.put("arguments", arguments);
        done("POST", "/bindings", body);
    }
}
