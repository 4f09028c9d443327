package io.turnstone.broker;

import java.util.EnumMap;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * What must be undone when a broker stops, in the one order that loses nothing, however far its start got. Used by the
 * threads that start and stop it, one after another.
 */
final class Shutdown {

    private static final Logger LOG = LogManager.getLogger(Shutdown.class);

    /** The order. */
    enum Step {
        CONTROL,
        LISTENERS,
        ROUTER,
        LOGINS,
        STORE,
        PLUGINS,
        LOOPS,
        FOLDER
    }

    private final Map<Step, Runnable> steps = new EnumMap<>(Step.class);

    void then(Step step, Runnable action) {
        steps.put(step, action);
    }

    /** Takes every step that is due; one that fails is logged and does not keep the others. */
    void run() {
        for (Map.Entry<Step, Runnable> step : steps.entrySet()) {
            try {
                step.getValue().run();
            } catch (RuntimeException | Error e) {
                LOG.error("stopping: {} failed", step.getKey(), e);
            }
        }
        steps.clear();
    }
}
