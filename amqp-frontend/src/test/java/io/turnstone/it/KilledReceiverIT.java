package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A receiver resumes what was unsettled when the broker was killed: it processes each message once, and nobody else does. */
@DisplayName("A broker that is killed under a receiver that resumes")
@Timeout(120)
class KilledReceiverIT {

    private static final int ROUNDS = 4;
    /** The round in which it is stopped in good order. */
    private static final int ORDERLY = 2;

    private static final int MESSAGES = 150;
    private static final String QUEUES = "queues: { q: {} }\n";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final TrackingReceiver receiver = new TrackingReceiver(MESSAGES / 3, KilledReceiverIT::lasting);

    @Test
    void keepsItsGroupsFromOthers() throws Exception {
        String grouped = "queues: { q: { groups: true } }\n";
        var one = new TrackingReceiver(1, KilledReceiverIT::lasting);
        try (ForkedBroker broker = ForkedBroker.start(folder, grouped);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            for (int i = 0; i < 20; i++) {
                client.send(Outgoing.to("q", "message " + i).property("JMSXGroupID", i % 2 == 0 ? "even" : "odd"));
            }
            try (RawPeer peer = one.connected(broker.port())) {
                peer.await(Transfer.class);
                broker.kill();
            }
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, grouped);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            assertThat(Load.drain(client, "q")).isEqualTo(messages(1));
            try (RawPeer peer = one.connected(broker.port())) {
                peer.send(RawPeer.credit(0, 20));
                while (!one.isThrough(10)) {
                    one.take(peer, peer.next());
                }
            }
            assertThat(one.processed).isEqualTo(messages(0));
        }
    }

    private static void lasting(Source source) {
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
    }

    private static List<String> messages(int first) {
        return IntStream.range(0, 10)
                .mapToObj(number -> "message " + (first + 2 * number))
                .toList();
    }

    @Test
    @Spec(section = "3.5.5", says = "unsettled-state: the state of its deliveries is there after a restart")
    void sendsEachMessageOnce() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, QUEUES);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            for (int i = 0; i < MESSAGES; i++) {
                client.send(Outgoing.to("q", "message " + i));
            }
        }
        var random = new Random(5);
        for (int round = 0; round < ROUNDS; round++) {
            try (ForkedBroker broker = ForkedBroker.start(folder, QUEUES);
                    RawPeer peer = receiver.connected(broker.port())) {
                for (int frames = 1 + random.nextInt(50); frames > 0; frames--) {
                    receiver.take(peer, peer.next());
                }
                receiver.miss(peer);
                if (round == ORDERLY) {
                    broker.terminate();
                } else {
                    broker.kill();
                }
            }
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, QUEUES);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            assertThat(receiver.unsettled).isNotEmpty();
            var all = new ArrayList<>(Load.drain(client, "q"));
            int others = all.size();
            assertThat(others).isLessThan(MESSAGES - receiver.processed.size());
            try (RawPeer peer = receiver.connected(broker.port())) {
                while (!receiver.isThrough(MESSAGES - others)) {
                    receiver.take(peer, peer.next());
                }
            }
            all.addAll(receiver.processed);
            assertThat(all)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, MESSAGES)
                            .mapToObj(number -> "message " + number)
                            .toList());
            assertThat(Load.drain(client, "q")).isEmpty();
        }
    }
}
