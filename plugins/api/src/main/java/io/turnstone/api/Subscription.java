package io.turnstone.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * What an exchange or topic sends to one subscriber, or to several that share it: a queue of its own, bound for as long
 * as the subscription lives. Immutable.
 *
 * @param key whose it is and what it is called: two with equal keys are the same subscription
 * @param source the {@link Address.Topic} or {@link Address.Exchange} whose messages it gets
 * @param selection which of them
 * @param expiresMs how long it outlives its last consumer, in milliseconds; 0 for not at all, {@link Message#NONE} for
 *     ever
 */
public record Subscription(Key key, Address source, Selection selection, long expiresMs) {

    private static final String PREFIX = "amq.sub.";
    private static final String GLOBAL_PREFIX = "amq.sub-global.";
    private static final String CONNECTION_PREFIX = "amq.sub-connection.";
    private static final String VOLATILE = ".volatile";
    private static final int MAX_NAME = 255;
    private static final int DIGEST_BYTES = 16;

    public Subscription {
        Objects.requireNonNull(key);
        Objects.requireNonNull(selection);
        if (!(source instanceof Address.Topic) && !(source instanceof Address.Exchange)) {
            throw new IllegalArgumentException(
                    "subscription '" + key.name() + "': " + source + " must be a topic or an exchange");
        }
        if (expiresMs < 0 && expiresMs != Message.NONE) {
            throw new IllegalArgumentException(
                    "subscription '" + key.name() + "': expires " + expiresMs + " ms must be >= 0");
        }
        if (key.connectionId() != 0 && (key.durable() || expiresMs != 0)) {
            throw new IllegalArgumentException(
                    "subscription '" + key.name() + "' of a connection must not outlive its consumer");
        }
    }

    /** The name of the exchange its messages come from. */
    public String exchange() {
        return source instanceof Address.Topic topic ? topic.name() : ((Address.Exchange) source).name();
    }

    /** The name of its queue. */
    public String queue() {
        return key.queue();
    }

    /** Whether it gets the same messages as another. */
    public boolean selectsLike(Subscription other) {
        return source.equals(other.source) && selection.equals(other.selection);
    }

    /**
     * What tells subscriptions apart.
     *
     * @param container the client's name for itself ({@link Peer#containerId}); empty when it is anybody's
     * @param name what the client calls it
     * @param shared whether several consumers share it; otherwise it has one at a time
     * @param durable whether it survives a restart of the broker with its durable messages
     * @param connectionId the one connection that may use it, with which it goes; 0 for none
     */
    public record Key(String container, String name, boolean shared, boolean durable, long connectionId) {

        /** The name of the queue: readable, told apart by a digest where it would be too long. */
        public String queue() {
            String prefix = container.isEmpty() ? GLOBAL_PREFIX : PREFIX + plain(container) + '.';
            if (connectionId != 0) {
                prefix = CONNECTION_PREFIX + connectionId + '.';
            }
            String queue = prefix + plain(name) + (durable || connectionId != 0 ? "" : VOLATILE);
            if (queue.length() <= MAX_NAME) {
                return queue;
            }
            String digest = "~" + digest(queue);
            return queue.substring(0, MAX_NAME - digest.length()) + digest;
        }

        /** Without characters that would make two names one, or mean something in an address or a policy. */
        private static String plain(String text) {
            var plain = new StringBuilder(text.length());
            for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                boolean kept = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
                if (kept || b == '-' || b == '_' || b == ':') {
                    plain.append((char) b);
                } else {
                    plain.append('=').append(HexFormat.of().withUpperCase().toHexDigits(b));
                }
            }
            return plain.toString();
        }

        private static String digest(String text) {
            try {
                var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
                return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java platform has SHA-256", e);
            }
        }
    }

    /**
     * Which messages it gets.
     *
     * @param format the {@link MessageFormat#id} of who reads the filter
     * @param filter as {@link MessageFormat#filter} reads it; empty for all messages
     * @param noLocal not what its own container (or, if it belongs to one, its own connection) publishes
     */
    public record Selection(String format, String filter, boolean noLocal) {

        /** All messages. */
        public static final Selection ALL = new Selection("", "", false);
    }
}
