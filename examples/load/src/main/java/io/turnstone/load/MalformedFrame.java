package io.turnstone.load;

/** The broker sent bytes that are no AMQP 1.0; the run ends. */
final class MalformedFrame extends RuntimeException {

    private static final long serialVersionUID = 1;

    MalformedFrame(String message) {
        super(message);
    }
}
