package io.turnstone.load.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** Every figure of every repetition, and what went wrong. Owned by one thread. */
final class Results {

    /** One test of a workload, such as a size of messages. */
    record Case(Work workload, String title) {}

    private final Map<Case, Map<String, Map<Metric, List<Double>>>> figures = new LinkedHashMap<>();
    private final Set<String> remarks = new LinkedHashSet<>();

    void add(Case of, String contender, Metric metric, double value) {
        figures.computeIfAbsent(of, key -> new LinkedHashMap<>())
                .computeIfAbsent(contender, key -> new EnumMap<>(Metric.class))
                .computeIfAbsent(metric, key -> new ArrayList<>())
                .add(value);
    }

    /** Something that a reader of the figures must know. */
    void remark(String text) {
        remarks.add(text);
    }

    List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** In the order of the workloads, whichever was measured first. */
    List<Case> cases() {
        var cases = new ArrayList<>(figures.keySet());
        cases.sort(Comparator.comparingInt(each -> each.workload().ordinal()));
        return cases;
    }

    /** The contenders of a case. */
    Set<String> contenders(Case of) {
        return figures.getOrDefault(of, Map.of()).keySet();
    }

    /** What was measured of anyone in a case. */
    List<Metric> metrics(Case of) {
        return figures.getOrDefault(of, Map.of()).values().stream()
                .flatMap(row -> row.keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** Of each repetition; empty when it was not measured. */
    List<Double> values(Case of, String contender, Metric metric) {
        return figures.getOrDefault(of, Map.of())
                .getOrDefault(contender, Map.of())
                .getOrDefault(metric, List.of());
    }

    /** The best median among these contenders. */
    OptionalDouble best(Case of, Metric metric, List<String> contenders) {
        var medians = contenders.stream()
                .map(contender -> values(of, contender, metric))
                .filter(values -> !values.isEmpty())
                .mapToDouble(Results::median);
        return metric.higherIsBetter() ? medians.max() : medians.min();
    }

    /** The middle one, or the mean of the two in the middle. */
    static double median(List<Double> values) {
        var sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
