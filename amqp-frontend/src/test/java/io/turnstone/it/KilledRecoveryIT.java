package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.Protonj2Client;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A sender resumes what was unsettled when the broker was killed: nothing it sent is lost or there twice. */
@DisplayName("A broker that is killed under a sender that resumes")
@Timeout(120)
class KilledRecoveryIT {

    private static final int ROUNDS = 3;
    /** All rounds together are less than the credit of a durable target, so that nobody has to wait for more. */
    private static final int PER_ROUND = 30;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final EncoderImpl encoder;
    private final Map<Binary, DeliveryState> unsettled = new LinkedHashMap<>();
    private final Map<Integer, Binary> byId = new HashMap<>();
    private int sent;
    private int nextId;

    KilledRecoveryIT() {
        var decoder = new DecoderImpl();
        encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    @Test
    @Spec(section = "3.5.5", says = "unsettled-state: the state of its deliveries is there after a restart")
    void takesEachMessageOnce() throws Exception {
        var random = new Random(11);
        for (int round = 0; round < ROUNDS; round++) {
            try (ForkedBroker broker = ForkedBroker.start(folder, "queues: { q: {} }\n");
                    RawPeer peer = connected(broker)) {
                for (int i = 0; i < PER_ROUND; i++) {
                    send(peer, sent++);
                }
                int answers = random.nextInt(3);
                for (int i = 0; i < answers && !unsettled.isEmpty(); i++) {
                    settle(peer, peer.await(Disposition.class));
                }
                broker.kill();
            }
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, "queues: { q: {} }\n");
                RawPeer peer = connected(broker);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            while (!unsettled.isEmpty()) {
                settle(peer, peer.await(Disposition.class));
            }
            List<String> all = IntStream.range(0, ROUNDS * PER_ROUND)
                    .mapToObj(number -> "message " + number)
                    .toList();
            assertThat(Load.drain(client, "q")).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    /** Connects and resumes, or sends again, whatever is unsettled. */
    private RawPeer connected(ForkedBroker broker) throws IOException {
        var peer = new RawPeer(broker.port());
        peer.login();
        var open = new Open();
        open.setContainerId("payments");
        open.setHostname("localhost");
        peer.send(open);
        peer.send(RawPeer.begin());
        peer.await(Open.class);
        peer.await(Begin.class);
        Attach attach = RawPeer.attach("orders", 0, Role.SENDER, "/queues/q");
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        attach.setUnsettled(unsettled);
        ((Target) attach.getTarget()).setDurable(TerminusDurability.UNSETTLED_STATE);
        ((Target) attach.getTarget()).setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        peer.send(attach);
        Map<?, ?> theirs = peer.await(Attach.class).getUnsettled();
        peer.await(Flow.class);
        byId.clear();
        nextId = 0;
        for (Binary tag : List.copyOf(unsettled.keySet())) {
            if (theirs.containsKey(tag)) {
                assertThat(theirs.get(tag)).isInstanceOf(Accepted.class);
                Transfer settling = transfer(tag);
                settling.setResume(true);
                settling.setSettled(true);
                settling.setState(Accepted.getInstance());
                peer.send(settling);
                unsettled.remove(tag);
            } else {
                send(peer, tag.asByteBuffer().getInt());
            }
        }
        return peer;
    }

    private Transfer transfer(Binary tag) {
        Transfer transfer = RawPeer.transfer(nextId, false);
        transfer.setDeliveryTag(tag);
        byId.put(nextId++, tag);
        return transfer;
    }

    private void send(RawPeer peer, int number) throws IOException {
        var tag = new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
        unsettled.put(tag, null);
        Transfer transfer = transfer(tag);
        ByteBuffer bytes = ByteBuffer.allocate(256);
        encoder.setByteBuffer(bytes);
        var header = new Header();
        header.setDurable(true);
        encoder.writeObject(header);
        encoder.writeObject(new AmqpValue("message " + number));
        var payload = new byte[bytes.flip().remaining()];
        bytes.get(payload);
        peer.send(transfer, payload);
    }

    private void settle(RawPeer peer, Disposition told) throws IOException {
        int first = told.getFirst().intValue();
        int last = told.getLast() == null ? first : told.getLast().intValue();
        assertThat(told.getSettled()).isFalse();
        var settling = new Disposition();
        settling.setRole(Role.SENDER);
        settling.setFirst(UnsignedInteger.valueOf(first));
        settling.setLast(UnsignedInteger.valueOf(last));
        settling.setSettled(true);
        settling.setState(told.getState());
        peer.send(settling);
        for (int id = first; id <= last; id++) {
            unsettled.remove(byId.get(id));
        }
    }
}
