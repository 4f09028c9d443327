package io.turnstone.amqp.codec;

import java.util.HashMap;
import java.util.Map;

/** The descriptors the specification names: their numbers, and the symbols that may stand for them. */
public final class Descriptors {

    static final int OPEN = 0x10;
    static final int CLOSE = 0x18;
    static final int RECEIVED = 0x23;
    static final int ACCEPTED = 0x24;
    static final int REJECTED = 0x25;
    static final int RELEASED = 0x26;
    static final int MODIFIED = 0x27;
    static final int TRANSACTIONAL_STATE = 0x34;
    static final int SASL_MECHANISMS = 0x40;
    static final int SASL_OUTCOME = 0x44;
    public static final int HEADER = 0x70;
    public static final int DELIVERY_ANNOTATIONS = 0x71;
    public static final int MESSAGE_ANNOTATIONS = 0x72;
    public static final int PROPERTIES = 0x73;
    public static final int APPLICATION_PROPERTIES = 0x74;
    public static final int DATA = 0x75;
    public static final int AMQP_SEQUENCE = 0x76;
    public static final int AMQP_VALUE = 0x77;
    public static final int FOOTER = 0x78;

    private static final Map<String, Integer> CODES = new HashMap<>();

    static {
        name(
                0x10,
                "open:list begin:list attach:list flow:list transfer:list disposition:list detach:list end:list"
                        + " close:list error:list");
        name(RECEIVED, "received:list accepted:list rejected:list released:list modified:list");
        name(0x30, "coordinator:list declare:list discharge:list declared:list transactional-state:list");
        name(
                SASL_MECHANISMS,
                "sasl-mechanisms:list sasl-init:list sasl-challenge:list sasl-response:list" + " sasl-outcome:list");
        name(
                HEADER,
                "header:list delivery-annotations:map message-annotations:map properties:list"
                        + " application-properties:map data:binary amqp-sequence:list amqp-value:* footer:map");
    }

    private Descriptors() {}

    /** The number of a symbol, or {@link Encodings#UNKNOWN}. */
    static long code(String symbol) {
        Integer code = CODES.get(symbol);
        return code == null ? Encodings.UNKNOWN : code;
    }

    private static void name(int first, String names) {
        int code = first;
        for (String name : names.split(" ", -1)) {
            CODES.put("amqp:" + name, code++);
        }
    }
}
