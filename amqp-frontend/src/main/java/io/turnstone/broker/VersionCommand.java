package io.turnstone.broker;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code turnstone version}. */
@Command(name = "version", description = "Prints the version.", mixinStandardHelpOptions = true)
final class VersionCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    static String line() {
        return "turnstone " + Version.text();
    }

    @Override
    public void run() {
        spec.commandLine().getOut().println(line());
    }
}
