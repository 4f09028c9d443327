package io.turnstone.amqp.message;

/** Bytes that are not an AMQP 1.0 message; says what is wrong and at which offset. No stack trace. */
public final class AmqpMessageException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final int offset;

    AmqpMessageException(String what, int offset) {
        super(what + " at byte " + offset + " of the message");
        this.offset = offset;
    }

    /** Where, counted from the first byte of the message. */
    int offset() {
        return offset;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
