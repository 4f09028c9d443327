package io.turnstone.router.topology;

import io.turnstone.api.DeadLetter;
import io.turnstone.api.Deduplication;
import io.turnstone.api.Message;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import org.jspecify.annotations.Nullable;

/**
 * What queues of matching names get where they say nothing themselves. Of several policies the first that matches
 * counts, alone. Immutable.
 *
 * @param match a name in which {@code *} stands for any characters, none included
 * @param ttlMs longest life of each message, or {@link Message#NONE}
 * @param expiresMs the queue goes after this long without use, or {@link Message#NONE}
 * @param limit how much it may hold, or null
 * @param retry when failed deliveries are tried again, or null
 * @param deadLetter where dead messages go, or null
 * @param deduplication how a message is known that was published before, or null
 */
public record QueuePolicy(
        String match,
        long ttlMs,
        long expiresMs,
        @Nullable QueueLimit limit,
        @Nullable RetrySpec retry,
        @Nullable DeadLetter deadLetter,
        @Nullable Deduplication deduplication) {

    public QueuePolicy {
        if (match.isEmpty()) {
            throw new IllegalArgumentException("policy match must not be empty; '*' matches every queue");
        }
        if (ttlMs < 0 && ttlMs != Message.NONE) {
            throw new IllegalArgumentException("policy '" + match + "': ttl " + ttlMs + " ms must be >= 0");
        }
        if (expiresMs < 1 && expiresMs != Message.NONE) {
            throw new IllegalArgumentException("policy '" + match + "': expires " + expiresMs + " ms must be >= 1");
        }
    }

    /** Whether it is meant for a queue. */
    public boolean matches(String queue) {
        /* Greedy with one point to return to: linear in practice, never more than (pattern × name) steps. */
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (at < queue.length()) {
            if (in < match.length() && match.charAt(in) == '*') {
                star = in++;
                resume = at;
            } else if (in < match.length() && match.charAt(in) == queue.charAt(at)) {
                in++;
                at++;
            } else if (star >= 0) {
                in = star + 1;
                at = ++resume;
            } else {
                return false;
            }
        }
        while (in < match.length() && match.charAt(in) == '*') {
            in++;
        }
        return in == match.length();
    }

    /** A queue as declared, with this policy where the declaration leaves the default. */
    QueueSpec fill(QueueSpec declared) {
        var filled = declared.but();
        if (declared.ttlMs() == Message.NONE) {
            filled.ttlMs(ttlMs);
        }
        if (declared.expiresMs() == Message.NONE) {
            filled.expiresMs(expiresMs);
        }
        if (limit != null && declared.limit().equals(QueueLimit.NONE)) {
            filled.limit(limit);
        }
        if (retry != null && declared.retry().equals(RetrySpec.DEFAULT)) {
            filled.retry(retry);
        }
        if (deadLetter != null && declared.deadLetter() instanceof DeadLetter.Automatic) {
            filled.deadLetter(deadLetter);
        }
        if (declared.deduplication() == null) {
            filled.deduplication(deduplication);
        }
        return filled.build();
    }
}
