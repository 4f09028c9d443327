package io.turnstone.amqp.filter;

import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.amqp.filter.Comparison.Sign;
import io.turnstone.amqp.filter.Formula.Truth;
import io.turnstone.api.MessageFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * Filters that want certain values of properties, all of them (AMQP filter expressions, section 4). A string may begin
 * with {@code &p:} or {@code &s:} and is a prefix or suffix then, with {@code &&} for one that begins with {@code &};
 * null takes any value.
 */
public final class PropertyFilters {

    private static final int MAX_ENTRIES = 16;
    private static final String PREFIX = "&p:";
    private static final String SUFFIX = "&s:";

    private PropertyFilters() {}

    /**
     * A filter by fields of the properties section, by their names in the specification.
     *
     * @throws FilterSyntaxException saying what is wrong with which entry
     */
    public static MessageFilter properties(Map<?, ?> wanted) {
        var needs = new Needs();
        var parts = new ArrayList<Formula>();
        check(wanted).forEach((key, value) -> {
            Field field = key instanceof Symbol || key instanceof String ? Names.property(key.toString()) : null;
            if (field == null) {
                throw new FilterSyntaxException("the key " + FilterSyntaxException.quoted(String.valueOf(key))
                        + " must be the name of a field of the properties section");
            }
            Object reference = simple(key, value);
            if (reference != null) {
                parts.add(matches(field, reference, needs));
            }
        });
        return filter(parts, needs);
    }

    /**
     * A filter by application properties, which must be there.
     *
     * @throws FilterSyntaxException saying what is wrong with which entry
     */
    public static MessageFilter applicationProperties(Map<?, ?> wanted) {
        var needs = new Needs();
        var parts = new ArrayList<Formula>();
        check(wanted).forEach((key, value) -> {
            if (!(key instanceof String || key instanceof Symbol)) {
                throw new FilterSyntaxException(
                        "the key " + FilterSyntaxException.quoted(String.valueOf(key)) + " must be a string");
            }
            Term property = needs.applicationProperty(key.toString());
            Object reference = simple(key, value);
            parts.add(reference == null ? present(property, needs) : matches(property, reference, needs));
        });
        return filter(parts, needs);
    }

    private static MessageFilter filter(List<Formula> parts, Needs needs) {
        return new ExpressionFilter(parts.size() == 1 ? parts.get(0) : new Junction(parts, Truth.FALSE), needs);
    }

    private static Map<?, ?> check(Map<?, ?> wanted) {
        if (wanted.isEmpty() || wanted.size() > MAX_ENTRIES) {
            throw new FilterSyntaxException(
                    "it names " + wanted.size() + " properties, and must name 1 to " + MAX_ENTRIES);
        }
        return wanted;
    }

    /** A wanted value; null is null. */
    private static @Nullable Object simple(@Nullable Object key, @Nullable Object value) {
        Object jdk = JdkValues.of(value);
        if (jdk instanceof Map || jdk instanceof List || (jdk == null && value != null)) {
            throw new FilterSyntaxException("the value of " + FilterSyntaxException.quoted(String.valueOf(key))
                    + " must be a string, a number, a boolean or another simple type");
        }
        return jdk;
    }

    private static Formula present(Term term, Needs needs) {
        int register = needs.registers(1);
        return of -> {
            Value value = of.register(register);
            term.read(of, value);
            return Truth.of(!value.nothing());
        };
    }

    private static Formula matches(Term term, Object reference, Needs needs) {
        if (reference instanceof String text && text.startsWith("&")) {
            if (text.startsWith(PREFIX) || text.startsWith(SUFFIX)) {
                boolean prefix = text.startsWith(PREFIX);
                String affix = text.substring(PREFIX.length());
                return new Like(term, Like.affix(affix, prefix), Dialect.SQL, needs.registers(1));
            }
            if (!text.startsWith("&&")) {
                throw new FilterSyntaxException("the value " + FilterSyntaxException.quoted(text)
                        + " must not begin with a single &: write &p: for a prefix, &s: for a suffix or && for &");
            }
            return equal(term, text.substring(1), needs);
        }
        return equal(term, reference, needs);
    }

    private static Formula equal(Term term, Object reference, Needs needs) {
        var value = new Value();
        value.set(reference);
        return new Comparison(term, Sign.EQUAL, new Constant(value), Dialect.SQL, needs.registers(2));
    }
}
