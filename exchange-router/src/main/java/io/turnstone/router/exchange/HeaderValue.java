package io.turnstone.router.exchange;

import java.math.BigDecimal;
import java.nio.ByteBuffer;

/** How values of headers compare: numbers by value whatever their width, bytes by content, the rest by equality. */
final class HeaderValue {

    private HeaderValue() {}

    /** A value that equals another exactly when the headers match. */
    static Object comparable(Object value) {
        if (value instanceof byte[] bytes) {
            return ByteBuffer.wrap(bytes);
        }
        if (!(value instanceof Number number)) {
            return value;
        }
        if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
            return number.longValue();
        }
        double approximate = number.doubleValue();
        if (Double.isNaN(approximate) || Double.isInfinite(approximate)) {
            return approximate;
        }
        var exact = new BigDecimal(number.toString()).stripTrailingZeros();
        boolean small = exact.scale() <= 0 && exact.precision() - exact.scale() <= 18;
        return small ? (Object) exact.longValue() : exact;
    }
}
