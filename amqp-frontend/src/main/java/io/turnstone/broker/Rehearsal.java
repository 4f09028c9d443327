package io.turnstone.broker;

import io.turnstone.amqp.rehearsal.RehearsalPeer;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.StoreConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * A broker of no account that passes on a durable message, starts again and passes on another, in a folder that is then
 * deleted. What these need has been loaded afterwards, and gets into the archive of classes that this process writes
 * when it ends, also when no client ever came. Once for each installation.
 */
final class Rehearsal {

    private static final Logger LOG = LogManager.getLogger(Rehearsal.class);

    /** Nobody waits longer for it, in milliseconds. */
    private static final int LIMIT_MS = 5000;

    private static final Map<String, Object> SMALL = Map.of("segment", "1MiB", "spare-segments", "1");

    private Rehearsal() {}

    /** Holds it when the script that started this process wants that; returns in any case, soon. */
    static void ifWanted() throws InterruptedException {
        if (Boolean.getBoolean("turnstone.rehearsal")) {
            var thread = new Thread(Rehearsal::hold, "rehearsal");
            thread.setDaemon(true);
            thread.start();
            thread.join(LIMIT_MS);
        }
    }

    private static void hold() {
        try {
            Path folder = Files.createTempDirectory("turnstone-rehearsal");
            try {
                BrokerConfig config = BrokerConfig.builder(folder)
                        .node("rehearsal")
                        .store(new StoreConfig("mapdb", SMALL))
                        .build();
                passOn(config);
                passOn(config);
            } finally {
                delete(folder);
            }
        } catch (IOException | RuntimeException e) {
            LOG.info("the next start has to load what a connection needs: {}", e.toString());
        }
    }

    private static void passOn(BrokerConfig config) throws IOException {
        try (Broker broker = Broker.start(config);
                var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
            socket.setSoTimeout(LIMIT_MS);
            new RehearsalPeer(socket).passOn();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
