package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.api.Address.Lifetime;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.DeleteOnClose;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinks;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinksOrMessages;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoMessages;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Outcome;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.Terminus;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/** What a peer asks of a terminus of ours, and what it gets: the actual values (part 2, section 2.6.3). */
public final class Termini {

    private static final int NAME_PART = 64;
    private static final int REPLY_SECRET = 18;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Termini() {}

    /** The name of the node behind a dynamic terminus: says whose it is and is never given twice. */
    public static String dynamicName(String containerId, String link) {
        return "amq.dyn-" + plain(containerId) + "-" + plain(link) + "-"
                + Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, Character.MAX_RADIX);
    }

    /** The name of a queue for direct replies, which nobody can guess who was not told; clients know its beginning. */
    static String replyName() {
        byte[] secret = new byte[REPLY_SECRET];
        RANDOM.nextBytes(secret);
        return "amq.rabbitmq.reply-to."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** Without characters that mean something in any dialect of addresses. */
    private static String plain(String name) {
        var plain = new StringBuilder();
        for (int i = 0; i < Math.min(name.length(), NAME_PART); i++) {
            char c = name.charAt(i);
            boolean kept = (c < 128 && Character.isLetterOrDigit(c)) || c == '-' || c == '.';
            plain.append(kept ? c : '_');
        }
        return plain.toString();
    }

    /**
     * The source of an outgoing link as it is, without filters.
     *
     * @param dynamicAddress the address of the node that was made, or null if none was
     */
    static Source source(Source asked, @Nullable String dynamicAddress, boolean browse, Outcome defaultOutcome) {
        var source = new Source();
        common(asked, source, dynamicAddress);
        source.setDistributionMode(browse ? Symbols.COPY : Symbols.MOVE);
        source.setDefaultOutcome(defaultOutcome);
        source.setOutcomes(
                Accepted.DESCRIPTOR_SYMBOL,
                Rejected.DESCRIPTOR_SYMBOL,
                Released.DESCRIPTOR_SYMBOL,
                Modified.DESCRIPTOR_SYMBOL);
        return source;
    }

    /** The target of an incoming link as it is. */
    public static Target target(Target asked, @Nullable String dynamicAddress) {
        var target = new Target();
        common(asked, target, dynamicAddress);
        return target;
    }

    private static void common(Terminus asked, Terminus given, @Nullable String dynamicAddress) {
        given.setCapabilities(asked.getCapabilities());
        if (dynamicAddress == null) {
            given.setAddress(asked.getAddress());
            given.setDurable(asked.getDurable());
            given.setExpiryPolicy(asked.getExpiryPolicy());
            given.setTimeout(asked.getTimeout());
            return;
        }
        given.setAddress(dynamicAddress);
        given.setDynamic(true);
        given.setDurable(TerminusDurability.NONE);
        given.setExpiryPolicy(TerminusExpiryPolicy.LINK_DETACH);
        given.setTimeout(UnsignedInteger.ZERO);
        Map<Symbol, Object> properties = new LinkedHashMap<>();
        boolean topic = given instanceof Target && capable(asked, Symbols.TEMPORARY_TOPIC);
        properties.put(Symbols.LIFETIME_POLICY, topic ? DeleteOnClose.getInstance() : policy(lifetime(asked)));
        properties.put(Symbols.SUPPORTED_DIST_MODES, new Symbol[] {topic ? Symbols.COPY : Symbols.MOVE});
        given.setDynamicNodeProperties(properties);
    }

    /** How long a dynamic node is to live; as long as its link if nothing is said that we know. */
    static Lifetime lifetime(Terminus asked) {
        Map<?, ?> properties = asked.getDynamicNodeProperties();
        Object policy = properties == null ? null : properties.get(Symbols.LIFETIME_POLICY);
        if (policy instanceof DeleteOnNoLinks) {
            return Lifetime.NO_LINKS;
        } else if (policy instanceof DeleteOnNoMessages) {
            return Lifetime.NO_MESSAGES;
        }
        return policy instanceof DeleteOnNoLinksOrMessages ? Lifetime.NO_LINKS_OR_MESSAGES : Lifetime.LINK;
    }

    private static Object policy(Lifetime lifetime) {
        return switch (lifetime) {
            case LINK -> DeleteOnClose.getInstance();
            case NO_LINKS -> DeleteOnNoLinks.getInstance();
            case NO_MESSAGES -> DeleteOnNoMessages.getInstance();
            case NO_LINKS_OR_MESSAGES -> DeleteOnNoLinksOrMessages.getInstance();
        };
    }

    /** Whether a consumer wants to look at messages without taking them. */
    static boolean browses(Source source) {
        return Symbols.COPY.equals(source.getDistributionMode());
    }

    /** What a delivery becomes that is settled without an outcome. */
    static Outcome defaultOutcome(Source source) {
        return source.getDefaultOutcome() == null ? Released.getInstance() : source.getDefaultOutcome();
    }

    /** The consumer priority from the link's properties, else that of the address. */
    static int priority(Attach attach, AmqpAddress address) {
        Map<?, ?> properties = attach.getProperties();
        if (properties != null) {
            for (Symbol key : new Symbol[] {Symbols.RABBITMQ_PRIORITY, Symbols.PRIORITY}) {
                if (properties.get(key) instanceof Number priority) {
                    return priority.intValue();
                }
            }
        }
        return address.consumerPriority();
    }

    /** The largest message a receiving peer takes, in bytes. */
    public static long largestMessage(Attach attach) {
        UnsignedLong most = attach.getMaxMessageSize();
        return most == null || most.longValue() <= 0 ? Long.MAX_VALUE : most.longValue();
    }

    /** Whether a terminus has a capability. */
    static boolean capable(Terminus terminus, Symbol capability) {
        return contains(terminus.getCapabilities(), capability);
    }

    /** Whether the sending end of an incoming link understands an outcome; it understands all if it names none. */
    static boolean understands(@Nullable Source source, Symbol outcome) {
        Symbol[] outcomes = source == null ? null : source.getOutcomes();
        return outcomes == null || outcomes.length == 0 || contains(outcomes, outcome);
    }

    /** Whether a symbol is among those that a peer named; no array is an empty one. */
    public static boolean contains(Symbol @Nullable [] symbols, Symbol wanted) {
        if (symbols != null) {
            for (Symbol symbol : symbols) {
                if (wanted.equals(symbol)) {
                    return true;
                }
            }
        }
        return false;
    }
}
