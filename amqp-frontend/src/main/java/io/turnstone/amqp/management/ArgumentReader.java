package io.turnstone.amqp.management;

import java.util.List;

/** Reads one argument of a queue or refuses it, saying what it must be. Immutable. */
record ArgumentReader(String queue, String key, Object value) {

    long number(long least, long most) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            long number = ((Number) value).longValue();
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw bad("must be a whole number from " + least + " to " + most);
    }

    String text() {
        if (value instanceof String text) {
            return text;
        }
        throw bad("must be a string");
    }

    String oneOf(List<String> words) {
        if (value instanceof String text && words.contains(text)) {
            return text;
        }
        throw bad("must be one of " + String.join(", ", words));
    }

    boolean flag() {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw bad("must be true or false");
    }

    RequestRefusal bad(String rule) {
        return RequestRefusal.bad(
                "invalid arg '" + key + "' for queue '" + queue + "' in vhost '/': '" + shown() + "' " + rule);
    }

    private String shown() {
        String text = String.valueOf(value);
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
