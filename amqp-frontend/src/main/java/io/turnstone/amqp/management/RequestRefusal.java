package io.turnstone.amqp.management;

/** A request that is answered with an error: its code, and a sentence that says what is wrong and what to do. */
final class RequestRefusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;

    private final int code;

    RequestRefusal(int code, String description) {
        super(description, null, false, false);
        this.code = code;
    }

    /** A request that makes no sense. */
    static RequestRefusal bad(String description) {
        return new RequestRefusal(BAD_REQUEST, description);
    }

    int code() {
        return code;
    }

    String description() {
        return String.valueOf(getMessage());
    }
}
