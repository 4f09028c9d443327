package io.turnstone.it.client;

/** A client could not do what a scenario asked of it. */
public final class ClientFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the client's own exception. */
    public ClientFailure(Throwable cause) {
        super(cause.toString(), cause);
    }

    /** With what a script said. */
    public ClientFailure(String message) {
        super(message);
    }
}
