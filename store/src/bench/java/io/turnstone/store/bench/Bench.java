package io.turnstone.store.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. Exit codes: 0 measured, 1 something failed, 2 wrong options. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures Turnstone's store.",
        subcommands = {Compare.class, Deep.class, Pauses.class})
final class Bench {

    private Bench() {}

    /** Runs one command. */
    public static void main(String[] arguments) {
        // Threads of a broken peer would keep the process alive, or leave it waiting for an answer.
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }
}
