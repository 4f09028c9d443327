package io.turnstone.broker.config;

import io.turnstone.api.Binding;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.Deduplication;
import io.turnstone.api.Durability;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Message;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import io.turnstone.router.topology.QueuePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The keys under {@code exchanges}, {@code queues}, {@code bindings} and {@code policies}. */
final class TopologyShapes {

    private TopologyShapes() {}

    static final Map<String, Object> NAME_SCHEMA = Map.of("minLength", 1, "maxLength", 255);

    // ---- exchanges
    static final Key<String> EXCHANGE_TYPE =
            Key.required("type", Types.TEXT, "is direct, fanout, topic, headers or the type of a plugin");
    static final Key<String> ALTERNATE =
            Key.optional("alternate", Types.TEXT, "", "the exchange for messages that no binding wants");
    private static final Key<Boolean> EXCHANGE_DURABLE =
            Key.optional("durable", Types.BOOL, true, "whether it survives a restart");
    private static final Key<Boolean> INTERNAL =
            Key.optional("internal", Types.BOOL, false, "whether it takes messages from other exchanges only");
    private static final Key<Boolean> EXCHANGE_AUTO_DELETE =
            Key.optional("auto-delete", Types.BOOL, false, "whether it goes with its last binding");
    private static final Key<Map<String, Object>> EXCHANGE_ARGUMENTS =
            Key.optional("arguments", Types.ANY_MAP, Map.of(), "settings that the type knows");

    static Shape<Values> exchange() {
        return Shape.ofValues(
                List.of(EXCHANGE_TYPE, ALTERNATE, EXCHANGE_DURABLE, INTERNAL, EXCHANGE_AUTO_DELETE, EXCHANGE_ARGUMENTS),
                false);
    }

    static ExchangeSpec exchange(String name, Values values) {
        return new ExchangeSpec(
                name,
                values.get(EXCHANGE_TYPE),
                values.get(EXCHANGE_DURABLE),
                values.get(EXCHANGE_AUTO_DELETE),
                values.get(INTERNAL),
                values.given(ALTERNATE) ? values.get(ALTERNATE) : null,
                values.get(EXCHANGE_ARGUMENTS));
    }

    // ---- what queues and policies share
    static final Key<String> DLQ = Key.optional("queue", Types.TEXT, "", "the queue that gets them");
    static final Key<String> DLX = Key.optional("exchange", Types.TEXT, "", "the exchange that gets them");
    private static final Key<String> DLK =
            Key.optional("key", Types.TEXT, "", "the routing key there; without it each message keeps its own");

    private static final Shape<Declared<DeadLetter>> DEAD_LETTER_SHAPE = Shape.of(
            values -> {
                requireOne(values, DLQ, DLX);
                if (values.given(DLQ) && values.given(DLK)) {
                    values.problem(DLK, "goes with 'exchange' only; a queue needs no key");
                }
                DeadLetter to = values.given(DLQ)
                        ? new DeadLetter.ToQueue(values.get(DLQ))
                        : new DeadLetter.ToExchange(values.get(DLX), values.get(DLK));
                return new Declared<>(to, values);
            },
            DLQ,
            DLX,
            DLK);

    private static final Key<Long> LIMIT_MESSAGES =
            Key.optional("messages", Types.count(1), QueueLimit.UNLIMITED, "most messages, unsettled ones included");
    private static final Key<Long> LIMIT_BYTES =
            Key.optional("bytes", Types.size(1, Long.MAX_VALUE), QueueLimit.UNLIMITED, "most bytes");
    private static final Key<Overflow> OVERFLOW = Key.optional(
            "overflow", oneOf(Overflow.values(), Overflow::key), Overflow.REJECT, "what happens to messages beyond");
    private static final Shape<QueueLimit> LIMIT_SHAPE = Shape.of(
            values -> {
                if (!values.given(LIMIT_MESSAGES) && !values.given(LIMIT_BYTES)) {
                    throw new IllegalArgumentException("needs 'messages', 'bytes' or both");
                }
                return new QueueLimit(values.get(LIMIT_MESSAGES), values.get(LIMIT_BYTES), values.get(OVERFLOW));
            },
            LIMIT_MESSAGES,
            LIMIT_BYTES,
            OVERFLOW);

    private static final Key<Integer> ATTEMPTS = Key.optional(
            "attempts",
            Types.integer(1, 1_000_000),
            RetrySpec.DEFAULT.attempts(),
            "failed attempts after which a message is dead-lettered");
    private static final Key<RetrySpec.Backoff> BACKOFF = Key.optional(
            "backoff", Types.oneOf(backoffs()), RetrySpec.Backoff.FIXED, "how the wait between attempts grows");
    private static final Key<Long> FIRST =
            Key.optional("first", Types.duration(0), 0L, "the wait before the second attempt");
    private static final Key<Long> MAX =
            Key.optional("max", Types.duration(0), 300_000L, "the longest wait; at least 'first'");
    private static final Key<Double> JITTER =
            Key.optional("jitter", Types.share(), 0.0, "the share of each wait that is random");
    private static final Shape<RetrySpec> RETRY_SHAPE = Shape.of(
            values -> {
                long first = values.get(FIRST);
                long max = values.given(MAX) ? values.get(MAX) : Math.max(first, values.get(MAX));
                if (max < first) {
                    values.problem(MAX, "must be at least 'first'; make it longer or 'first' shorter");
                    max = first;
                }
                return new RetrySpec(values.get(ATTEMPTS), values.get(BACKOFF), first, max, values.get(JITTER));
            },
            ATTEMPTS,
            BACKOFF,
            FIRST,
            MAX,
            JITTER);

    private static final Key<Long> WINDOW = Key.optional(
            "window",
            Types.duration(1),
            Deduplication.DEFAULT.windowMs(),
            "how long a key is remembered, from its first message on");
    private static final Key<String> BY = Key.optional(
            "by",
            Types.TEXT,
            Deduplication.DEFAULT.by(),
            "message-id, or the application property or (x-...) message annotation that is the key");
    private static final Key<Integer> MAX_KEYS = Key.optional(
            "max",
            Types.integer(1, Deduplication.MOST),
            Deduplication.DEFAULT.max(),
            "most keys that are remembered; beyond it the oldest are forgotten");
    private static final Shape<Deduplication> DEDUPLICATE_SHAPE = Shape.of(
            values -> new Deduplication(values.get(WINDOW), values.get(BY), values.get(MAX_KEYS)),
            WINDOW,
            BY,
            MAX_KEYS);

    private static final Key<Long> TTL =
            Key.optional("ttl", Types.duration(0), Message.NONE, "the longest life of each message");
    private static final Key<Long> EXPIRES = Key.optional(
            "expires", Types.duration(1), Message.NONE, "how long the queue lives without consumer or declare");
    private static final Key<QueueLimit> LIMIT =
            Key.optional("limit", LIMIT_SHAPE, QueueLimit.NONE, "how much the queue may hold");
    private static final Key<RetrySpec> RETRY =
            Key.optional("retry", RETRY_SHAPE, RetrySpec.DEFAULT, "when failed deliveries are tried again");
    static final Key<Declared<DeadLetter>> DEAD_LETTER = Key.possible(
            "dead-letter", DEAD_LETTER_SHAPE, "where dead messages go; without it to dlq.NAME, made when needed");

    private static final Key<Deduplication> DEDUPLICATE = Key.possible(
            "deduplicate", DEDUPLICATE_SHAPE, "how a message is known that was published before; it is not kept again");

    // ---- queues
    private static final Key<Boolean> DURABLE =
            Key.optional("durable", Types.BOOL, true, "whether the queue and its durable messages survive a restart");
    private static final Key<Durability> DURABILITY = Key.possible(
            "durability",
            oneOf(Durability.values(), Durability::key),
            "what 'accepted' promises; without it what the store's fsync says");
    private static final Key<Integer> PRIORITIES =
            Key.optional("priorities", Types.integer(1, 255), 1, "levels of priority; 1 is plain FIFO");
    private static final Key<Integer> GROUPS_MAX = Key.optional(
            "max",
            Types.integer(1, GroupSpec.MOST),
            GroupSpec.DEFAULT.max(),
            "groups that are told apart; beyond, several go to the same consumer");
    private static final Key<Long> GROUPS_IDLE = Key.optional(
            "idle",
            Types.duration(0),
            GroupSpec.DEFAULT.idleMs(),
            "how long a group without messages stays with its consumer");
    private static final Key<Switchable<GroupSpec>> GROUPS = Key.possible(
            "groups",
            new Switch<>(Shape.of(
                    values -> new GroupSpec(values.get(GROUPS_MAX), values.get(GROUPS_IDLE)), GROUPS_MAX, GROUPS_IDLE)),
            "whether messages of one group go to one consumer at a time, in order");
    private static final Key<Boolean> AUTO_DELETE =
            Key.optional("auto-delete", Types.BOOL, false, "whether it goes with its last consumer");
    private static final Key<Boolean> SINGLE_ACTIVE = Key.optional(
            "single-active-consumer", Types.BOOL, false, "whether only one of its consumers at a time gets messages");
    private static final Key<Map<String, Object>> ARGUMENTS =
            Key.optional("arguments", Types.ANY_MAP, Map.of(), "shown to clients as declared");

    private static final List<Key<?>> POLICY_KEYS = List.of(TTL, EXPIRES, LIMIT, RETRY, DEAD_LETTER, DEDUPLICATE);

    static Shape<Values> queue() {
        return shapeOf(DURABLE, DURABILITY, PRIORITIES, GROUPS, AUTO_DELETE, SINGLE_ACTIVE, ARGUMENTS);
    }

    static QueueSpec queue(String name, Values values) {
        if (values.given(DURABILITY) && !values.get(DURABLE)) {
            values.problem(DURABILITY, "goes with durable queues only; remove it or 'durable: false'");
        }
        return QueueSpec.named(name)
                .durable(values.get(DURABLE))
                .durability(values.given(DURABILITY) ? values.get(DURABILITY) : null)
                .priorities(values.get(PRIORITIES))
                .groups(values.given(GROUPS) ? values.get(GROUPS).or(GroupSpec.DEFAULT) : null)
                .ttlMs(values.get(TTL))
                .expiresMs(values.get(EXPIRES))
                .limit(values.get(LIMIT))
                .retry(values.get(RETRY))
                .deadLetter(values.given(DEAD_LETTER) ? values.get(DEAD_LETTER).value() : new DeadLetter.Automatic())
                .deduplication(values.given(DEDUPLICATE) ? values.get(DEDUPLICATE) : null)
                .autoDelete(values.get(AUTO_DELETE))
                .singleActive(values.get(SINGLE_ACTIVE))
                .arguments(values.get(ARGUMENTS))
                .build();
    }

    // ---- policies
    private static final Key<String> MATCH =
            Key.required("match", Types.TEXT, "is a pattern of queue names; * stands for any characters");

    /** What the policies of RabbitMQ are full of, and names of queues are not. */
    private static final Pattern REGULAR_EXPRESSION = Pattern.compile("^\\^|\\$$|^\\.\\*$|[\\\\(|\\[]");

    static final Key<Values> SET = Key.required("set", shapeOf(), "is what queues get that do not say otherwise");

    static Shape<Declared<QueuePolicy>> policy() {
        return Shape.of(values -> new Declared<>(policy(values), values), MATCH, SET);
    }

    private static QueuePolicy policy(Values values) {
        Values set = values.get(SET);
        if (POLICY_KEYS.stream().noneMatch(set::given)) {
            values.problem(
                    SET,
                    "sets nothing; choose from: "
                            + String.join(
                                    ", ", POLICY_KEYS.stream().map(Key::name).toList()));
        }
        String match = values.get(MATCH);
        if (REGULAR_EXPRESSION.matcher(match).find()) {
            values.warning(
                    MATCH,
                    "'" + match
                            + "' looks like a regular expression and is none: '*' stands for any characters, all else"
                            + " for itself; write such as 'orders.*'");
        }
        return new QueuePolicy(
                match,
                set.get(TTL),
                set.get(EXPIRES),
                set.given(LIMIT) ? set.get(LIMIT) : null,
                set.given(RETRY) ? set.get(RETRY) : null,
                set.given(DEAD_LETTER) ? set.get(DEAD_LETTER).value() : null,
                set.given(DEDUPLICATE) ? set.get(DEDUPLICATE) : null);
    }

    // ---- bindings
    static final Key<String> FROM = Key.required("exchange", Types.TEXT, "names the exchange the messages come from");
    static final Key<String> TO_QUEUE = Key.optional("queue", Types.TEXT, "", "the queue they go to");
    static final Key<String> TO_EXCHANGE =
            Key.optional("to-exchange", Types.TEXT, "", "the exchange they go to, instead of a queue");
    private static final Key<String> BINDING_KEY =
            Key.optional("key", Types.TEXT, "", "the binding key; its meaning is the exchange type's");
    private static final Key<Map<String, Object>> BINDING_ARGUMENTS =
            Key.optional("arguments", Types.ANY_MAP, Map.of(), "headers to match, weights and the like");

    static Shape<Declared<Binding>> binding() {
        return Shape.of(
                values -> {
                    requireOne(values, TO_QUEUE, TO_EXCHANGE);
                    boolean toExchange = values.given(TO_EXCHANGE);
                    var binding = new Binding(
                            values.get(FROM),
                            toExchange ? values.get(TO_EXCHANGE) : values.get(TO_QUEUE),
                            toExchange,
                            values.get(BINDING_KEY),
                            values.get(BINDING_ARGUMENTS));
                    return new Declared<>(binding, values);
                },
                FROM,
                TO_QUEUE,
                TO_EXCHANGE,
                BINDING_KEY,
                BINDING_ARGUMENTS);
    }

    private static void requireOne(Values values, Key<?> one, Key<?> other) {
        if (values.given(one) == values.given(other)) {
            throw new IllegalArgumentException(
                    values.given(one)
                            ? "has both '" + one.name() + "' and '" + other.name() + "'; keep one"
                            : "needs either '" + one.name() + "' or '" + other.name() + "'");
        }
    }

    private static Shape<Values> shapeOf(Key<?>... before) {
        List<Key<?>> keys = new ArrayList<>(List.of(before));
        keys.addAll(POLICY_KEYS);
        return Shape.ofValues(List.copyOf(keys), false);
    }

    private static <E> Type<E> oneOf(E[] values, Function<E, String> key) {
        var words = new LinkedHashMap<String, E>();
        for (E value : values) {
            words.put(key.apply(value), value);
        }
        return Types.oneOf(words);
    }

    private static Map<String, RetrySpec.Backoff> backoffs() {
        var words = ordered("fixed", RetrySpec.Backoff.FIXED, "linear", RetrySpec.Backoff.LINEAR);
        words.put("exponential", RetrySpec.Backoff.EXPONENTIAL);
        return words;
    }

    static <E> Map<String, E> ordered(String word1, E value1, String word2, E value2) {
        var words = new LinkedHashMap<String, E>();
        words.put(word1, value1);
        words.put(word2, value2);
        return words;
    }
}
