package io.turnstone.broker.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration cannot be used; lists every problem that was found, in the order of the file. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** Every problem, at least one. */
    public List<Problem> problems() {
        return problems;
    }
}
