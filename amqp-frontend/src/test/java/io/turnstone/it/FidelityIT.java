package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A message")
@Timeout(60)
class FidelityIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    /** Encodings that are valid and that hardly anybody writes: the broker must not write them better. */
    @ParameterizedTest(name = "of {0}")
    @CsvSource({
        "one data section,                005375 a003 616263",
        "two data sections with long sizes, 005375 b000000001 61 005375 b000000001 62",
        "a sequence after long properties, 005373 d0 0000000f 00000003 a101 6d 40 b1 00000002 7878 005376 45",
        "a value under a long descriptor,  00 80 0000000000000077 b1 00000003 616263",
        "a value under a symbolic descriptor, 00 a3 11 616d71703a616d71702d76616c75653a2a 40",
        "application properties and a footer, 005374 c1 07 02 a101 6b a101 76 005377 40 005378 c1 01 00",
        "a decimal and a list of lists,    005377 c0 09 02 84 01020304 c0 01 00",
    })
    @Spec(section = "3.2", says = "the bare message is the same to the last byte")
    void keepsEveryByte(String what, String hex) throws Exception {
        byte[] bare = HexFormat.of().parseHex(hex.replace(" ", ""));
        try (RawPeer peer = RawPeer.opened(broker.port())) {
            peer.send(RawPeer.attach("in", 0, Role.SENDER, "q"));
            peer.await(Attach.class);
            peer.send(RawPeer.transfer(0, true), bare);
            peer.receiver(1, "q", 1);

            peer.await(Transfer.class);

            assertThat(HexFormat.of().formatHex(peer.payload()))
                    .endsWith(HexFormat.of().formatHex(bare));
        }
    }

    @Test
    void ofEveryJmsTypeComesBackAsItself() throws Exception {
        try (Connection connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            Session session = connection.createSession();
            TextMessage text = session.createTextMessage("text");
            assertThat(((TextMessage) passed(session, text)).getText()).isEqualTo("text");

            BytesMessage bytes = session.createBytesMessage();
            bytes.writeBytes(new byte[] {0, 1, 2});
            assertThat(((BytesMessage) passed(session, bytes)).getBodyLength()).isEqualTo(3);

            MapMessage map = session.createMapMessage();
            map.setLong("long", Long.MAX_VALUE);
            assertThat(((MapMessage) passed(session, map)).getLong("long")).isEqualTo(Long.MAX_VALUE);

            StreamMessage stream = session.createStreamMessage();
            stream.writeChar('c');
            assertThat(((StreamMessage) passed(session, stream)).readChar()).isEqualTo('c');

            ObjectMessage object = session.createObjectMessage(UUID.nameUUIDFromBytes(new byte[] {1}));
            assertThat(((ObjectMessage) passed(session, object)).getObject()).isEqualTo(object.getObject());
        }
    }

    @Test
    void keepsItsJmsHeadersAndProperties() throws Exception {
        try (Connection connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            Session session = connection.createSession();
            TextMessage sent = session.createTextMessage("text");
            sent.setJMSCorrelationID("correlation");
            sent.setJMSType("type");
            sent.setJMSReplyTo(session.createQueue("answers"));
            sent.setStringProperty("JMSXGroupID", "group");
            sent.setIntProperty("JMSXGroupSeq", 3);
            sent.setDoubleProperty("double", 1.5);
            sent.setByteProperty("byte", (byte) -1);
            sent.setBooleanProperty("boolean", true);

            Message received = passed(session, sent);

            assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
            assertThat(received.getJMSTimestamp()).isEqualTo(sent.getJMSTimestamp());
            assertThat(received.getJMSCorrelationID()).isEqualTo("correlation");
            assertThat(received.getJMSType()).isEqualTo("type");
            assertThat(received.getJMSReplyTo()).isEqualTo(session.createQueue("answers"));
            assertThat(received.getJMSDestination()).isEqualTo(session.createQueue("q"));
            assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("group");
            assertThat(received.getIntProperty("JMSXGroupSeq")).isEqualTo(3);
            assertThat(received.getDoubleProperty("double")).isEqualTo(1.5);
            assertThat(received.getByteProperty("byte")).isEqualTo((byte) -1);
            assertThat(received.getBooleanProperty("boolean")).isTrue();
        }
    }

    private static Message passed(Session session, Message message) throws Exception {
        var queue = session.createQueue("q");
        try (var producer = session.createProducer(queue);
                var consumer = session.createConsumer(queue)) {
            producer.send(message);
            return consumer.receive(10_000);
        }
    }
}
