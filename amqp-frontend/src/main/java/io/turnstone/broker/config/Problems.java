package io.turnstone.broker.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** Collects what is wrong in one file, so that a user sees everything at once. Used by one thread. */
final class Problems {

    /** More would help nobody. */
    private static final int LIMIT = 200;

    private final String file;
    private final List<Problem> found = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(Node at, String text) {
        var mark = at.getStartMark();
        add(mark.map(Mark::getLine).orElse(-1) + 1, mark.map(Mark::getColumn).orElse(-1) + 1, text);
    }

    void add(int line, int column, String text) {
        if (found.size() < LIMIT) {
            found.add(new Problem(file, line, column, text));
        }
    }

    /** What does not keep the file from being used. */
    void warn(Node at, String text) {
        var mark = at.getStartMark();
        if (warnings.size() < LIMIT) {
            warnings.add(new Problem(
                    file,
                    mark.map(Mark::getLine).orElse(-1) + 1,
                    mark.map(Mark::getColumn).orElse(-1) + 1,
                    "warning: " + text));
        }
    }

    List<Problem> warnings() {
        return warnings;
    }

    int count() {
        return found.size();
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            found.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
            throw new ConfigException(found);
        }
    }
}
