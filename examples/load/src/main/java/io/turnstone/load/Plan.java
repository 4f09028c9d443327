package io.turnstone.load;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What one run does, checked; a wrong value is refused with the option that it came from. Immutable. */
public record Plan(BrokerUrl broker, Links links, Messages messages, Pace pace) {

    public Plan {
        if (pace.warmUp() != null && links.producers() == 0) {
            throw new IllegalArgumentException("--warm-up needs producers: what is in the queue is read once");
        }
    }

    /** The number of the phase that is measured; a warm-up comes before it. */
    int measuredPhase() {
        return pace.warmUp() == null ? 1 : 2;
    }

    /** Where a consumer receives; {@code %k} in it becomes a key, the same as for every so many-th message. */
    String source(int consumer) {
        Envelope envelope = messages.envelope();
        return links.source(consumer).replace("%k", envelope.key(consumer % envelope.keys()));
    }

    /** Whether a message that was sent in {@code phase} counts; what an earlier run left in a queue always does. */
    boolean measures(int phase) {
        return links.producers() == 0 || phase == measuredPhase();
    }

    /**
     * Who talks to which address. An address that contains {@code %d} is spread over {@code queues}: link
     * number i uses the address with {@code i mod queues} in its place.
     *
     * @param fanOut whether each consumer gets every message (subscriptions) instead of sharing them (a queue)
     */
    public record Links(
            String to,
            String from,
            int queues,
            int producers,
            int consumers,
            int connections,
            int loops,
            int credit,
            boolean fanOut) {

        public Links {
            atLeast("--producers", producers, 0);
            atLeast("--consumers", consumers, 0);
            atLeast("--connections", connections, 1);
            atLeast("--queues", queues, 1);
            atLeast("--loops", loops, 1);
            atLeast("--credit", credit, 1);
            if (producers + consumers == 0) {
                throw new IllegalArgumentException("--producers and --consumers are both 0: nothing to do");
            }
            if (connections > producers + consumers) {
                throw new IllegalArgumentException("--connections " + connections
                        + " is more than there are producers and" + " consumers (" + (producers + consumers) + ")");
            }
            if (loops > connections) {
                throw new IllegalArgumentException(
                        "--loops " + loops + " is more than there are connections (" + connections + ")");
            }
        }

        /** Empty for the anonymous terminus. */
        String target(int producer) {
            return to.replace("%d", Integer.toString(producer % queues));
        }

        String source(int consumer) {
            return from.replace("%d", Integer.toString(consumer % queues));
        }
    }

    /**
     * What is sent: bodies of {@code bytes}, pre-settled or with at most {@code window} unsettled per producer.
     *
     * @param settled whether producers send pre-settled
     * @param receivedSettled whether consumers ask for pre-settled deliveries
     */
    public record Messages(
            int bytes,
            boolean durable,
            boolean settled,
            boolean receivedSettled,
            int window,
            boolean verify,
            Envelope envelope) {

        /** Plain ones, settled alike on both sides. */
        static Messages plain(int bytes, boolean durable, boolean settled, int window, boolean verify) {
            return new Messages(bytes, durable, settled, settled, window, verify, Envelope.PLAIN);
        }

        public Messages {
            if (bytes < Stamp.BYTES || bytes > 64 << 20) {
                throw new IllegalArgumentException(
                        "--size " + bytes + " must be from " + Stamp.BYTES + " to " + (64 << 20) + " bytes");
            }
            if (window < 1 || window > 1 << 20) {
                throw new IllegalArgumentException("--window " + window + " must be from 1 to " + (1 << 20));
            }
        }
    }

    /**
     * What stands around the body. {@code %k} in address or subject becomes a key of each message, one of
     * {@code 0} to {@code keys - 1} in turn, all with the same number of digits.
     *
     * @param priorities the priority of each message is one of 0 to {@code priorities - 1}, in turn; 1 for none
     * @param ttlMs 0 for none
     * @param to the address in each message's properties, for the anonymous terminus
     */
    public record Envelope(
            int priorities,
            long ttlMs,
            int keys,
            @Nullable String to,
            @Nullable String subject) {

        static final Envelope PLAIN = new Envelope(1, 0, 1, null, null);

        private static final int MAX_TEXT_BYTES = 200;
        private static final int MAX_KEYS = 1_000_000;

        public Envelope {
            atLeast("--priorities", priorities, 1);
            atLeast("--keys", keys, 1);
            if (priorities > 255) {
                throw new IllegalArgumentException("--priorities " + priorities + " must be ≤ 255");
            }
            if (ttlMs < 0 || ttlMs > 0xffff_ffffL) {
                throw new IllegalArgumentException("--ttl " + ttlMs + " must be from 0 to 4294967295 ms");
            }
            if (bytes(to, keys) + bytes(subject, keys) > MAX_TEXT_BYTES) {
                throw new IllegalArgumentException(
                        "--message-to and --subject may have " + MAX_TEXT_BYTES + " bytes together");
            }
            if (keys > MAX_KEYS) {
                throw new IllegalArgumentException("--keys " + keys + " must be ≤ " + MAX_KEYS);
            }
            if (keys > 1 && !keyed(to) && !keyed(subject)) {
                throw new IllegalArgumentException("--keys needs %k in --message-to or --subject");
            }
        }

        private static int bytes(@Nullable String text, int keys) {
            return text == null
                    ? 0
                    : text.replace("%k", "0".repeat(digits(keys))).getBytes(StandardCharsets.UTF_8).length;
        }

        private static boolean keyed(@Nullable String text) {
            return text != null && text.contains("%k");
        }

        private static int digits(int keys) {
            return Integer.toString(keys - 1).length();
        }

        /** The key of a message, as it stands in its address or subject. */
        public String key(int index) {
            return String.format(Locale.ROOT, "%0" + digits(keys) + "d", index);
        }
    }

    /**
     * How much and how fast.
     *
     * @param rate messages per second of all producers together; 0 is as fast as the broker takes them
     * @param patienceMs a phase without any progress for so long is given up
     */
    public record Pace(@Nullable Amount warmUp, Amount measured, double rate, long patienceMs) {

        public Pace {
            if (rate < 0) {
                throw new IllegalArgumentException("--rate " + rate + " must be ≥ 0");
            }
            if (patienceMs < 100) {
                throw new IllegalArgumentException("--timeout must be at least 100 ms");
            }
        }
    }

    /** A number of messages of all producers together, or a time; the other of the two is {@code Long.MAX_VALUE}. */
    public record Amount(long messages, long nanos) {

        /** So many, of all producers together. */
        public static Amount messages(long messages) {
            if (messages < 1) {
                throw new IllegalArgumentException("a number of messages must be ≥ 1, not " + messages);
            }
            return new Amount(messages, Long.MAX_VALUE);
        }

        /** For so long. */
        public static Amount seconds(double seconds) {
            if (!(seconds > 0) || seconds > 1e6) {
                throw new IllegalArgumentException("a time must be from above 0 to 1e6 seconds, not " + seconds);
            }
            return new Amount(Long.MAX_VALUE, (long) (seconds * 1e9));
        }

        /** Reads {@code 20000} (messages) or {@code 5s} (time), as the option says. */
        static Amount parse(String option, String text) {
            try {
                return text.endsWith("s")
                        ? seconds(Double.parseDouble(text.substring(0, text.length() - 1)))
                        : messages(Long.parseLong(text));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        option + " must be a number of messages or a time like 5s, not '" + text + "'", e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
            }
        }

        boolean timed() {
            return nanos != Long.MAX_VALUE;
        }

        /** The part of one of {@code producers}; the first ones take what does not divide. */
        long share(int producer, int producers) {
            return timed() ? Long.MAX_VALUE : messages / producers + (producer < messages % producers ? 1 : 0);
        }
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " " + value + " must be ≥ " + least);
        }
    }
}
