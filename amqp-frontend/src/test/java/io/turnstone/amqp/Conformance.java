package io.turnstone.amqp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/**
 * The checklist of the specification, {@code conformance.txt}, side by side with the tests that are tagged with
 * {@link Spec}. Immutable.
 */
final class Conformance {

    /** What is known of one line of the checklist. */
    enum State {
        TESTED('-', "tested"),
        PARTLY('~', "partly"),
        NOT_APPLICABLE('x', "not applicable"),
        TO_DO('?', "to do");

        final char mark;
        final String words;

        State(char mark, String words) {
            this.mark = mark;
            this.words = words;
        }

        static State of(String line) {
            return Stream.of(values())
                    .filter(state -> line.charAt(0) == state.mark && line.charAt(1) == ' ')
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("a line begins with -, ~, x or ?: " + line));
        }
    }

    /** One line: what a section asks, and why it is not simply tested. */
    record Requirement(String part, Section section, String says, State state, String why) {
        Requirement {
            if (why.isEmpty() != (state == State.TESTED)) {
                throw new IllegalArgumentException(
                        "'" + says + "': a reason is given behind a bar unless it is tested");
            }
        }

        @Override
        public String toString() {
            return section.number() + ": " + says;
        }
    }

    /** A section of the standard or a chapter of an extension. */
    record Section(String number, String title) {
        static Section of(String heading) {
            String[] halves = heading.split(" \\| ", 2);
            return new Section(halves[0], halves.length == 1 ? "" : halves[1]);
        }
    }

    /** A test method and one of its tags. */
    record Tagged(Method test, Spec spec) {
        boolean shows(Requirement requirement) {
            return spec.section().equals(requirement.section().number())
                    && spec.says().equals(requirement.says());
        }

        String name() {
            return test.getDeclaringClass().getSimpleName() + "." + test.getName();
        }

        @Override
        public String toString() {
            return name() + " (" + spec.section() + ": " + spec.says() + ")";
        }
    }

    private final List<Requirement> requirements;
    private final List<Tagged> tagged;

    private Conformance(List<Requirement> requirements, List<Tagged> tagged) {
        this.requirements = requirements;
        this.tagged = tagged;
    }

    /** The checklist as it is, and every tagged test of this module. */
    static Conformance read() {
        try (var checklist = Conformance.class.getResourceAsStream("conformance.txt")) {
            Path classes = Path.of(Conformance.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return new Conformance(
                    requirements(new String(checklist.readAllBytes(), StandardCharsets.UTF_8)), tagged(classes));
        } catch (IOException | URISyntaxException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private static List<Requirement> requirements(String text) {
        var all = new LinkedHashMap<String, Requirement>();
        String part = "";
        Section section = null;
        for (String line : text.split("\n")) {
            if (line.startsWith("# ")) {
                part = line.substring(2);
            } else if (line.startsWith("## ")) {
                section = Section.of(line.substring(3));
            } else if (section != null && !line.isBlank()) {
                String[] halves = line.substring(2).split(" \\| ", 2);
                var read =
                        new Requirement(part, section, halves[0], State.of(line), halves.length == 1 ? "" : halves[1]);
                if (all.put(read.toString(), read) != null) {
                    throw new IllegalArgumentException("twice: " + read);
                }
            }
        }
        return List.copyOf(all.values());
    }

    private static List<Tagged> tagged(Path classes) throws IOException {
        var all = new ArrayList<Tagged>();
        try (Stream<Path> files = Files.walk(classes)) {
            files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith("Test.class") || name.endsWith("IT.class"))
                    .sorted()
                    .flatMap(name -> Arrays.stream(load(name).getDeclaredMethods()))
                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                    .forEach(test -> {
                        for (Spec spec : test.getAnnotationsByType(Spec.class)) {
                            all.add(new Tagged(test, spec));
                        }
                    });
        }
        return List.copyOf(all);
    }

    private static Class<?> load(String file) {
        String name = file.substring(0, file.length() - ".class".length()).replace(java.io.File.separatorChar, '.');
        try {
            return Class.forName(name, false, Conformance.class.getClassLoader());
        } catch (ClassNotFoundException missing) {
            throw new UncheckedIOException(new IOException(missing));
        }
    }

    List<Requirement> requirements() {
        return requirements;
    }

    List<Tagged> tagged() {
        return tagged;
    }

    /** The tests that show it. */
    List<Tagged> of(Requirement requirement) {
        return tagged.stream().filter(each -> each.shows(requirement)).toList();
    }

    /** The page of the documentation. */
    String page() {
        var page = new StringBuilder("""
                # AMQP 1.0, line by line
                What the OASIS Standard and its extensions ask of a broker, in our words, and the tests that hold Turnstone to it.
                This page is written by `ConformanceTest` from `conformance.txt` and the tests' `@Spec` tags; the build fails when
                a line has no test, when a test names a line that is not there, or when this page is not what they say. After a
                change: `./mvnw -pl amqp-frontend -am test -Dtest=ConformanceTest -Dconformance.write=true`.

                """);
        for (State state : State.values()) {
            page.append("- ")
                    .append(state.words)
                    .append(": ")
                    .append(count(state))
                    .append('\n');
        }
        var parts = new LinkedHashMap<String, List<Requirement>>();
        requirements.forEach(each ->
                parts.computeIfAbsent(each.part(), part -> new ArrayList<>()).add(each));
        parts.forEach((part, lines) -> append(page, part, lines));
        return page.toString();
    }

    private long count(State state) {
        return requirements.stream().filter(each -> each.state() == state).count();
    }

    private void append(StringBuilder page, String part, List<Requirement> lines) {
        page.append("\n## ").append(part).append("\n| § | asked | state | shown by |\n|---|---|---|---|\n");
        Section last = null;
        for (Requirement each : lines) {
            String section = each.section().equals(last)
                    ? ""
                    : "**" + each.section().number() + "** " + each.section().title();
            last = each.section();
            page.append("| ").append(section.strip());
            page.append(" | ").append(each.says().replace("|", "\\|"));
            page.append(" | ").append(each.state().words).append(each.why().isEmpty() ? "" : ": " + each.why());
            page.append(" | ").append(tests(each)).append(" |\n");
        }
    }

    private String tests(Requirement requirement) {
        return String.join(
                "<br>",
                of(requirement).stream().map(test -> "`" + test.name() + "`").toList());
    }
}
