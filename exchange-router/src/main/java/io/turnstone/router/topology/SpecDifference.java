package io.turnstone.router.topology;

import io.turnstone.api.DeadLetter;
import io.turnstone.api.Deduplication;
import io.turnstone.api.Durability;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Message;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What differs between what there is and what is asked for, in the words of the configuration file. Arguments of queues
 * are compared where both name them: what they mean is in the other fields. Immutable.
 *
 * @param key the key in the configuration file
 * @param present the value there is
 * @param wanted the value asked for
 */
record SpecDifference(String key, String present, String wanted) {

    static List<SpecDifference> of(QueueSpec present, QueueSpec wanted) {
        var differences = fixed(present, wanted);
        compare(differences, "ttl", ms(present.ttlMs()), ms(wanted.ttlMs()));
        compare(differences, "expires", ms(present.expiresMs()), ms(wanted.expiresMs()));
        compare(differences, "limit", limit(present.limit()), limit(wanted.limit()));
        compare(differences, "retry", retry(present.retry()), retry(wanted.retry()));
        compare(differences, "dead-letter", deadLetter(present.deadLetter()), deadLetter(wanted.deadLetter()));
        compare(
                differences,
                "deduplicate",
                deduplication(present.deduplication()),
                deduplication(wanted.deduplication()));
        compare(differences, "durability", durability(present.durability()), durability(wanted.durability()));
        wanted.arguments().forEach((key, value) -> {
            Object there = present.arguments().get(key);
            if (there != null) {
                compare(differences, key, plain(there), plain(value));
            }
        });
        return differences;
    }

    /** Of these, what cannot change while the queue lives. */
    static List<SpecDifference> fixed(QueueSpec present, QueueSpec wanted) {
        var differences = new ArrayList<SpecDifference>();
        compare(differences, "durable", present.durable(), wanted.durable());
        compare(differences, "priorities", present.priorities(), wanted.priorities());
        compare(differences, "groups", groups(present.groups()), groups(wanted.groups()));
        compare(differences, "exclusive", present.exclusive(), wanted.exclusive());
        compare(differences, "auto-delete", present.autoDelete(), wanted.autoDelete());
        compare(differences, "single-active-consumer", present.singleActive(), wanted.singleActive());
        compare(differences, "temporary", present.temporary(), wanted.temporary());
        return differences;
    }

    static List<SpecDifference> of(ExchangeSpec present, ExchangeSpec wanted) {
        var differences = fixed(present, wanted);
        compare(differences, "alternate", name(present.alternate()), name(wanted.alternate()));
        return differences;
    }

    /** Of these, what cannot change while the exchange lives. */
    static List<SpecDifference> fixed(ExchangeSpec present, ExchangeSpec wanted) {
        var differences = new ArrayList<SpecDifference>();
        compare(differences, "type", present.type(), wanted.type());
        compare(differences, "durable", present.durable(), wanted.durable());
        compare(differences, "auto-delete", present.autoDelete(), wanted.autoDelete());
        compare(differences, "internal", present.internal(), wanted.internal());
        compare(differences, "arguments", present.arguments(), wanted.arguments());
        return differences;
    }

    /** What there is, with what can change taken from what is wanted. */
    static QueueSpec changed(QueueSpec present, QueueSpec wanted) {
        return wanted.but()
                .durable(present.durable())
                .priorities(present.priorities())
                .groups(present.groups())
                .exclusive(present.exclusive())
                .autoDelete(present.autoDelete())
                .singleActive(present.singleActive())
                .temporary(present.temporary())
                .build();
    }

    /** As for queues. */
    static ExchangeSpec changed(ExchangeSpec present, ExchangeSpec wanted) {
        return new ExchangeSpec(
                present.name(),
                present.type(),
                present.durable(),
                present.autoDelete(),
                present.internal(),
                wanted.alternate(),
                present.arguments());
    }

    /** Such as {@code ttl is 1000 ms, not 5000 ms}. */
    @Override
    public String toString() {
        return key + " is " + present + ", not " + wanted;
    }

    /** All of them as the end of a sentence. */
    static String text(List<SpecDifference> differences) {
        return String.join(
                "; ", differences.stream().map(SpecDifference::toString).toList());
    }

    static List<String> keys(List<SpecDifference> differences) {
        return differences.stream().map(SpecDifference::key).toList();
    }

    private static void compare(List<SpecDifference> differences, String key, Object present, Object wanted) {
        if (!Objects.equals(present, wanted)) {
            differences.add(new SpecDifference(key, present.toString(), wanted.toString()));
        }
    }

    /** Whole numbers are equal whatever their width. */
    private static Object plain(Object value) {
        return value instanceof Integer || value instanceof Short || value instanceof Byte
                ? ((Number) value).longValue()
                : value;
    }

    private static String ms(long value) {
        return value == Message.NONE ? "none" : value + " ms";
    }

    private static String name(@Nullable String name) {
        return name == null ? "none" : "'" + name + "'";
    }

    private static String groups(@Nullable GroupSpec groups) {
        return groups == null ? "none" : groups.max() + " at most, idle " + groups.idleMs() + " ms";
    }

    private static String deduplication(@Nullable Deduplication rule) {
        return rule == null ? "none" : rule.max() + " keys by '" + rule.by() + "' for " + ms(rule.windowMs());
    }

    private static String durability(@Nullable Durability durability) {
        return durability == null ? "the store's" : durability.key();
    }

    private static String limit(QueueLimit limit) {
        return count(limit.messages()) + " messages, " + count(limit.bytes()) + " bytes, "
                + limit.overflow().key();
    }

    private static String count(long value) {
        return value == QueueLimit.UNLIMITED ? "any number of" : Long.toString(value);
    }

    private static String retry(RetrySpec retry) {
        return retry.attempts() + " attempts, " + retry.backoff().name().toLowerCase(Locale.ROOT) + " from "
                + retry.firstMs() + " to " + retry.maxMs() + " ms, jitter " + retry.jitter();
    }

    private static String deadLetter(DeadLetter deadLetter) {
        if (deadLetter instanceof DeadLetter.ToQueue to) {
            return "queue '" + to.queue() + "'";
        }
        return deadLetter instanceof DeadLetter.ToExchange to
                ? "exchange '" + to.exchange() + "' with key '" + to.key() + "'"
                : "automatic";
    }
}
