package io.turnstone.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.amqp.AmqpClient;
import io.vertx.amqp.AmqpClientOptions;
import io.vertx.amqp.AmqpConnection;
import io.vertx.amqp.AmqpMessage;
import io.vertx.amqp.AmqpMessageBuilder;
import io.vertx.amqp.AmqpReceiver;
import io.vertx.amqp.AmqpReceiverOptions;
import io.vertx.amqp.AmqpSender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.message.Message;

/** The AMQP client of Vert.x. It neither drains, browses nor sends settled. */
public final class VertxClient implements TestClient {

    private static final Vertx VERTX = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private static final Pattern CONDITION = Pattern.compile("condition=([a-z0-9:-]+)");

    private final AmqpClient client;
    private final AmqpConnection connection;

    VertxClient(int port, String user, String password) {
        this(new AmqpClientOptions().setPort(port).setUsername(user).setPassword(password));
    }

    /** Connects to this machine with more options. */
    public VertxClient(AmqpClientOptions options) {
        client = AmqpClient.create(VERTX, options.setHost("127.0.0.1"));
        try {
            connection = done(client.connect());
        } catch (ClientFailure e) {
            client.close();
            throw e;
        }
    }

    /** The connection itself, for scenarios of this client alone. */
    public AmqpConnection connection() {
        return connection;
    }

    /** Waits for it. */
    public static <T> T done(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Published send(Outgoing message) {
        Future<AmqpSender> opening = message.target() == null
                ? connection.createAnonymousSender()
                : connection.createSender(message.target());
        var ended = new CompletableFuture<Published>();
        AmqpSender sender;
        try {
            sender = done(opening);
        } catch (ClientFailure e) {
            return failed("refused", e);
        }
        sender.exceptionHandler(why -> ended.complete(failed("refused", why)));
        sender.sendWithAck(encoded(message))
                .onComplete(answer -> ended.complete(
                        answer.succeeded()
                                ? Published.of("accepted")
                                : failed(
                                        answer.cause().getMessage().contains("RELEASED") ? "released" : "rejected",
                                        answer.cause())));
        try {
            return ended.get(20, SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new ClientFailure(e);
        } finally {
            sender.close();
        }
    }

    /** This client says conditions in the words of its exceptions. */
    private static Published failed(String outcome, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        Matcher condition = CONDITION.matcher(String.valueOf(cause.getMessage()));
        return new Published(
                outcome, condition.find() ? condition.group(1) : "", String.valueOf(cause.getMessage()), Map.of());
    }

    /** The message in this client's form. */
    public static AmqpMessage encoded(Outgoing message) {
        AmqpMessageBuilder builder = AmqpMessage.create()
                .withBody(message.body())
                .durable(message.durable())
                .priority((short) message.priority());
        if (message.to() != null) {
            builder.address(message.to());
        }
        if (message.subject() != null) {
            builder.subject(message.subject());
        }
        if (message.ttlMs() > 0) {
            builder.ttl(message.ttlMs());
        }
        if (message.replyTo() != null) {
            builder.replyTo(message.replyTo());
        }
        if (!message.properties().isEmpty()) {
            builder.applicationProperties(new JsonObject(message.properties()));
        }
        AmqpMessage encoded = builder.build();
        if (message.delayMs() > 0) {
            encoded.unwrap()
                    .setMessageAnnotations(
                            new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-delivery-delay"), message.delayMs())));
        }
        return encoded;
    }

    @Override
    public Optional<Incoming> receive(String address, Settle settle) {
        return one(connection.createReceiver(address, manual()), settle);
    }

    @Override
    public Optional<Incoming> receiveWhere(String address, String condition) {
        return one(connection.createReceiver(address, manual().setSelector(condition)), Settle.ACCEPTED);
    }

    /** Receivers with a credit of one that settle only when told to. */
    public static AmqpReceiverOptions manual() {
        return new AmqpReceiverOptions().setMaxBufferedMessages(1).setAutoAcknowledgement(false);
    }

    private static Optional<Incoming> one(Future<AmqpReceiver> opening, Settle settle) {
        var taken = new CompletableFuture<Incoming>();
        AmqpReceiver receiver = done(opening.map(opened -> taking(opened, settle, taken)));
        try {
            return Optional.of(taken.get(10, SECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException | ExecutionException e) {
            throw new ClientFailure(e);
        } finally {
            done(receiver.close());
        }
    }

    /** Takes one; what comes after it stays unsettled and goes back with the link. */
    private static AmqpReceiver taking(AmqpReceiver receiver, Settle settle, CompletableFuture<Incoming> taken) {
        receiver.exceptionHandler(taken::completeExceptionally);
        return receiver.handler(message -> {
            receiver.pause();
            settle(message, settle);
            taken.complete(decoded(message));
        });
    }

    private static void settle(AmqpMessage message, Settle settle) {
        switch (settle) {
            case ACCEPTED -> message.accepted();
            case REJECTED -> message.rejected();
            case RELEASED -> message.released();
            case FAILED -> message.modified(true, false);
            case UNDELIVERABLE -> message.modified(true, true);
        }
    }

    /** A message in the form that all clients share. */
    public static Incoming decoded(AmqpMessage message) {
        var annotations = new LinkedHashMap<String, Object>();
        if (message.unwrap().getMessageAnnotations() != null) {
            message.unwrap()
                    .getMessageAnnotations()
                    .getValue()
                    .forEach((name, value) -> annotations.put(name.toString(), value));
        }
        return new Incoming(
                LongText.brief(text(message.unwrap())),
                message.subject(),
                message.replyTo(),
                message.deliveryCount(),
                message.priority(),
                annotations);
    }

    private static String text(Message message) {
        if (message.getBody() instanceof Data data) {
            return StandardCharsets.UTF_8.decode(data.getValue().asByteBuffer()).toString();
        }
        return String.valueOf(((AmqpValue) message.getBody()).getValue());
    }

    @Override
    public Optional<Incoming> request(Outgoing request) {
        var reply = new CompletableFuture<Incoming>();
        AmqpReceiver replies =
                done(connection.createDynamicReceiver().map(opened -> taking(opened, Settle.ACCEPTED, reply)));
        try {
            send(request.replyTo(replies.address()));
            return Optional.of(reply.get(10, SECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException | ExecutionException e) {
            throw new ClientFailure(e);
        } finally {
            done(replies.close());
        }
    }

    @Override
    public void close() {
        try {
            client.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // the broker was gone before
        }
    }
}
