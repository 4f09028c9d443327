package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import org.jspecify.annotations.Nullable;

/**
 * Whether a queue is still wanted: deleted, left by its last consumer, or idle for too long. Owned by the home loop;
 * {@link #deleted}: any thread.
 */
final class QueueLife {

    private final MessageQueue queue;
    private final Loop loop;
    private final Lifecycle lifecycle;
    private long usedAtMs;
    private boolean taken;
    private boolean left;
    private volatile boolean deleted;
    private Loop.@Nullable Timer timer;

    QueueLife(MessageQueue queue, QueueHome home) {
        this.queue = queue;
        loop = home.loop();
        lifecycle = home.lifecycle();
    }

    boolean deleted() {
        return deleted;
    }

    void delete() {
        deleted = true;
        cancel();
    }

    /** Somebody uses it; {@code expires} counts from now. */
    void used() {
        usedAtMs = loop.steadyMs();
        watch();
    }

    /** A consumer came that is no browser. */
    void taken() {
        taken = true;
    }

    /** Nobody is there any more, neither consumer nor browser. */
    void left() {
        left = taken && queue.spec().autoDelete();
        used();
    }

    /** Tells the topology, outside of whatever made the queue unused. */
    void tell(boolean consumed) {
        if (left) {
            left = false;
            if (!consumed && !deleted) {
                lifecycle.unused(queue);
            }
        }
    }

    /** Starts the clock for a queue with {@code expires}. */
    void watch() {
        long expiresMs = queue.spec().expiresMs();
        if (timer == null && expiresMs != Message.NONE && !deleted) {
            timer = loop.schedule(Math.max(1, usedAtMs + expiresMs - loop.steadyMs()), this::check);
        }
    }

    /** The specification changed. */
    void changed() {
        cancel();
        watch();
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void check() {
        timer = null;
        long expiresMs = queue.spec().expiresMs();
        if (expiresMs == Message.NONE || deleted) {
            return;
        }
        if (queue.consumed()) {
            usedAtMs = loop.steadyMs();
        } else if (loop.steadyMs() - usedAtMs >= expiresMs) {
            usedAtMs = loop.steadyMs(); // asked again after as long, should the topology keep it
            lifecycle.unused(queue);
        }
        watch();
    }
}
