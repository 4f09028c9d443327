package io.turnstone.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.rabbitmq.client.amqp.AddressBuilder;
import com.rabbitmq.client.amqp.AmqpException;
import com.rabbitmq.client.amqp.Connection;
import com.rabbitmq.client.amqp.Consumer;
import com.rabbitmq.client.amqp.ConsumerBuilder;
import com.rabbitmq.client.amqp.Environment;
import com.rabbitmq.client.amqp.Message;
import com.rabbitmq.client.amqp.Publisher;
import com.rabbitmq.client.amqp.impl.AmqpEnvironmentBuilder;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * RabbitMQ's AMQP 1.0 client: publishers and consumers, without its management, through which it declares reply queues. Knows
 * the path dialect only, does not drain and has no browser.
 */
public final class RabbitMqClient implements TestClient {

    private final Environment environment = new AmqpEnvironmentBuilder().build();
    private final Connection connection;

    RabbitMqClient(int port, String user, String password) {
        try {
            connection = environment
                    .connectionBuilder()
                    .host("127.0.0.1")
                    .port(port)
                    .username(user)
                    .password(password)
                    .recovery()
                    .activated(false)
                    .connectionBuilder()
                    .build();
        } catch (AmqpException e) {
            environment.close();
            throw new ClientFailure(e);
        }
    }

    @Override
    public Published send(Outgoing message) {
        var builder = connection.publisherBuilder();
        if (message.target() != null) {
            address(message.target(), builder);
        }
        try (Publisher publisher = builder.build()) {
            var ended = new CompletableFuture<Publisher.Context>();
            publisher.publish(encoded(publisher, message), ended::complete);
            Publisher.Context context = ended.get(20, SECONDS);
            String why =
                    context.failureCause() == null ? "" : context.failureCause().toString();
            return new Published(context.status().name().toLowerCase(Locale.ROOT), "", why, Map.of());
        } catch (AmqpException.AmqpEntityDoesNotExistException e) {
            return new Published("refused", "amqp:not-found", String.valueOf(e.getMessage()), Map.of());
        } catch (AmqpException e) {
            return new Published("refused", "", String.valueOf(e.getMessage()), Map.of());
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new ClientFailure(e);
        }
    }

    private static Message encoded(Publisher publisher, Outgoing message) {
        Message encoded = publisher
                .message(message.body().getBytes(UTF_8))
                .durable(message.durable())
                .priority((byte) message.priority());
        if (message.to() != null) {
            address(message.to(), encoded.toAddress()).message();
        }
        if (message.subject() != null) {
            encoded.subject(message.subject());
        }
        if (message.ttlMs() > 0) {
            encoded.ttl(java.time.Duration.ofMillis(message.ttlMs()));
        }
        if (message.replyTo() != null) {
            encoded.replyTo(message.replyTo());
        }
        if (message.delayMs() > 0) {
            encoded.annotation("x-opt-delivery-delay", message.delayMs());
        }
        message.properties().forEach((name, value) -> {
            if (value instanceof Integer number) {
                encoded.property(name, number.intValue());
            } else {
                encoded.property(name, value.toString());
            }
        });
        return encoded;
    }

    /** Takes an address of the path dialect apart, as this client wants it. */
    private static <T extends AddressBuilder<T>> T address(String address, T builder) {
        List<String> parts = List.of(address.split("/", -1));
        if (parts.get(1).equals("queues")) {
            return builder.queue(decoded(parts.get(2)));
        }
        T exchange = builder.exchange(decoded(parts.get(2)));
        return parts.size() > 3 ? exchange.key(decoded(parts.get(3))) : exchange;
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), UTF_8);
    }

    @Override
    public Optional<Incoming> receive(String address, Settle settle) {
        return receive(consumer(address), settle);
    }

    @Override
    public Optional<Incoming> receiveWhere(String address, String condition) {
        ConsumerBuilder builder = consumer(address);
        return receive(builder.stream().filter().sql(condition).stream().builder(), Settle.ACCEPTED);
    }

    private ConsumerBuilder consumer(String address) {
        return connection.consumerBuilder().queue(decoded(address.substring("/queues/".length())));
    }

    private static Optional<Incoming> receive(ConsumerBuilder from, Settle settle) {
        var taken = new CompletableFuture<Incoming>();
        Consumer consumer = from.initialCredits(1)
                .messageHandler((context, message) -> {
                    if (taken.isDone()) {
                        context.requeue();
                        return;
                    }
                    Incoming incoming = decoded(message);
                    settle(context, settle);
                    taken.complete(incoming);
                })
                .build();
        try {
            return Optional.of(taken.get(10, SECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException | ExecutionException e) {
            throw new ClientFailure(e);
        } finally {
            consumer.close();
        }
    }

    private static void settle(Consumer.Context context, Settle settle) {
        switch (settle) {
            case ACCEPTED -> context.accept();
            case REJECTED -> context.discard();
            case RELEASED -> context.requeue();
            case FAILED -> context.requeue(Map.of("x-opt-seen", "yes"), true);
            case UNDELIVERABLE -> context.discard(Map.of("x-opt-seen", "yes"));
        }
    }

    private static Incoming decoded(Message message) {
        var annotations = new LinkedHashMap<String, Object>();
        message.forEachAnnotation(annotations::put);
        return new Incoming(
                LongText.brief(text(message)),
                message.subject(),
                message.replyTo(),
                message.deliveryCount(),
                message.priority(),
                annotations);
    }

    /** Strings of other clients too: this one knows bytes only, unless asked. */
    private static String text(Message message) {
        Message.Converter<Object, String> converter =
                body -> body instanceof byte[] bytes ? new String(bytes, UTF_8) : String.valueOf(body);
        return message.body(converter);
    }

    @Override
    public void close() {
        connection.close();
        environment.close();
    }
}
