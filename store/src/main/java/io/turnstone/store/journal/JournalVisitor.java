package io.turnstone.store.journal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives the records of a journal in log order. Buffers are valid during the call only; what a visitor does not need
 * it need not implement.
 */
public interface JournalVisitor {

    /** Every record, before what it says: where it begins. */
    default void record(long position, long offset) {}

    /** A message that entered queues. */
    default void enqueue(long position, Targets targets, String format, ByteBuffer overlay, ByteBuffer body) {}

    /** Messages that left a queue. */
    default void remove(long position, int queue, long[] positions) {}

    /** A new overlay for the message at {@code target}. */
    default void amend(long position, int queue, long target, ByteBuffer overlay) {}

    /** The message at {@code at} of {@code source}, now at {@code position} of the targets. */
    default void move(long position, int source, long at, Targets targets, ByteBuffer overlay) {}

    /** A message that waited at {@code pending} for its transaction's commit, now at {@code position} of the targets. */
    default void enter(long position, long pending, Targets targets) {}

    /** A piece of topology, forgotten when the value is null. */
    default void define(long position, String kind, String name, byte @Nullable [] value) {}

    /** A queue that is gone. */
    default void drop(long position, int queue) {}

    /** The store was closed in order. */
    default void seal(long position) {}
}
