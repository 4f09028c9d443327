package io.turnstone.amqp.management;

/** The rules for names in requests, beside those of the topology. */
final class ResourceNames {

    private static final String DEFAULT_EXCHANGE = "amq.default";
    private static final int FORBIDDEN = 403;

    private ResourceNames() {}

    /** A name without line breaks, which would forge lines of logs. */
    static String checked(String what, String name) {
        if (name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0) {
            throw RequestRefusal.bad("Bad name '" + name.replaceAll("\\p{Cntrl}", "?")
                    + "': line feed and carriage return characters not allowed");
        }
        if (name.isEmpty()) {
            throw RequestRefusal.bad(what + " with empty name not allowed");
        }
        return name;
    }

    /** The name of an exchange other than the default exchange. */
    static String exchange(String name) {
        if (name.isEmpty() || name.equals(DEFAULT_EXCHANGE)) {
            throw new RequestRefusal(FORBIDDEN, "operation not permitted on the default exchange");
        }
        return checked("exchange", name);
    }
}
