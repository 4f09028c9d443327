package io.turnstone.amqp.terms;

import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.jspecify.annotations.Nullable;

/** The filters there are, by their descriptors. */
enum FilterKind {
    DIRECT_BINDING("apache.org:legacy-amqp-direct-binding:string", 0x0000468C00000000L, "direct"),
    TOPIC_BINDING("apache.org:legacy-amqp-topic-binding:string", 0x0000468C00000001L, "topic"),
    HEADERS_BINDING("apache.org:legacy-amqp-headers-binding:map", 0x0000468C00000002L, "headers"),
    NO_LOCAL("apache.org:no-local-filter:list", 0x0000468C00000003L, ""),
    SELECTOR("apache.org:selector-filter:string", 0x0000468C00000004L, ""),
    SQL("amqp:sql-filter", 0x120, ""),
    PROPERTIES("amqp:properties-filter", 0x173, ""),
    APPLICATION_PROPERTIES("amqp:application-properties-filter", 0x174, "");

    private static final Map<Object, FilterKind> BY_DESCRIPTOR = new HashMap<>();

    static {
        for (FilterKind kind : values()) {
            BY_DESCRIPTOR.put(Symbol.valueOf(kind.symbol), kind);
            BY_DESCRIPTOR.put(UnsignedLong.valueOf(kind.code), kind);
        }
    }

    private final String symbol;
    private final long code;
    private final String exchangeType;

    FilterKind(String symbol, long code, String exchangeType) {
        this.symbol = symbol;
        this.code = code;
        this.exchangeType = exchangeType;
    }

    /** The kind of a descriptor, a symbol or a number, or null for one we do not know. */
    static @Nullable FilterKind of(Object descriptor) {
        return BY_DESCRIPTOR.get(descriptor);
    }

    /** For a binding filter, the type of the exchanges it is for. */
    String exchangeType() {
        return exchangeType;
    }

    /** What its value must be. */
    String type() {
        return this == PROPERTIES || this == APPLICATION_PROPERTIES || this == HEADERS_BINDING ? "map" : "string";
    }

    /** @throws ClassCastException when it is no string */
    String text(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new ClassCastException(type());
    }

    /** @throws ClassCastException when it is no map */
    Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new ClassCastException(type());
    }
}
