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
    private final DiskFloor disk;
    private boolean failed;

    /**
     * What is asked for.
     *
     * @param javaOptions of each broker
     */
    record Options(
            List<Workload> workloads,
            List<String> contenders,
            int repetitions,
            Effort effort,
            List<String> javaOptions) {}

    /** @param work a folder for what brokers write; logs of those that failed stay there */
    Series(Path root, Path work, Options options, PrintWriter out) {
        this.root = root;
        this.work = work;
        this.options = options;
        this.out = out;
        disk = new DiskFloor(work.resolve("disk"));
    }

    /**
     * Runs all of it; what is there after each repetition is written down.
     *
     * @return whether nothing failed
     */
    boolean run(Path output, String command) throws IOException, InterruptedException {
        Files.createDirectories(work);
        List<Contender> contenders = contenders();
        Heading heading = heading(contenders);
        for (int repetition = 0; repetition < options.repetitions(); repetition++) {
            for (Workload workload : options.workloads()) {
                var turns = new ArrayList<>(contenders.stream()
                        .filter(contender -> contender.runs(workload))
                        .toList());
                Collections.rotate(turns, -repetition);
                for (Contender contender : turns) {
                    trial(repetition, workload, contender);
                }
                if (workload == Workload.W3 && options.contenders().contains(DiskFloor.NAME)) {
                    disk.measure(options.effort(), results);
                }
            }
            write(heading, output, command);
        }
        return !failed;
    }

    private List<Contender> contenders() throws IOException {
        var all = new ArrayList<Contender>();
        for (String name : options.contenders()) {
            switch (name) {
                case "turnstone" -> all.add(new Turnstone(root));
                case "artemis" -> all.add(new Artemis(root, disk.writeNanos()));
                case "broker-j" -> all.add(new BrokerJ(root));
                case "null" -> all.add(new NullContender(root));
                case DiskFloor.NAME -> {}
                default ->
                    throw new IllegalArgumentException("--contenders: nobody is called '" + name
                            + "'; there are turnstone, artemis, broker-j, null and disk");
            }
        }
        return all;
    }

    private Heading heading(List<Contender> contenders) throws IOException {
        var versions = new LinkedHashMap<String, String>();
        for (Contender contender : contenders) {
            versions.put(contender.name(), contender.version());
        }
        if (options.contenders().contains(DiskFloor.NAME)) {
            versions.put(DiskFloor.NAME, DiskFloor.version());
        }
        return new Heading(
                "Turnstone and its peers",
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
                contenders.stream().filter(Contender::peer).map(Contender::name).toList());
    }

    private void trial(int repetition, Workload workload, Contender contender)
            throws IOException, InterruptedException {
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
            results.remark(contender.name() + ", " + workload + ": " + e.getMessage());
            keepLog(folder, contender, workload, repetition);
        }
        out.println(String.format(
                Locale.ROOT,
                "%d/%d %-4s %-10s %5.1f s  %s",
                repetition + 1,
                options.repetitions(),
                workload,
                contender.name(),
                (System.nanoTime() - start) / 1e9,
                outcome));
        out.flush();
    }

    private void keepLog(Path folder, Contender contender, Workload workload, int repetition) throws IOException {
        Path log = folder.resolve("log");
        if (Files.exists(log)) {
            Path kept = work.resolve(contender.name() + "-" + workload + "-" + repetition + ".log");
            Files.deleteIfExists(kept);
            Files.move(log, kept);
        }
    }

    private void write(Heading heading, Path output, String command) throws IOException {
        Files.createDirectories(output);
        Files.writeString(output.resolve("comparison.svg"), new Plot(heading, results).svg());
        Files.writeString(output.resolve("comparison.json"), JsonReport.text(heading, results));
        Path table = output.resolve("comparison.md");
        Files.writeString(table, new MarkdownReport(heading, results).text("comparison.svg", command));
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
