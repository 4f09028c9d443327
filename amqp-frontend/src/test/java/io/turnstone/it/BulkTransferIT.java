package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.LongText;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Session;
import java.nio.ByteBuffer;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A hundred thousand messages of 1 KiB")
@Timeout(120)
class BulkTransferIT {

    private static final int COUNT = 100_000;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { durable: {}, quick: { durable: false } }");

    @Test
    void thatAreDurableArriveInOrderAndNoneTwice() throws Exception {
        try (Protonj2Client producer = broker.protonj2();
                Protonj2Client consumer = broker.protonj2();
                Sender sender = producer.connection().openSender("durable");
                Receiver receiver =
                        consumer.connection().openReceiver("durable", new ReceiverOptions().creditWindow(1000))) {
            var sending = Background.start(() -> {
                Tracker last = null;
                for (int i = 0; i < COUNT; i++) {
                    last = sender.send(Message.create(numbered(i)).durable(true));
                }
                assertThat(last).isNotNull();
                last.awaitAccepted(60, SECONDS);
            });

            for (int i = 0; i < COUNT; i++) {
                Delivery delivery = receiver.receive(30, SECONDS);
                assertThat(delivery).as("message %d", i).isNotNull();
                assertThat(number(delivery.<byte[]>message().body())).isEqualTo(i);
            }
            sending.get(30, SECONDS);
            broker.awaitMessages("durable", 0);
        }
    }

    @Test
    void thatAreNotDurableArriveInOrderAndNoneTwiceInJms() throws Exception {
        String uri = broker.uri() + "?jms.forceAsyncSend=true&jms.prefetchPolicy.all=1000";
        try (Connection producing = QpidJmsClient.open(uri, "guest", "guest");
                Connection consuming = QpidJmsClient.open(uri, "guest", "guest")) {
            var sending = Background.start(() -> {
                Session session = producing.createSession();
                var producer = session.createProducer(session.createQueue("quick"));
                producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
                for (int i = 0; i < COUNT; i++) {
                    BytesMessage message = session.createBytesMessage();
                    message.writeBytes(numbered(i));
                    producer.send(message);
                }
            });

            Session session = consuming.createSession();
            var consumer = session.createConsumer(session.createQueue("quick"));
            for (int i = 0; i < COUNT; i++) {
                var message = (BytesMessage) consumer.receive(30_000);
                assertThat(message).as("message %d", i).isNotNull();
                assertThat(message.readInt()).isEqualTo(i);
            }
            sending.get(30, SECONDS);
            broker.awaitMessages("quick", 0);
        }
    }

    private static final byte[] FILL = LongText.ofLength(1024).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private static byte[] numbered(int number) {
        byte[] body = FILL.clone();
        ByteBuffer.wrap(body).putInt(number);
        return body;
    }

    private static int number(byte[] body) {
        return ByteBuffer.wrap(body).getInt();
    }
}
