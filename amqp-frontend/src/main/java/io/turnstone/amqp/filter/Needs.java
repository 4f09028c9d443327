package io.turnstone.amqp.filter;

import java.util.ArrayList;
import java.util.List;

/**
 * What the evaluation of one expression needs: registers for values, and the keys whose values it asks for. Written
 * while the expression is made, never after.
 */
final class Needs {

    /** Keys of one map, numbered in the order in which they were first wanted. Written as {@link Needs} is. */
    static final class Keys {

        private final ByteTable table = new ByteTable();
        private final List<String> names = new ArrayList<>();

        int want(String name) {
            int number = table.add(name);
            if (number == names.size()) {
                names.add(name);
            }
            return number;
        }

        int count() {
            return names.size();
        }

        String name(int number) {
            return names.get(number);
        }

        /** The number of the key that these bytes are, or -1. */
        int find(byte[] array, int from, int length) {
            return table.find(array, from, length);
        }
    }

    /** An application property. Immutable. */
    record Property(String name, int number) implements Term {

        @Override
        public void read(Evaluation of, Value out) {
            of.application(number, out);
        }
    }

    private final Keys applicationProperties = new Keys();
    private final Keys annotations = new Keys();
    private int registers;

    /** So many registers that nothing else uses; returns the number of the first. */
    int registers(int count) {
        registers += count;
        return registers - count;
    }

    int registers() {
        return registers;
    }

    Keys applicationProperties() {
        return applicationProperties;
    }

    Keys annotations() {
        return annotations;
    }

    /** The value of an application property. */
    Term applicationProperty(String name) {
        return new Property(name, applicationProperties.want(name));
    }

    /** The value of a message annotation. */
    Term annotation(String name) {
        int number = annotations.want(name);
        return (of, out) -> of.annotation(number, out);
    }
}
