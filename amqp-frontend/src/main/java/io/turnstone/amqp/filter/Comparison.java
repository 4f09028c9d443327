package io.turnstone.amqp.filter;

import java.util.Arrays;

/**
 * Two values compared. Numbers compare exactly, whatever their types; values of unlike types do not compare.
 *
 * @param register where the first value may be kept while it is evaluated, and behind it the second
 */
record Comparison(Term left, Sign sign, Term right, Dialect dialect, int register) implements Formula {

    /** The signs between two values. */
    enum Sign {
        EQUAL,
        UNEQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL;

        static Sign of(String text) {
            return switch (text) {
                case "=" -> EQUAL;
                case "<>" -> UNEQUAL;
                case "<" -> LESS;
                case "<=" -> LESS_OR_EQUAL;
                case ">" -> GREATER;
                default -> GREATER_OR_EQUAL;
            };
        }

        boolean orders() {
            return this != EQUAL && this != UNEQUAL;
        }

        private boolean holds(int order) {
            return switch (this) {
                case EQUAL -> order == 0;
                case UNEQUAL -> order != 0;
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
            };
        }
    }

    @Override
    public Truth test(Evaluation of) {
        Value one = of.register(register);
        left.read(of, one);
        if (one.nothing()) {
            return Truth.UNKNOWN;
        }
        Value other = of.register(register + 1);
        right.read(of, other);
        if (other.nothing()) {
            return Truth.UNKNOWN;
        }
        return Truth.of(holds(one, sign, other, dialect));
    }

    /** Whether two values, neither of them nothing, compare in that way. */
    static boolean holds(Value one, Sign sign, Value other, Dialect dialect) {
        if (one.number() && other.number()) {
            boolean comparable = !Double.isNaN(one.approximate()) && !Double.isNaN(other.approximate());
            return comparable ? sign.holds(Numbers.compare(one, other)) : sign == Sign.UNEQUAL;
        }
        if (one.kind() != other.kind() || one.kind() == Value.Kind.OTHER) {
            // JMS 2.0, section 3.8.1.1: false; in SQL, what cannot be equal is unequal.
            return dialect == Dialect.SQL && sign == Sign.UNEQUAL;
        }
        if (one.kind() == Value.Kind.TEXT) {
            // JMS 2.0, section 3.8.1.1: strings are equal or not; SQL orders them.
            return sign.orders()
                    ? dialect == Dialect.SQL && sign.holds(order(one, other))
                    : equal(one, other) == (sign == Sign.EQUAL);
        }
        return !sign.orders() && sign.holds(Boolean.compare(one.truth(), other.truth()));
    }

    private static boolean equal(Value one, Value other) {
        return one.length() == other.length()
                && Arrays.equals(
                        one.bytes(),
                        one.from(),
                        one.from() + one.length(),
                        other.bytes(),
                        other.from(),
                        other.from() + other.length());
    }

    private static int order(Value one, Value other) {
        return Arrays.compareUnsigned(
                one.bytes(),
                one.from(),
                one.from() + one.length(),
                other.bytes(),
                other.from(),
                other.from() + other.length());
    }
}
