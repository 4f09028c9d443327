package io.turnstone.api;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a queue is: validated and immutable. Durations in milliseconds.
 *
 * @param name unique among queues, 1 to 255 characters without control characters
 * @param durable the queue and its durable messages survive a restart
 * @param priorities number of priority levels, 1 (plain FIFO) to 255
 * @param ttlMs longest life of each message, or {@link Message#NONE}
 * @param expiresMs the queue goes after this long without consumer or declare, or {@link Message#NONE}
 * @param limit how much it may hold
 * @param retry when failed deliveries are tried again
 * @param deadLetter where dead messages go
 * @param exclusive usable by the connection that declared it only, and gone with it
 * @param autoDelete gone with its last consumer
 * @param singleActive of its consumers only one gets messages; when it leaves, the next of highest priority does
 * @param temporary the broker made it for one link; never stored
 * @param deduplication how a message is known that was published before, or null when none is
 * @param durability what {@code accepted} promises, or null for what the store promises
 * @param groups how it keeps the messages of a group together, or null when it does not
 * @param subscription of which it has the messages, or null when it is a queue in its own right
 * @param arguments as a client declared them, verbatim
 */
public record QueueSpec(
        String name,
        boolean durable,
        int priorities,
        long ttlMs,
        long expiresMs,
        QueueLimit limit,
        RetrySpec retry,
        DeadLetter deadLetter,
        boolean exclusive,
        boolean autoDelete,
        boolean singleActive,
        boolean temporary,
        @Nullable Deduplication deduplication,
        @Nullable Durability durability,
        @Nullable GroupSpec groups,
        @Nullable Subscription subscription,
        Map<String, Object> arguments) {

    private static final String TYPE_ARGUMENT = "x-queue-type";

    public QueueSpec {
        Names.check("queue", name);
        Objects.requireNonNull(limit);
        if (priorities < 1 || priorities > 255) {
            throw new IllegalArgumentException("queue '" + name + "': priorities " + priorities + " must be 1 to 255");
        }
        if (ttlMs < 0 && ttlMs != Message.NONE) {
            throw new IllegalArgumentException("queue '" + name + "': ttl " + ttlMs + " ms must be >= 0");
        }
        if (expiresMs < 1 && expiresMs != Message.NONE) {
            throw new IllegalArgumentException("queue '" + name + "': expires " + expiresMs + " ms must be >= 1");
        }
        arguments = Map.copyOf(arguments);
    }

    /** A builder that starts from the defaults: durable, FIFO, no ttl, no limit, ten attempts, automatic DLQ. */
    public static Builder named(String name) {
        return new Builder(name);
    }

    /**
     * Whether a consumer that says a message is undeliverable to it means that nobody can have it, so that it is dead: as
     * clients mean it that declare a queue by its type. To others it says that another consumer may.
     */
    public boolean buriesUndeliverable() {
        return arguments.containsKey(TYPE_ARGUMENT);
    }

    /** A builder that starts from this. */
    public Builder but() {
        return new Builder(this);
    }

    /** Collects what differs from the defaults; {@link #build} validates. Used by one thread. */
    public static final class Builder {
        private final String name;
        private boolean durable = true;
        private int priorities = 1;
        private long ttlMs = Message.NONE;
        private long expiresMs = Message.NONE;
        private QueueLimit limit = QueueLimit.NONE;
        private RetrySpec retry = RetrySpec.DEFAULT;
        private DeadLetter deadLetter = new DeadLetter.Automatic();
        private boolean exclusive;
        private boolean autoDelete;
        private boolean singleActive;
        private boolean temporary;
        private @Nullable Deduplication deduplication;
        private @Nullable Durability durability;
        private @Nullable GroupSpec groups;
        private @Nullable Subscription subscription;
        private Map<String, Object> arguments = Map.of();

        private Builder(String name) {
            this.name = name;
        }

        private Builder(QueueSpec spec) {
            name = spec.name;
            durable = spec.durable;
            priorities = spec.priorities;
            ttlMs = spec.ttlMs;
            expiresMs = spec.expiresMs;
            limit = spec.limit;
            retry = spec.retry;
            deadLetter = spec.deadLetter;
            exclusive = spec.exclusive;
            autoDelete = spec.autoDelete;
            singleActive = spec.singleActive;
            temporary = spec.temporary;
            deduplication = spec.deduplication;
            durability = spec.durability;
            groups = spec.groups;
            subscription = spec.subscription;
            arguments = spec.arguments;
        }

        /** See {@link QueueSpec#durable}. */
        public Builder durable(boolean value) {
            durable = value;
            return this;
        }

        /** See {@link QueueSpec#priorities}. */
        public Builder priorities(int value) {
            priorities = value;
            return this;
        }

        /** See {@link QueueSpec#ttlMs}. */
        public Builder ttlMs(long value) {
            ttlMs = value;
            return this;
        }

        /** See {@link QueueSpec#expiresMs}. */
        public Builder expiresMs(long value) {
            expiresMs = value;
            return this;
        }

        /** See {@link QueueSpec#limit}. */
        public Builder limit(QueueLimit value) {
            limit = value;
            return this;
        }

        /** See {@link QueueSpec#retry}. */
        public Builder retry(RetrySpec value) {
            retry = value;
            return this;
        }

        /** See {@link QueueSpec#deadLetter}. */
        public Builder deadLetter(DeadLetter value) {
            deadLetter = value;
            return this;
        }

        /** See {@link QueueSpec#exclusive}. */
        public Builder exclusive(boolean value) {
            exclusive = value;
            return this;
        }

        /** See {@link QueueSpec#autoDelete}. */
        public Builder autoDelete(boolean value) {
            autoDelete = value;
            return this;
        }

        /** See {@link QueueSpec#singleActive}. */
        public Builder singleActive(boolean value) {
            singleActive = value;
            return this;
        }

        /** See {@link QueueSpec#temporary}. */
        public Builder temporary(boolean value) {
            temporary = value;
            return this;
        }

        /** See {@link QueueSpec#deduplication}. */
        public Builder deduplication(@Nullable Deduplication value) {
            deduplication = value;
            return this;
        }

        /** See {@link QueueSpec#durability}. */
        public Builder durability(@Nullable Durability value) {
            durability = value;
            return this;
        }

        /** See {@link QueueSpec#groups}. */
        public Builder groups(@Nullable GroupSpec value) {
            groups = value;
            return this;
        }

        /** See {@link QueueSpec#subscription}. */
        public Builder subscription(@Nullable Subscription value) {
            subscription = value;
            return this;
        }

        /** See {@link QueueSpec#arguments}. */
        public Builder arguments(Map<String, Object> value) {
            arguments = value;
            return this;
        }

        /**
         * The specification.
         *
         * @throws IllegalArgumentException when a value is out of its range; names queue, value and range
         */
        public QueueSpec build() {
            return new QueueSpec(
                    name,
                    durable,
                    priorities,
                    ttlMs,
                    expiresMs,
                    limit,
                    retry,
                    deadLetter,
                    exclusive,
                    autoDelete,
                    singleActive,
                    temporary,
                    deduplication,
                    durability,
                    groups,
                    subscription,
                    arguments);
        }
    }
}
