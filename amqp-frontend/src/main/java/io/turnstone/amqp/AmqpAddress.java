package io.turnstone.amqp;

import io.turnstone.api.Address;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Target;
import org.jspecify.annotations.Nullable;

/**
 * The address of a terminus, in whichever dialect it is written, and the way back. Immutable.
 *
 * @param address what the broker makes of it
 * @param dialect how it was written
 * @param consumerPriority the {@code consumer-priority} parameter, or 0
 */
record AmqpAddress(Address address, Dialect dialect, int consumerPriority) {

    /** A way of writing addresses. */
    enum Dialect {
        /** {@code /queues/NAME}, percent-encoded. */
        PATH,
        /** Names as they are. */
        PLAIN
    }

    /**
     * Where a link sends to.
     *
     * @param dynamicName the name a dynamic node gets
     * @throws LinkError {@code amqp:invalid-field}, {@code amqp:not-found} or {@code amqp:not-implemented}
     */
    static AmqpAddress ofTarget(@Nullable Target target, String dynamicName) {
        throw new UnsupportedOperationException();
    }

    /** Where a link takes from; the same rules. */
    static AmqpAddress ofSource(@Nullable Source source, String dynamicName) {
        throw new UnsupportedOperationException();
    }

    /** Where one message on the anonymous terminus goes: its {@code to}. */
    static AmqpAddress ofTo(@Nullable String to) {
        throw new UnsupportedOperationException();
    }

    /** The address of a queue as this dialect writes it. */
    static String write(String queue, Dialect dialect) {
        throw new UnsupportedOperationException();
    }
}
