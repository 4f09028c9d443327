package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import io.turnstone.it.client.Settle;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.Map;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Receiver;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A delivery that comes again")
@Timeout(60)
class RedeliveryIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    @Test
    @Spec(section = "3.2.1", says = "first-acquirer is true for the first only")
    void isNoLongerForItsFirstAcquirer() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual())) {
            client.send(Outgoing.to("q", "again"));
            receiver.addCredit(2);
            Delivery first = receiver.receive(10, SECONDS);
            assertThat(first.message().firstAcquirer()).isTrue();

            first.release();

            assertThat(receiver.receive(10, SECONDS).message().firstAcquirer()).isFalse();
        }
    }

    @Test
    @Spec(section = "3.4.5", says = "message-annotations are merged into those of the message")
    void carriesTheAnnotationsOfItsModification() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual())) {
            client.send(Outgoing.to("q", "again"));
            receiver.addCredit(2);

            receiver.receive(10, SECONDS)
                    .disposition(DeliveryState.modified(true, false, Map.of("x-opt-note", "tried")), true);

            assertThat(receiver.receive(10, SECONDS).message().annotation("x-opt-note"))
                    .isEqualTo("tried");
        }
    }

    @Test
    @Spec(section = "3.4.5", says = "undeliverable-here: never again to this link")
    void avoidsTheLinkThatCannotDeliverIt() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver unable = client.connection().openReceiver("q", Protonj2Client.manual())) {
            client.send(Outgoing.to("q", "not here"));
            unable.addCredit(10);
            unable.receive(10, SECONDS).modified(false, true);

            client.send(Outgoing.to("q", "here"));

            assertThat(unable.receive(10, SECONDS).message().body()).isEqualTo("here");
            assertThat(client.receive("q", Settle.ACCEPTED)).map(Incoming::body).contains("not here");
        }
    }

    @Test
    @Spec(section = "3.4.4", says = "a released message is as if it had never been sent, and keeps its place")
    void keepsItsPlaceInTheQueue() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual())) {
            for (String body : new String[] {"one", "two", "three"}) {
                client.send(Outgoing.to("q", body));
            }
            receiver.addCredit(2);
            Delivery one = receiver.receive(10, SECONDS);
            Delivery two = receiver.receive(10, SECONDS);
            two.release();
            one.release();
            broker.awaitReady("q", 3);

            assertThat(client.browse("q")).extracting(Incoming::body).containsExactly("one", "two", "three");
        }
    }

    @Test
    @Spec(section = "3.2.1", says = "delivery-count tells the attempts that failed")
    void isMarkedInJms() throws Exception {
        try (var connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            var queue = session.createQueue("q");
            session.createProducer(queue).send(session.createTextMessage("again"));
            var consumer = session.createConsumer(queue);
            assertThat(consumer.receive(10_000).getJMSRedelivered()).isFalse();

            session.recover();

            Message again = consumer.receive(10_000);
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
            again.acknowledge();
        }
        broker.awaitMessages("q", 0);
    }
}
