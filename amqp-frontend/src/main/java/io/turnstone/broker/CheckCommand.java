package io.turnstone.broker;

import io.turnstone.broker.config.ConfigException;
import io.turnstone.broker.config.ConfigFile;
import io.turnstone.broker.plugin.PluginJars;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code turnstone check FILE…}. */
@Command(
        name = "check",
        description = "Finds every problem of configuration files. Exits with 0 when there is none, else with 2.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Configuration files, or folders with .yaml and .yml files.")
    private List<Path> paths = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        boolean good = true;
        for (Path path : paths) {
            List<Path> files = files(path);
            if (files.isEmpty()) {
                out.println(path + ": there is no .yaml or .yml file in this folder");
                good = false;
            }
            for (Path file : files) {
                good &= check(file, out);
            }
        }
        return good ? 0 : Main.WRONG;
    }

    private static boolean check(Path file, PrintWriter out) {
        try (var plugins = new PluginJars()) {
            ConfigFile.read(file, plugins, out::println);
            out.println(file + ": ok");
            return true;
        } catch (ConfigException e) {
            e.problems().forEach(out::println);
            return false;
        }
    }

    private static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> found = Files.list(path)) {
            return found.filter(file ->
                            file.toString().endsWith(".yaml") || file.toString().endsWith(".yml"))
                    .sorted()
                    .toList();
        }
    }
}
