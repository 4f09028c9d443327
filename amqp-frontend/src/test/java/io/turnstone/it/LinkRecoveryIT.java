package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
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

    private final TrackingReceiver receiver =
            new TrackingReceiver(MESSAGES, source -> source.setExpiryPolicy(TerminusExpiryPolicy.NEVER));

    @RepeatedTest(20)
    void processesEachMessageOnceWhileOthersWait(RepetitionInfo repetition) throws Exception {
        try (Protonj2Client client = broker.protonj2()) {
            for (int i = 0; i < MESSAGES; i++) {
                client.send(Outgoing.to("q", "message " + i));
            }
        }
        var random = new Random(repetition.getCurrentRepetition());
        while (!receiver.isThrough(MESSAGES)) {
            try (RawPeer peer = receiver.connected(broker.port())) {
                for (int frames = 5 + random.nextInt(60); frames > 0 && !receiver.isThrough(MESSAGES); frames--) {
                    receiver.take(peer, peer.next());
                }
                peer.vanish();
            }
        }
        assertThat(receiver.processed)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, MESSAGES)
                        .mapToObj(i -> "message " + i)
                        .toList());
        broker.awaitMessages("q", 0);
    }
}
