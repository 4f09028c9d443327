package io.turnstone.broker;

import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** The log of the {@code start} command, apart so that loading the command does not open the log. */
final class Logs {

    private static final Logger LOG = LogManager.getLogger(Logs.class);

    private Logs() {}

    static void notReloaded(List<String> problems) {
        problems.forEach(problem -> LOG.error("configuration not reloaded, nothing was changed: {}", problem));
    }

    /** Writes out what is still in memory. */
    static void close() {
        LogManager.shutdown();
    }
}
