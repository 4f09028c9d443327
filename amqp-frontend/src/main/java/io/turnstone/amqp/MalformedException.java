package io.turnstone.amqp;

/**
 * Bytes that are not valid AMQP encoding. Never leaves the codec: whoever knows what was being read turns it into a
 * {@link ConnectionError} or an {@link AmqpMessageException}. No stack trace.
 */
final class MalformedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MalformedException(String what) {
        super(what, null, false, false);
    }
}
