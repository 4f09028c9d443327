package io.turnstone.store.journal;

import io.turnstone.store.spool.SpoolUse;
import org.jspecify.annotations.Nullable;

/**
 * Hears what groups changed once they are written, in log order and without bodies. The journal knows by this who reads
 * it, and nothing else of them.
 */
public interface JournalFollower {

    /** What follows lies in this segment, whose last group now ends at {@code end}. */
    void at(Segment segment, long end);

    /** A message that entered a queue. */
    void enqueue(int queue, int level, long position);

    /** A message that entered a queue and whose body is in a file. */
    void enqueueSpooled(int queue, int level, long position, SpoolUse body);

    /** The message before has keys, which outlive it. */
    void keyed();

    /** A message that left a queue. */
    void remove(int queue, long position);

    /** The record at {@code position} holds the latest overlay of the message at {@code target}. */
    void amend(long position, int queue, long target);

    /** The message at {@code from} of {@code source}, now at {@code position} of the targets. */
    void moved(long position, int source, long from, Targets targets);

    /** A message that waited at {@code pending} for its transaction's commit, now at {@code position} of the targets. */
    void entered(long position, long pending, Targets targets);

    /** A piece of topology, forgotten when the value is null. */
    void define(String kind, String name, byte @Nullable [] value);

    /** A queue that is gone. */
    void drop(int queue);

    /** All records up to this position were told. */
    void through(long position);
}
