package io.turnstone.broker;

import io.turnstone.broker.security.ScramHash;
import io.turnstone.broker.security.ScramVerifier;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code turnstone hash-password}. */
@Command(
        name = "hash-password",
        description = "Reads a password from the console, or one line of standard input, and prints what the "
                + "configuration keeps of it under users: NAME: password.",
        mixinStandardHelpOptions = true)
final class HashPasswordCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--iterations",
            paramLabel = "N",
            description = "Work for each guess; default ${DEFAULT-VALUE}, at least 4096.")
    private int iterations = ScramVerifier.DEFAULT_ITERATIONS;

    @Option(
            names = "--mechanism",
            paramLabel = "NAME",
            description = "What the password is for beside PLAIN: SCRAM-SHA-256 or SCRAM-SHA-512; default"
                    + " ${DEFAULT-VALUE}. A user may have one of each.")
    private String mechanism = ScramHash.SHA_256.mechanism().label();

    @Override
    public Integer call() throws IOException {
        if (iterations < ScramVerifier.MIN_ITERATIONS || iterations > ScramVerifier.MAX_ITERATIONS) {
            throw wrong("--iterations must be " + ScramVerifier.MIN_ITERATIONS + " to " + ScramVerifier.MAX_ITERATIONS
                    + ", not " + iterations);
        }
        ScramHash hash = ScramHash.of(mechanism)
                .orElseThrow(
                        () -> wrong("--mechanism must be SCRAM-SHA-256 or SCRAM-SHA-512, not '" + mechanism + "'"));
        char[] password = read();
        if (password.length == 0) {
            throw wrong("the password is empty; type one, or pipe one line into this command");
        }
        spec.commandLine()
                .getOut()
                .println(ScramVerifier.of(hash, password, iterations).written());
        Arrays.fill(password, '\0');
        return 0;
    }

    private char[] read() throws IOException {
        Console console = console();
        if (console == null) {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return line == null ? new char[0] : line.toCharArray();
        }
        char[] first = read(console, "Password: ");
        char[] second = read(console, "Again: ");
        if (!Arrays.equals(first, second)) {
            throw wrong("the two passwords differ; try again");
        }
        return first;
    }

    /** The terminal, if a person sits there. From Java 22 on there is a console without a terminal too. */
    @SuppressWarnings("SystemConsoleNull")
    private static @Nullable Console console() {
        Console console = System.console();
        if (console == null) {
            return null;
        }
        try {
            boolean terminal = (boolean) Console.class.getMethod("isTerminal").invoke(console);
            return terminal ? console : null;
        } catch (ReflectiveOperationException e) {
            return console; // before Java 22 there is one only with a terminal
        }
    }

    private static char[] read(Console console, String prompt) {
        char[] typed = console.readPassword(prompt);
        return typed == null ? new char[0] : typed;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
