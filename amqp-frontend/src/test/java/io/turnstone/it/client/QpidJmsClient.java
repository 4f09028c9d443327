package io.turnstone.it.client;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.JmsSendTimedOutException;

/** Apache Qpid JMS. Without prefetch, so that a receive without a wait is a drain on the wire. */
public final class QpidJmsClient implements TestClient {

    /**
     * Pulls, and shows what expired: this client throws away whatever is past its absolute expiry time, dead letters
     * included, unless told otherwise.
     */
    private static final String OPTIONS = "?jms.prefetchPolicy.all=0&jms.localMessageExpiry=false";

    /** Each message is acknowledged by itself. */
    private static final int INDIVIDUAL_ACKNOWLEDGE = 101;

    private static final String ACK_TYPE = "JMS_AMQP_ACK_TYPE";

    private final Connection connection;
    private final Session session;

    QpidJmsClient(int port, String user, String password) {
        try {
            connection = open("amqp://127.0.0.1:" + port + OPTIONS, user, password);
            session = connection.createSession(false, INDIVIDUAL_ACKNOWLEDGE);
        } catch (JMSException e) {
            throw new ClientFailure(e);
        }
    }

    /** Connects and starts. */
    public static Connection open(String uri, String user, String password) throws JMSException {
        Connection connection = new JmsConnectionFactory(user, password, uri).createConnection();
        connection.start();
        return connection;
    }

    @Override
    public Published send(Outgoing message) {
        try (MessageProducer producer =
                session.createProducer(message.target() == null ? null : session.createQueue(message.target()))) {
            return send(producer, message);
        } catch (InvalidDestinationException e) {
            return new Published("refused", "amqp:not-found", String.valueOf(e.getMessage()), Map.of());
        } catch (JMSException e) {
            return new Published("refused", "", String.valueOf(e.getMessage()), Map.of());
        }
    }

    private Published send(MessageProducer producer, Outgoing message) throws JMSException {
        TextMessage encoded = session.createTextMessage(message.body());
        encoded.setJMSType(message.subject());
        for (var property : message.properties().entrySet()) {
            encoded.setObjectProperty(property.getKey(), property.getValue());
        }
        if (message.replyTo() != null) {
            encoded.setJMSReplyTo(session.createQueue(message.replyTo()));
        }
        producer.setDeliveryDelay(message.delayMs());
        int mode = message.durable() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
        try {
            if (message.target() == null) {
                Queue to = session.createQueue(message.to());
                producer.send(to, encoded, mode, message.priority(), message.ttlMs());
            } else {
                producer.send(encoded, mode, message.priority(), message.ttlMs());
            }
            return Published.of(message.settled() ? "settled" : "accepted");
        } catch (JmsSendTimedOutException e) {
            throw new ClientFailure(e);
        } catch (JMSException e) {
            return outcome(e);
        }
    }

    /** This client throws another exception for each condition of a rejected message; the rest it names. */
    private static Published outcome(JMSException failure) {
        String text = String.valueOf(failure.getMessage());
        boolean released = text.contains("RELEASED") || text.contains("released");
        return new Published(released ? "released" : "rejected", "", text, Map.of());
    }

    @Override
    public Optional<Incoming> receive(String address, Settle settle) {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(address))) {
            Message message = consumer.receive(10_000);
            if (message == null) {
                return Optional.empty();
            }
            Incoming incoming = decoded(message);
            message.setIntProperty(ACK_TYPE, ackType(settle));
            message.acknowledge();
            return Optional.of(incoming);
        } catch (JMSException e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Optional<Incoming> receiveWhere(String address, String condition) {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(address), condition)) {
            Message message = consumer.receive(10_000);
            if (message == null) {
                return Optional.empty();
            }
            message.acknowledge();
            return Optional.of(decoded(message));
        } catch (JMSException e) {
            throw new ClientFailure(e);
        }
    }

    /** In the numbers of {@code JmsMessageSupport}. */
    private static int ackType(Settle settle) {
        return switch (settle) {
            case ACCEPTED -> 1;
            case REJECTED -> 2;
            case RELEASED -> 3;
            case FAILED -> 4;
            case UNDELIVERABLE -> 5;
        };
    }

    @Override
    public Optional<Incoming> receiveNoWait(String address) {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(address))) {
            Message message = consumer.receiveNoWait();
            if (message == null) {
                return Optional.empty();
            }
            message.acknowledge();
            return Optional.of(decoded(message));
        } catch (JMSException e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public List<Incoming> browse(String address) {
        try (QueueBrowser browser = session.createBrowser(session.createQueue(address))) {
            var seen = new ArrayList<Incoming>();
            for (Enumeration<?> messages = browser.getEnumeration(); messages.hasMoreElements(); ) {
                seen.add(decoded((Message) messages.nextElement()));
            }
            return seen;
        } catch (JMSException e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Optional<Incoming> request(Outgoing request) {
        try {
            TemporaryQueue replies = session.createTemporaryQueue();
            try (MessageConsumer consumer = session.createConsumer(replies)) {
                send(request.replyTo(replies.getQueueName()));
                Message reply = consumer.receive(10_000);
                if (reply == null) {
                    return Optional.empty();
                }
                reply.acknowledge();
                return Optional.of(decoded(reply));
            } finally {
                replies.delete();
            }
        } catch (JMSException e) {
            throw new ClientFailure(e);
        }
    }

    private static Incoming decoded(Message message) throws JMSException {
        Queue replyTo = (Queue) message.getJMSReplyTo();
        return new Incoming(
                LongText.brief(text(message)),
                message.getJMSType(),
                replyTo == null ? null : replyTo.getQueueName(),
                message.getIntProperty("JMSXDeliveryCount") - 1,
                message.getJMSPriority(),
                Map.of());
    }

    private static String text(Message message) throws JMSException {
        if (message instanceof BytesMessage bytes) {
            byte[] body = new byte[Math.toIntExact(bytes.getBodyLength())];
            bytes.readBytes(body);
            return new String(body, java.nio.charset.StandardCharsets.UTF_8);
        }
        return ((TextMessage) message).getText();
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (JMSException e) {
            throw new ClientFailure(e);
        }
    }
}
