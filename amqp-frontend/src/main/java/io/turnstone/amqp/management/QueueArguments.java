package io.turnstone.amqp.management;

import io.turnstone.api.DeadLetter;
import io.turnstone.api.Message;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the arguments of a queue mean, in the words that existing clients use. The arguments themselves are kept as they
 * came. Used once, by one thread.
 */
final class QueueArguments {

    /** A hundred years. */
    private static final long MAX_MS = 3_153_600_000_000L;

    private static final int MAX_PRIORITY = 255;
    private static final int MAX_ATTEMPTS = 1_000_000;
    /** As with those brokers that count redeliveries rather than attempts. */
    private static final int UNLIMITED_DELIVERIES = -1;

    private static final List<String> TYPES = List.of("classic", "quorum", "stream");
    private static final List<String> OVERFLOWS = List.of("drop-head", "reject-publish", "reject-publish-dlx");
    private static final List<String> DEAD_LETTER_STRATEGIES = List.of("at-most-once", "at-least-once");
    private static final List<String> RETRY_TYPES = List.of("disabled", "all", "failed", "returned");

    private final String queue;
    private final QueueSpec.Builder spec;
    private long messages = QueueLimit.UNLIMITED;
    private long bytes = QueueLimit.UNLIMITED;
    private @Nullable Overflow overflow;
    private @Nullable String deadLetterExchange;
    private @Nullable String deadLetterKey;
    private int attempts = RetrySpec.DEFAULT.attempts();
    private String retryType = "disabled";
    private long retryMinMs;
    private long retryMaxMs = Message.NONE;

    private QueueArguments(String queue, QueueSpec.Builder spec) {
        this.queue = queue;
        this.spec = spec;
    }

    /**
     * Sets in a specification what the arguments ask for.
     *
     * @throws RequestRefusal naming the first argument that is not understood, and what it must be
     */
    static void apply(String queue, Map<String, Object> arguments, QueueSpec.Builder spec) {
        var reading = new QueueArguments(queue, spec);
        arguments.forEach((key, value) -> reading.read(new ArgumentReader(queue, key, value)));
        reading.finish();
        spec.arguments(arguments);
    }

    private void read(ArgumentReader argument) {
        switch (argument.key()) {
            case "x-message-ttl" -> spec.ttlMs(argument.number(0, MAX_MS));
            case "x-expires" -> spec.expiresMs(argument.number(1, MAX_MS));
            case "x-max-length" -> messages = argument.number(1, QueueLimit.UNLIMITED);
            case "x-max-length-bytes" -> bytes = argument.number(1, QueueLimit.UNLIMITED);
            case "x-overflow" -> overflow = overflow(argument.oneOf(OVERFLOWS));
            case "x-dead-letter-exchange" -> deadLetterExchange = argument.text();
            case "x-dead-letter-routing-key" -> deadLetterKey = argument.text();
            // What follows counts from 0, levels and attempts from 1.
            case "x-max-priority" ->
                spec.priorities((int) Math.min(MAX_PRIORITY, 1 + argument.number(0, MAX_PRIORITY)));
            case "x-delivery-limit" -> attempts = attempts(argument.number(UNLIMITED_DELIVERIES, MAX_ATTEMPTS - 1));
            case "x-delayed-retry-type" -> retryType = retryType(argument);
            case "x-delayed-retry-min" -> retryMinMs = argument.number(1, MAX_MS);
            case "x-delayed-retry-max" -> retryMaxMs = argument.number(1, MAX_MS);
            case "x-single-active-consumer" -> spec.singleActive(argument.flag());
            default -> readWithoutEffect(argument);
        }
    }

    private void readWithoutEffect(ArgumentReader argument) {
        switch (argument.key()) {
            case "x-queue-type" -> {
                if (argument.oneOf(TYPES).equals("stream")) {
                    throw argument.bad("is not offered yet: declare the queue as quorum or classic");
                }
            }
            // A move to a dead letter is one step in the store, so every strategy is at-least-once here.
            case "x-dead-letter-strategy" -> argument.oneOf(DEAD_LETTER_STRATEGIES);
            case "x-queue-leader-locator",
                    "x-queue-master-locator",
                    "x-queue-mode",
                    "x-queue-version",
                    "x-quorum-initial-group-size",
                    "x-quorum-target-group-size",
                    "x-initial-cluster-size",
                    "x-max-in-memory-length",
                    "x-max-in-memory-bytes",
                    "x-consumer-disconnected-timeout" -> {}
            case "x-consumer-timeout" ->
                throw argument.bad(
                        "is not supported yet: leave it out; a consumer keeps what it holds until its link ends");
            case "x-max-age", "x-stream-max-segment-size-bytes", "x-stream-filter-size-bytes" ->
                throw argument.bad("belongs to streams, which are not offered yet: leave it out");
            default -> {
                if (argument.key().startsWith("x-")) {
                    throw argument.bad("belongs to an argument that is not known: see the table in management.md");
                }
            }
        }
    }

    private static Overflow overflow(String word) {
        return switch (word) {
            case "drop-head" -> Overflow.DROP_HEAD;
            case "reject-publish-dlx" -> Overflow.DEAD_LETTER;
            default -> Overflow.REJECT;
        };
    }

    private static int attempts(long redeliveries) {
        return redeliveries == UNLIMITED_DELIVERIES ? MAX_ATTEMPTS : (int) redeliveries + 1;
    }

    private static String retryType(ArgumentReader argument) {
        String type = argument.oneOf(RETRY_TYPES);
        if (type.equals("all") || type.equals("returned")) {
            throw argument.bad("is not supported: only failed deliveries wait; write 'failed'");
        }
        return type;
    }

    private void finish() {
        if (messages != QueueLimit.UNLIMITED || bytes != QueueLimit.UNLIMITED) {
            spec.limit(new QueueLimit(messages, bytes, overflow == null ? Overflow.DROP_HEAD : overflow));
        }
        deadLetter();
        retry();
    }

    private void deadLetter() {
        String exchange = deadLetterExchange;
        String key = deadLetterKey;
        if (exchange == null && key != null) {
            throw new ArgumentReader(queue, "x-dead-letter-routing-key", key)
                    .bad("needs x-dead-letter-exchange as well");
        }
        if (exchange == null) {
            return;
        }
        if (!exchange.isEmpty()) {
            spec.deadLetter(new DeadLetter.ToExchange(exchange, key == null ? "" : key));
        } else if (key != null && !key.isEmpty()) {
            spec.deadLetter(new DeadLetter.ToQueue(key));
        } else {
            throw new ArgumentReader(queue, "x-dead-letter-exchange", exchange)
                    .bad("is the default exchange, which needs the queue's name in x-dead-letter-routing-key");
        }
    }

    private void retry() {
        long firstMs = retryType.equals("failed") ? Math.max(1, retryMinMs) : 0;
        long maxMs = retryMaxMs == Message.NONE ? Math.max(firstMs, MAX_MS) : retryMaxMs;
        if (firstMs > maxMs) {
            throw new ArgumentReader(queue, "x-delayed-retry-max", retryMaxMs)
                    .bad("must be at least x-delayed-retry-min, " + firstMs);
        }
        if (firstMs > 0) {
            spec.retry(new RetrySpec(attempts, RetrySpec.Backoff.LINEAR, firstMs, maxMs, 0));
        } else if (attempts != RetrySpec.DEFAULT.attempts()) {
            spec.retry(new RetrySpec(attempts, RetrySpec.Backoff.FIXED, 0, 0, 0));
        }
    }
}
