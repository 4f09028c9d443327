package io.turnstone.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryMode;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.DistributionMode;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Rejected;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.client.exceptions.ClientResourceRemotelyClosedException;
import org.apache.qpid.protonj2.types.Symbol;
import org.apache.qpid.protonj2.types.UnknownDescribedType;

/** Apache Qpid protonj2's imperative client. */
public final class Protonj2Client implements TestClient {

    private static final Client CLIENT = Client.create();

    private final Connection connection;

    /** Connects to a port of this machine. */
    public Protonj2Client(int port, String user, String password) {
        connection = open(port, new ConnectionOptions().user(user).password(password));
    }

    /** The connection itself, for scenarios of this client alone. */
    public Connection connection() {
        return connection;
    }

    /** Connects to a port of this machine and waits until the connection is open. */
    public static Connection open(int port, ConnectionOptions options) {
        try {
            Connection connection = CLIENT.connect(
                    "127.0.0.1", port, options.openTimeout(20, SECONDS).requestTimeout(20, SECONDS));
            connection.openFuture().get(20, SECONDS);
            return connection;
        } catch (Exception e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Published send(Outgoing message) {
        var options = new SenderOptions()
                .deliveryMode(message.settled() ? DeliveryMode.AT_MOST_ONCE : DeliveryMode.AT_LEAST_ONCE);
        try (Sender sender = message.target() == null
                ? connection.openAnonymousSender(options)
                : connection.openSender(message.target(), options)) {
            sender.openFuture().get(20, SECONDS);
            var tracker = sender.send(encoded(message));
            if (message.settled()) {
                return Published.of("settled");
            }
            return published(tracker.awaitSettlement(20, SECONDS).remoteState());
        } catch (Exception e) {
            return refusal(e);
        }
    }

    private static Published published(DeliveryState state) {
        String outcome = state.getType().name().toLowerCase(Locale.ROOT);
        if (state instanceof Rejected rejected) {
            String condition = Optional.ofNullable(rejected.getCondition()).orElse("");
            String description = Optional.ofNullable(rejected.getDescription()).orElse("");
            var info = new LinkedHashMap<String, Object>();
            Optional.ofNullable(rejected.getInfo()).ifPresent(info::putAll);
            return new Published(outcome, condition, description, info);
        }
        return Published.of(outcome);
    }

    private static Published refusal(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClientResourceRemotelyClosedException closed && closed.getErrorCondition() != null) {
                return new Published(
                        "refused",
                        closed.getErrorCondition().condition(),
                        Optional.ofNullable(closed.getErrorCondition().description())
                                .orElse(""),
                        java.util.Map.of());
            }
        }
        throw new ClientFailure(failure);
    }

    /** The message in this client's form, with a string body. */
    public static Message<String> encoded(Outgoing message) {
        try {
            Message<String> encoded = Message.create(message.body());
            encoded.durable(message.durable()).priority((byte) message.priority());
            if (message.to() != null) {
                encoded.to(message.to());
            }
            if (message.subject() != null) {
                encoded.subject(message.subject());
            }
            if (message.ttlMs() > 0) {
                encoded.timeToLive(message.ttlMs());
            }
            if (message.delayMs() > 0) {
                encoded.annotation("x-opt-delivery-time", System.currentTimeMillis() + message.delayMs());
            }
            if (message.replyTo() != null) {
                encoded.replyTo(message.replyTo());
            }
            for (var property : message.properties().entrySet()) {
                encoded.property(property.getKey(), property.getValue());
            }
            return encoded;
        } catch (ClientException e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Optional<Incoming> receive(String address, Settle settle) {
        try (Receiver receiver = connection.openReceiver(address, manual())) {
            receiver.openFuture().get(20, SECONDS);
            receiver.addCredit(1);
            Delivery delivery = receiver.receive(10, SECONDS);
            if (delivery == null) {
                return Optional.empty();
            }
            Incoming incoming = decoded(delivery);
            settle(delivery, settle);
            return Optional.of(incoming);
        } catch (Exception e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Optional<Incoming> receiveWhere(String address, String condition) {
        ReceiverOptions options = manual();
        options.sourceOptions()
                .filters(Map.of(
                        "selector",
                        new UnknownDescribedType(Symbol.valueOf("apache.org:selector-filter:string"), condition)));
        try (Receiver receiver = connection.openReceiver(address, options)) {
            receiver.openFuture().get(20, SECONDS);
            receiver.addCredit(1);
            return accepted(receiver);
        } catch (Exception e) {
            throw new ClientFailure(e);
        }
    }

    /** The next message, accepted; empty when none comes for ten seconds. */
    private static Optional<Incoming> accepted(Receiver receiver) throws Exception {
        Delivery delivery = receiver.receive(10, SECONDS);
        if (delivery == null) {
            return Optional.empty();
        }
        Incoming incoming = decoded(delivery);
        delivery.accept();
        return Optional.of(incoming);
    }

    /** Receivers that give credit and settle only when told to. */
    public static ReceiverOptions manual() {
        return new ReceiverOptions().creditWindow(0).autoAccept(false).autoSettle(false);
    }

    /** Ends a delivery. */
    public static void settle(Delivery delivery, Settle settle) {
        try {
            switch (settle) {
                case ACCEPTED -> delivery.accept();
                case REJECTED -> delivery.reject("test:bad", "this one is bad");
                case RELEASED -> delivery.release();
                case FAILED -> delivery.modified(true, false);
                case UNDELIVERABLE -> delivery.modified(true, true);
            }
        } catch (ClientException e) {
            throw new ClientFailure(e);
        }
    }

    /** A delivery in the form that all clients share. */
    public static Incoming decoded(Delivery delivery) {
        try {
            Message<Object> message = delivery.message();
            var annotations = new LinkedHashMap<String, Object>();
            message.forEachAnnotation(annotations::put);
            Object body = message.body();
            String text = body instanceof byte[] bytes
                    ? new String(bytes, java.nio.charset.StandardCharsets.UTF_8)
                    : String.valueOf(body);
            return new Incoming(
                    LongText.brief(text),
                    message.subject(),
                    message.replyTo(),
                    message.deliveryCount(),
                    message.priority(),
                    annotations);
        } catch (ClientException e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Optional<Incoming> receiveNoWait(String address) {
        try (Receiver receiver = connection.openReceiver(address, manual())) {
            receiver.openFuture().get(20, SECONDS);
            receiver.addCredit(1);
            receiver.drain().get(20, SECONDS);
            Delivery delivery = receiver.tryReceive();
            if (delivery == null) {
                return Optional.empty();
            }
            Incoming incoming = decoded(delivery);
            delivery.accept();
            return Optional.of(incoming);
        } catch (Exception e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public List<Incoming> browse(String address) {
        ReceiverOptions options = manual();
        options.sourceOptions().distributionMode(DistributionMode.COPY);
        try (Receiver receiver = connection.openReceiver(address, options)) {
            receiver.openFuture().get(20, SECONDS);
            receiver.addCredit(1000);
            receiver.drain().get(20, SECONDS);
            var seen = new ArrayList<Incoming>();
            for (Delivery delivery = receiver.tryReceive(); delivery != null; delivery = receiver.tryReceive()) {
                seen.add(decoded(delivery));
                delivery.accept();
            }
            return seen;
        } catch (Exception e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Optional<Incoming> request(Outgoing request) {
        try (Receiver replies = connection.openDynamicReceiver(manual())) {
            replies.openFuture().get(20, SECONDS);
            replies.addCredit(1);
            send(request.replyTo(replies.address()));
            return accepted(replies);
        } catch (Exception e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
