package io.turnstone.router.topology;

import java.util.List;

/**
 * What became of a {@link DeclaredTopology}. Immutable.
 *
 * @param problems why nothing was applied; empty when all was
 * @param created what is new, such as {@code queue 'orders'}
 * @param changed what works differently from now on
 * @param deleted what left the declaration and is gone
 * @param left what could not follow the declaration while running and stays as it was
 */
public record ApplyReport(
        List<TopologyProblem> problems,
        List<String> created,
        List<String> changed,
        List<String> deleted,
        List<TopologyProblem> left) {

    public ApplyReport {
        problems = List.copyOf(problems);
        created = List.copyOf(created);
        changed = List.copyOf(changed);
        deleted = List.copyOf(deleted);
        left = List.copyOf(left);
    }

    /** Nothing was applied. */
    public static ApplyReport refused(List<TopologyProblem> problems) {
        return new ApplyReport(problems, List.of(), List.of(), List.of(), List.of());
    }

    /** Whether the declaration was applied. */
    public boolean applied() {
        return problems.isEmpty();
    }
}
