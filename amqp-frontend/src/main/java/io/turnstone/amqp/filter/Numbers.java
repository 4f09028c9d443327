package io.turnstone.amqp.filter;

import java.math.BigDecimal;

/** Comparing and computing with numbers of any type. */
final class Numbers {

    private static final double LONG_END = 0x1p63;

    private Numbers() {}

    /** Which of two numbers, neither of them NaN, is larger; no digit is lost in comparing. */
    static int compare(Value one, Value other) {
        boolean exact = one.kind() != Value.Kind.APPROXIMATE;
        if (exact == (other.kind() != Value.Kind.APPROXIMATE)) {
            return exact ? compareExact(one, other) : compareApproximate(one.approximate(), other.approximate());
        }
        return exact ? compareMixed(one, other.approximate()) : -compareMixed(other, one.approximate());
    }

    private static int compareExact(Value one, Value other) {
        return one.kind() == Value.Kind.EXACT && other.kind() == Value.Kind.EXACT
                ? Long.compare(one.exact(), other.exact())
                : one.big().compareTo(other.big());
    }

    /** Zero is zero, whatever its sign. */
    private static int compareApproximate(double one, double other) {
        return one < other ? -1 : one > other ? 1 : 0;
    }

    private static int compareMixed(Value exact, double approximate) {
        if (exact.kind() == Value.Kind.BIG) {
            return Double.isInfinite(approximate)
                    ? compareApproximate(0.0, approximate)
                    : new BigDecimal(exact.big()).compareTo(new BigDecimal(approximate));
        }
        if (approximate >= LONG_END) {
            return -1;
        }
        if (approximate < -LONG_END) {
            return 1;
        }
        long whole = (long) approximate;
        int order = Long.compare(exact.exact(), whole);
        return order != 0 ? order : compareApproximate((double) whole, approximate);
    }

    /**
     * Computes with two values, into the first: whole numbers stay whole as far as 64 bits go, everything else is
     * approximate. With what is no number, and divided by zero, it is unknown.
     */
    static void compute(Value left, char sign, Value right, Dialect dialect) {
        if (!left.number() || !right.number()) {
            left.clear();
        } else if ((sign == '/' || sign == '%') && right.approximate() == 0) {
            left.clear();
        } else if (left.kind() == Value.Kind.EXACT && right.kind() == Value.Kind.EXACT) {
            exact(left, sign, right, dialect);
        } else {
            left.approximate(approximate(left.approximate(), sign, right.approximate()));
        }
    }

    private static void exact(Value left, char sign, Value right, Dialect dialect) {
        long a = left.exact();
        long b = right.exact();
        try {
            switch (sign) {
                case '+' -> left.exact(Math.addExact(a, b));
                case '-' -> left.exact(Math.subtractExact(a, b));
                case '*' -> left.exact(Math.multiplyExact(a, b));
                case '%' -> left.exact(a % b);
                default -> divide(left, b, dialect);
            }
        } catch (ArithmeticException overflow) {
            left.approximate(approximate((double) a, sign, (double) b));
        }
    }

    /** JMS divides whole numbers as Java does; in SQL 7 / 2 is 3.5. */
    private static void divide(Value left, long by, Dialect dialect) {
        long a = left.exact();
        boolean whole = dialect == Dialect.SELECTOR || a % by == 0;
        if (whole && !(a == Long.MIN_VALUE && by == -1)) {
            left.exact(a / by);
        } else {
            left.approximate((double) a / by);
        }
    }

    private static double approximate(double a, char sign, double b) {
        return switch (sign) {
            case '+' -> a + b;
            case '-' -> a - b;
            case '*' -> a * b;
            case '%' -> a % b;
            default -> a / b;
        };
    }

    /** The negative of a number; of anything else unknown. */
    static void negate(Value value) {
        switch (value.kind()) {
            case EXACT, BIG -> value.exact(value.big().negate());
            case APPROXIMATE -> value.approximate(-value.approximate());
            default -> value.clear();
        }
    }
}
