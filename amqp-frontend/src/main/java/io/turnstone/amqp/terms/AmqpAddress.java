package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Address;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Terminus;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Target;
import org.jspecify.annotations.Nullable;

/**
 * The address of a terminus, in whichever dialect it is written, and the way back. Immutable.
 *
 * <p>The dialects do not collide: paths that begin with a slash ({@code /queues/NAME}, {@code /exchanges/NAME/KEY},
 * percent-encoded), {@code queue://} and {@code topic://} and {@code ADDRESS::QUEUE}, and plain names, which the
 * terminus' capabilities may declare to be a queue or a topic. Who asks does not matter. Each may follow the broker's
 * own URL, as clients made for Azure write it: {@code amqps://HOST/NAME}; which host it names does not matter either.
 *
 * @param address what the broker makes of it
 * @param dialect how it was written
 * @param consumerPriority the {@code consumer-priority} parameter, or 0
 */
public record AmqpAddress(Address address, Dialect dialect, int consumerPriority) {

    /** A way of writing addresses. */
    enum Dialect {
        /** {@code /queues/NAME}, percent-encoded. */
        PATH,
        /** Names as they are. */
        PLAIN
    }

    private static final Symbol VOLATILE_QUEUE = Symbol.valueOf("rabbitmq:volatile-queue");

    private static final String QUEUES = "/queues/";
    private static final String EXCHANGES = "/exchanges/";
    private static final String QUEUE_SCHEME = "queue://";
    private static final String TOPIC_SCHEME = "topic://";
    private static final List<String> BROKER_SCHEMES = List.of("amqps://", "amqp://");
    private static final String MANAGEMENT = "/management";
    private static final String CONSUMER_PRIORITY = "consumer-priority=";
    private static final List<String> VERSION_1 = List.of("/queue/", "/exchange/", "/topic/", "/amq/queue/");
    private static final int MAX_NAME = 255;
    private static final int MAX_PLAIN = 2 * MAX_NAME + 1;

    /**
     * Where a link sends to. Without target or address it is the anonymous terminus.
     *
     * @param dynamicName the name a dynamic node gets
     * @throws LinkError {@code amqp:invalid-field}, {@code amqp:not-found} or {@code amqp:not-implemented}
     */
    public static AmqpAddress ofTarget(@Nullable Target target, String dynamicName) {
        if (target instanceof Coordinator) {
            throw new LinkError(AmqpError.NOT_IMPLEMENTED, "transactions are not offered");
        }
        if (!(target instanceof Terminus terminus)) {
            return anonymous();
        }
        if (terminus.getDynamic()) {
            boolean topic = has(terminus, Symbols.TEMPORARY_TOPIC);
            var made = new Address.Dynamic(dynamicName, Termini.lifetime(terminus), topic);
            return new AmqpAddress(made, Dialect.PLAIN, 0);
        }
        String address = terminus.getAddress();
        return address == null || address.isEmpty() ? anonymous() : parse(address, terminus, false);
    }

    /** Where a link takes from; the same rules, except that it needs an address. */
    public static AmqpAddress ofSource(@Nullable Source source, String dynamicName) {
        if (source == null) {
            throw new LinkError(AmqpError.NOT_FOUND, "there is nothing that a link without source could refer to");
        }
        if (source.getDynamic()) {
            if (has(source, VOLATILE_QUEUE)) {
                return new AmqpAddress(new Address.Volatile(Termini.replyName()), Dialect.PATH, 0);
            }
            Dialect dialect = has(source, Symbols.TEMPORARY_QUEUE) ? Dialect.PATH : Dialect.PLAIN;
            var made = new Address.Dynamic(dynamicName, Termini.lifetime(source), false);
            return new AmqpAddress(made, dialect, 0);
        }
        String address = source.getAddress();
        if (address == null || address.isEmpty()) {
            throw invalid("a source needs an address, such as /queues/NAME");
        }
        return parse(address, source, true);
    }

    /**
     * Where one message on the anonymous terminus goes: its {@code to}. Nothing is made for it.
     *
     * @param destination what its annotations say that a plain name is
     * @throws LinkError as {@link #ofTarget}; {@code amqp:precondition-failed} when there is none
     */
    public static AmqpAddress ofTo(@Nullable String to, Destination destination) {
        if (to == null || to.isEmpty()) {
            throw new LinkError(
                    AmqpError.PRECONDITION_FAILED, "a message on the anonymous terminus needs the property 'to'");
        }
        AmqpAddress parsed = parse(to, null, false);
        if (parsed.address instanceof Address.Plain plain && destination != Destination.ANY) {
            String name = plain.name();
            Address of = destination == Destination.TOPIC
                    ? topic(name, null)
                    : new Address.Queue(checked("queue", name), false);
            return new AmqpAddress(of, parsed.dialect, 0);
        }
        return parsed.address instanceof Address.Queue queue && queue.mayCreate()
                ? new AmqpAddress(new Address.Queue(queue.name(), false), parsed.dialect, 0)
                : parsed;
    }

    /** Whether the node is made with the link, and gone with it. */
    public boolean isMade() {
        return address instanceof Address.Dynamic || address instanceof Address.Volatile;
    }

    /** The address of a queue as this dialect writes it. */
    public static String write(String queue, Dialect dialect) {
        return dialect == Dialect.PATH ? QUEUES + PercentEncoding.encode(queue) : queue;
    }

    static AmqpAddress anonymous() {
        return new AmqpAddress(new Address.Anonymous(), Dialect.PLAIN, 0);
    }

    private static AmqpAddress parse(String written, @Nullable Terminus terminus, boolean source) {
        String text = withoutHost(written);
        if (text.startsWith("/")) {
            return new AmqpAddress(path(text, source), Dialect.PATH, 0);
        }
        String name = text;
        int priority = 0;
        int question = text.indexOf('?');
        if (question >= 0 && text.indexOf('=', question) > 0) {
            name = text.substring(0, question);
            priority = consumerPriority(text.substring(question + 1));
        }
        return new AmqpAddress(named(name, terminus), Dialect.PLAIN, priority);
    }

    /** An address without the URL of the broker before it. */
    private static String withoutHost(String text) {
        for (String scheme : BROKER_SCHEMES) {
            if (text.startsWith(scheme)) {
                int slash = text.indexOf('/', scheme.length());
                String path = slash < 0 ? "/" : text.substring(slash);
                return isPath(path) ? path : decoded(path.substring(1), text);
            }
        }
        return text;
    }

    private static boolean isPath(String text) {
        return text.startsWith(QUEUES) || text.startsWith(EXCHANGES) || text.equals(MANAGEMENT);
    }

    private static Address path(String text, boolean source) {
        if (text.startsWith(QUEUES)) {
            return new Address.Queue(checked("queue", decoded(text.substring(QUEUES.length()), text)), false);
        }
        if (text.startsWith(EXCHANGES)) {
            String rest = text.substring(EXCHANGES.length());
            int slash = rest.indexOf('/');
            String name = checked("exchange", decoded(slash < 0 ? rest : rest.substring(0, slash), text));
            if (name.equals("amq.default")) {
                throw invalid("the default exchange has no address: write /queues/NAME");
            }
            if (slash < 0) {
                return new Address.Exchange(name, source ? null : "");
            }
            return new Address.Exchange(name, decoded(rest.substring(slash + 1), text));
        }
        if (text.equals(MANAGEMENT)) {
            throw new LinkError(
                    AmqpError.NOT_ALLOWED, "the management node takes requests over a pair of links of its own only");
        }
        if (text.equals("/queue") || VERSION_1.stream().anyMatch(text::startsWith)) {
            throw invalid("amqp_address_v1_not_permitted: address '" + printable(text)
                    + "' is of version 1: write /queues/NAME or /exchanges/NAME/KEY");
        }
        throw invalid("address '" + printable(text)
                + "' must be /queues/NAME, /exchanges/NAME/KEY, /exchanges/NAME or a plain name");
    }

    private static Address named(String name, @Nullable Terminus terminus) {
        if (name.startsWith(QUEUE_SCHEME)) {
            return new Address.Queue(checked("queue", name.substring(QUEUE_SCHEME.length())), true);
        }
        if (name.startsWith(TOPIC_SCHEME)) {
            return topic(name.substring(TOPIC_SCHEME.length()), terminus);
        }
        if (name.startsWith("$") || name.endsWith("/$management")) {
            throw new LinkError(AmqpError.NOT_FOUND, "there is no node '" + printable(name) + "'");
        }
        int colons = name.indexOf("::");
        if (colons >= 0) {
            String address = name.substring(0, colons);
            String queue = checked("queue", name.substring(colons + 2));
            return new Address.Queue(queue, address.isEmpty() || address.equals(queue));
        }
        if (terminus != null && has(terminus, Symbols.QUEUE)) {
            return new Address.Queue(checked("queue", name), true);
        }
        if (terminus != null && has(terminus, Symbols.TEMPORARY_QUEUE)) {
            // It was made for its owner; once gone, it must not come back as a queue that nobody deletes.
            return new Address.Queue(checked("queue", name), false);
        }
        if (terminus != null && (has(terminus, Symbols.TOPIC) || has(terminus, Symbols.TEMPORARY_TOPIC))) {
            return topic(name, terminus);
        }
        return new Address.Plain(checked("plain", name, MAX_PLAIN));
    }

    /** A topic; a plain exchange for a publisher who wants to hear that nobody listens. */
    private static Address topic(String name, @Nullable Terminus terminus) {
        String topic = checked("topic", name);
        return terminus != null && has(terminus, Symbols.REJECT_UNROUTABLE)
                ? new Address.Exchange(topic, null)
                : new Address.Topic(topic);
    }

    private static int consumerPriority(String parameters) {
        int priority = 0;
        for (String parameter : parameters.split("&", -1)) {
            if (!parameter.startsWith(CONSUMER_PRIORITY)) {
                throw invalid("address parameter '" + printable(parameter) + "' must be consumer-priority=NUMBER");
            }
            try {
                priority = Integer.parseInt(parameter.substring(CONSUMER_PRIORITY.length()));
            } catch (NumberFormatException notANumber) {
                throw invalid("address parameter '" + printable(parameter) + "' must have a whole number");
            }
        }
        return priority;
    }

    private static String decoded(String part, String whole) {
        String decoded = PercentEncoding.decode(part);
        if (decoded == null) {
            throw invalid("address '" + printable(whole) + "' is not percent-encoded UTF-8: write % as %25");
        }
        return decoded;
    }

    private static String checked(String what, String name) {
        return checked(what, name, MAX_NAME);
    }

    private static String checked(String what, String name, int maxLength) {
        if (name.isEmpty() || name.length() > maxLength) {
            throw invalid("the " + what + " name in an address has " + name.length()
                    + " characters, and must have 1 to " + maxLength);
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw invalid("the " + what + " name '" + printable(name) + "' must not have control characters");
        }
        return name;
    }

    private static boolean has(Terminus terminus, Symbol capability) {
        Symbol[] capabilities = terminus.getCapabilities();
        return capabilities != null && Arrays.asList(capabilities).contains(capability);
    }

    /** Text of a peer that is fit for a log and an error: one line, not endless. */
    private static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_NAME ? line : line.substring(0, MAX_NAME) + "…";
    }

    private static LinkError invalid(String description) {
        return new LinkError(AmqpError.INVALID_FIELD, description);
    }
}
