package io.turnstone.amqp.codec;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure of the keys of AMQP's {@code fields}: symbols. Strings, which sloppy clients send, are taken for symbols;
 * anything else is an error.
 */
final class SymbolMaps {

    private SymbolMaps() {}

    /**
     * The map, with symbols for keys.
     *
     * @throws MalformedException naming the field when a key is neither symbol nor string
     */
    static Map<Symbol, Object> checked(String field, Map<?, ?> map) {
        var checked = new LinkedHashMap<Symbol, Object>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getKey() instanceof Symbol symbol) {
                checked.put(symbol, entry.getValue());
            } else if (entry.getKey() instanceof String string) {
                checked.put(Symbol.valueOf(string), entry.getValue());
            } else {
                throw new MalformedException("field " + field + " has a key that is not a symbol");
            }
        }
        return checked;
    }

    /** The same for a field that may be absent. */
    static @Nullable Map<Symbol, Object> checkedOrNull(String field, @Nullable Map<?, ?> map) {
        return map == null ? null : checked(field, map);
    }
}
