package io.turnstone.amqp;

import io.turnstone.api.Loop;
import org.jspecify.annotations.Nullable;

/** The next moment at which one connection loses patience; a new one replaces the old. Owned by its loop. */
final class Deadline {

    private final Loop loop;
    private Loop.@Nullable Timer timer;

    Deadline(Loop loop) {
        this.loop = loop;
    }

    /** Runs something after that time, unless it is cancelled or replaced before. */
    void in(long ms, Runnable action) {
        cancel();
        timer = loop.schedule(ms, action);
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
