package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("A client")
@Timeout(60)
class ClientTest {

    private static final int FRAME = 131_072;

    @Test
    void receivesWhatAnotherSends() throws Exception {
        try (var broker = new FakeBroker(FRAME);
                Client receiver = Client.connect(BrokerUrl.parse(broker.url()), "receiver", 10_000);
                Client sender = Client.connect(BrokerUrl.parse(broker.url()), "sender", 10_000)) {
            assertThat(receiver.receiver("q", 2)).isEqualTo("q");
            int link = sender.sender("q");
            for (byte i = 0; i < 5; i++) {
                sender.send(link, new byte[] {i}, i % 2 == 0);

                assertThat(receiver.receive().get()).isEqualTo(i);
            }
        }
    }

    @Test
    void sendsWhatFitsOneFrame() throws Exception {
        try (var broker = new FakeBroker(FRAME);
                Client receiver = Client.connect(BrokerUrl.parse(broker.url()), "receiver", 10_000);
                Client sender = Client.connect(BrokerUrl.parse(broker.url()), "sender", 10_000)) {
            receiver.receiver("q", 2);
            int link = sender.sender("q");
            sender.send(link, new byte[100_000], false);

            assertThat(receiver.receive().remaining()).isEqualTo(100_000);
            assertThatThrownBy(() -> sender.send(link, new byte[FRAME], false))
                    .hasMessageContaining("does not fit one frame");
        }
    }

    @Test
    void fillsOneQueueAfterTheOther() throws Exception {
        try (var broker = new FakeBroker(FRAME)) {
            assertThat(new Queues(BrokerUrl.parse(broker.url()), "q-%d", 100).fill(3, 2))
                    .isPositive();
        }
    }

    @Test
    void staysConnectedUntilItIsClosed() throws Exception {
        try (var broker = new FakeBroker(FRAME);
                var connects = new Connects(
                        BrokerUrl.parse(broker.url()),
                        "q",
                        Optional.of(BrokerProcess.of(ProcessHandle.current().pid())))) {
            Connects.Cost cost = connects.open(5);

            assertThat(cost.connections()).isEqualTo(5);
            assertThat(cost.rate()).isPositive();
            assertThat(cost.brokerCpuMs()).isPresent();
            assertThat(connects.held(2).directBytes()).isEmpty();
        }
    }

    @Test
    void saysWhoDoesNotAnswer() throws Exception {
        var broker = new FakeBroker(FRAME);
        broker.close();

        assertThatThrownBy(() -> Client.connect(BrokerUrl.parse(broker.url()), "nobody", 1000))
                .hasMessageContaining("127.0.0.1");
    }
}
