package io.turnstone.amqp.codec;

/**
 * Bytes that are not valid AMQP encoding. Whoever knows what was being read turns it into an error that says so:
 * this one never reaches a connection. No stack trace.
 */
public final class MalformedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public MalformedException(String what) {
        super(what, null, false, false);
    }
}
