package io.turnstone.broker;

import io.turnstone.broker.config.Problem;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** What the {@code start} command logs, apart so that loading the command does not open the log. */
final class Logs {

    private static final Logger LOG = LogManager.getLogger(Reload.class);

    private Logs() {}

    static void notReloaded(List<String> problems) {
        problems.forEach(problem -> LOG.error("configuration not reloaded, nothing was changed: {}", problem));
    }

    static void notReloaded(Throwable failure) {
        if (failure instanceof BrokerException) {
            notReloaded(List.of(String.valueOf(failure.getMessage())));
        } else {
            LOG.error("configuration not reloaded: the broker failed", failure);
        }
    }

    static void warn(Problem warning) {
        LOG.warn("configuration: {}", warning);
    }

    /** Writes out what is still in memory. */
    static void close() {
        LogManager.shutdown();
    }
}
