package io.turnstone.store.bench;

import java.util.EnumMap;
import java.util.Map;

/** The figures of one measurement. */
final class Sample {

    private final Map<Figure, Double> values = new EnumMap<>(Figure.class);

    Sample put(Figure figure, double value) {
        values.put(figure, value);
        return this;
    }

    /** One that was put in. */
    double get(Figure figure) {
        Double value = values.get(figure);
        if (value == null) {
            throw new IllegalStateException(figure.title() + " was not measured");
        }
        return value;
    }

    Map<Figure, Double> values() {
        return values;
    }
}
