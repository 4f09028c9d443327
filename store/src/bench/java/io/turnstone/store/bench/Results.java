package io.turnstone.store.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything one run measured: by test, by row, by figure, one value per repetition. */
final class Results {

    private final Map<String, Map<String, Map<Figure, List<Double>>>> tests = new LinkedHashMap<>();

    void add(String test, String row, Sample sample) {
        var figures = tests.computeIfAbsent(test, t -> new LinkedHashMap<>())
                .computeIfAbsent(row, r -> new EnumMap<>(Figure.class));
        sample.values()
                .forEach((figure, value) ->
                        figures.computeIfAbsent(figure, f -> new ArrayList<>()).add(value));
    }

    /** Tests, rows and values in the order they were first measured, figures in their own. */
    Map<String, Map<String, Map<Figure, List<Double>>>> tests() {
        return tests;
    }

    /** The middle one; of an even number the mean of the two in the middle. */
    static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }
}
