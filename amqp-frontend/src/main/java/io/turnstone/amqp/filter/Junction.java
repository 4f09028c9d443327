package io.turnstone.amqp.filter;

import java.util.List;

/**
 * AND or OR over any number of parts, evaluated from the left until one decides. Immutable.
 *
 * @param decides the truth of one part that decides: false for AND, true for OR
 */
record Junction(List<Formula> parts, Truth decides) implements Formula {

    Junction {
        parts = List.copyOf(parts);
    }

    @Override
    public Truth test(Evaluation of) {
        Truth all = decides.negated();
        for (int i = 0; i < parts.size(); i++) {
            Truth part = parts.get(i).test(of);
            if (part == decides) {
                return decides;
            }
            if (part == Truth.UNKNOWN) {
                all = part;
            }
        }
        return all;
    }
}
