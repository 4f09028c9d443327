package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The router and two loops behind a receiver whose connections break at any moment. */
@DisplayName("A receiver that resumes")
@Timeout(60)
class LinkRecoveryIT {

    private static final int MESSAGES = 200;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    private final Map<Binary, DeliveryState> unsettled = new LinkedHashMap<>();
    private final List<String> processed = new ArrayList<>();

    @RepeatedTest(20)
    void processesEachMessageOnceWhileOthersWait(RepetitionInfo repetition) throws Exception {
        try (Protonj2Client client = broker.protonj2()) {
            for (int i = 0; i < MESSAGES; i++) {
                client.send(Outgoing.to("q", "message " + i));
            }
        }
        var random = new Random(repetition.getCurrentRepetition());
        while (processed.size() < MESSAGES || !unsettled.isEmpty()) {
            try (RawPeer peer = connected()) {
                for (int frames = 5 + random.nextInt(60);
                        frames > 0 && (processed.size() < MESSAGES || !unsettled.isEmpty());
                        frames--) {
                    take(peer, peer.next());
                }
                peer.vanish();
            }
        }
        assertThat(processed)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, MESSAGES)
                        .mapToObj(i -> "message " + i)
                        .toList());
        broker.awaitMessages("q", 0);
    }

    private RawPeer connected() throws IOException {
        var peer = new RawPeer(broker.port());
        peer.login();
        var open = new Open();
        open.setContainerId("reader");
        open.setHostname("localhost");
        peer.send(open);
        peer.send(RawPeer.begin());
        peer.await(Open.class);
        peer.await(Begin.class);
        Attach attach = RawPeer.attach("reading", 0, Role.RECEIVER, "/queues/q");
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        attach.setUnsettled(unsettled);
        ((Source) attach.getSource()).setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        peer.send(attach);
        Map<?, ?> theirs = peer.await(Attach.class).getUnsettled();
        unsettled.keySet().retainAll(theirs.keySet());
        peer.send(RawPeer.credit(0, MESSAGES));
        byId.clear();
        return peer;
    }

    private final Map<Integer, Binary> byId = new LinkedHashMap<>();

    private void take(RawPeer peer, Object frame) throws IOException {
        if (frame instanceof Transfer transfer) {
            Binary tag = transfer.getDeliveryTag();
            if (Boolean.TRUE.equals(transfer.getSettled())) {
                unsettled.remove(tag);
                return;
            }
            if (!(unsettled.get(tag) instanceof Accepted)) {
                String text = new String(peer.payload(), StandardCharsets.UTF_8);
                processed.add(text.substring(text.indexOf("message ")));
            }
            unsettled.put(tag, Accepted.getInstance());
            int id = transfer.getDeliveryId().intValue();
            byId.put(id, tag);
            var accepted = new Disposition();
            accepted.setRole(Role.RECEIVER);
            accepted.setFirst(transfer.getDeliveryId());
            accepted.setSettled(false);
            accepted.setState(Accepted.getInstance());
            peer.send(accepted);
        } else if (frame instanceof Disposition settled) {
            int first = settled.getFirst().intValue();
            int last = settled.getLast() == null ? first : settled.getLast().intValue();
            for (int id = first; id <= last; id++) {
                unsettled.remove(byId.get(id));
            }
        }
    }
}
