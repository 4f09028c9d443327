package io.turnstone.load.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where one broker runs. Immutable.
 *
 * @param root of the repository
 * @param folder of this broker alone: configuration and data
 * @param anonymousPort for clients without credentials, where that takes a port of its own
 * @param spare a port for whatever else it offers
 * @param javaOptions the same for everyone
 */
record Place(Path root, Path folder, int port, int anonymousPort, int spare, List<String> javaOptions) {

    static Place of(Path root, Path folder, List<String> javaOptions) throws IOException {
        try (var first = free();
                var second = free();
                var third = free()) {
            return new Place(
                    root, folder, first.getLocalPort(), second.getLocalPort(), third.getLocalPort(), javaOptions);
        }
    }

    private static ServerSocket free() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    Path data() {
        return folder.resolve("data");
    }

    /** Where the jars of a peer are. */
    static Path peer(Path root, String name) {
        return root.resolve("examples/load/target/peers").resolve(name);
    }

    /** The Java that runs us, with the options of all. */
    List<String> java(String... more) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        command.addAll(List.of(more));
        return command;
    }
}
