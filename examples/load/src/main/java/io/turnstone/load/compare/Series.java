package io.turnstone.load.compare;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every workload on every contender, again and again: contenders take turns within a workload, and the one that begins
 * changes with each repetition. Owned by one thread.
 */
final class Series {

    private final Path root;
    private final Path work;
    private final Options options;
    private final PrintWriter out;
    private final Results results = new Results();
    private final @Nullable DiskFloor disk;
    private boolean failed;

    /**
     * What is asked for.
     *
     * @param against the names of those to whom the others are compared
     * @param file the report's name, without its end
     * @param javaOptions of each broker
     */
    record Options(
            String title,
            String file,
            List<? extends Work> works,
            List<Contender> contenders,
            List<String> against,
            int repetitions,
            Effort effort,
            List<String> javaOptions) {}

    /**
     * A series that has not begun.
     *
     * @param work a folder for what brokers write; logs of those that failed stay there
     * @param disk measured in W3, if it is to be
     */
    Series(Path root, Path work, Options options, @Nullable DiskFloor disk, PrintWriter out) {
        this.root = root;
        this.work = work;
        this.options = options;
        this.disk = disk;
        this.out = out;
    }

    /**
     * Runs all of it; what is there after each repetition is written down.
     *
     * @return whether nothing failed
     */
    boolean run(Path output, String command) throws IOException, InterruptedException {
        Files.createDirectories(work);
        Heading heading = heading();
        for (int repetition = 0; repetition < options.repetitions(); repetition++) {
            for (Work workload : options.works()) {
                var turns = new ArrayList<>(options.contenders().stream()
                        .filter(contender -> contender.runs(workload))
                        .toList());
                Collections.rotate(turns, -repetition);
                for (Contender contender : turns) {
                    trial(repetition, workload, contender);
                }
                if (workload == Workload.W3 && disk != null) {
                    disk.measure(options.effort(), results);
                }
            }
            write(heading, output, command);
        }
        return !failed;
    }

    private Heading heading() throws IOException {
        var versions = new LinkedHashMap<String, String>();
        for (Contender contender : options.contenders()) {
            versions.put(contender.name(), contender.version());
        }
        if (disk != null) {
            versions.put(DiskFloor.NAME, DiskFloor.version());
        }
        return new Heading(
                options.title(),
                LocalDate.now(ZoneOffset.UTC).toString(),
                Machine.line(work),
                String.format(
                        Locale.ROOT,
                        "%d repetitions, Java options %s for each, load average at the start %.1f.%s",
                        options.repetitions(),
                        String.join(" ", options.javaOptions()),
                        Machine.load(),
                        options.effort().equals(Effort.QUICK) ? " **A quick run: its figures say little.**" : ""),
                versions,
                options.against());
    }

    private void trial(int repetition, Work workload, Contender contender) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Path folder = work.resolve(contender.name());
        delete(folder);
        var trial = new Trial(
                workload, contender, Place.of(root, folder, options.javaOptions()), options.effort(), results);
        String outcome = "done";
        try {
            workload.run(trial);
            delete(folder);
        } catch (IOException | RuntimeException e) {
            failed = true;
            outcome = "FAILED: " + e.getMessage();
            results.remark(contender.name() + ", " + workload.name() + ": " + e.getMessage());
            keepLog(folder, contender, workload, repetition);
        }
        out.println(String.format(
                Locale.ROOT,
                "%d/%d %-4s %-10s %5.1f s  %s",
                repetition + 1,
                options.repetitions(),
                workload.name(),
                contender.name(),
                (System.nanoTime() - start) / 1e9,
                outcome));
        out.flush();
    }

    private void keepLog(Path folder, Contender contender, Work workload, int repetition) throws IOException {
        Path log = folder.resolve("log");
        if (Files.exists(log)) {
            Path kept = work.resolve(contender.name() + "-" + workload.name() + "-" + repetition + ".log");
            Files.deleteIfExists(kept);
            Files.move(log, kept);
        }
    }

    private void write(Heading heading, Path output, String command) throws IOException {
        Files.createDirectories(output);
        Files.writeString(output.resolve(options.file() + ".svg"), new Plot(heading, results).svg());
        Files.writeString(output.resolve(options.file() + ".json"), JsonReport.text(heading, results));
        Path table = output.resolve(options.file() + ".md");
        Files.writeString(table, new MarkdownReport(heading, results).text(options.file() + ".svg", command));
        out.println("written: " + table);
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
