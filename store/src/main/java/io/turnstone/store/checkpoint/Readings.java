package io.turnstone.store.checkpoint;

import io.turnstone.store.files.StoreHealth;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The reads that wait for the checkpointer.
 *
 * <p><b>Threads:</b> {@link #offer} any; {@link #close} the thread that owns the store; the rest the checkpointer.
 */
final class Readings {

    private static final Logger log = LogManager.getLogger(Readings.class);

    private final ConcurrentLinkedQueue<ReadRequest> requests = new ConcurrentLinkedQueue<>();
    private final MessageReader reader;
    private final StoreHealth health;
    private final Thread server;
    private volatile boolean closed;

    /** @param server woken up for every request */
    Readings(MessageReader reader, StoreHealth health, Thread server) {
        this.reader = reader;
        this.health = health;
        this.server = server;
    }

    void offer(ReadRequest request) {
        requests.add(request);
        if (closed) {
            refuseAll();
        } else {
            LockSupport.unpark(server);
        }
    }

    boolean waiting() {
        return !requests.isEmpty();
    }

    /**
     * Answers every request that waits.
     *
     * @param follow brings the index up to date: whoever asks knows of all that was committed before
     */
    void serve(Runnable follow) {
        ReadRequest request;
        while ((request = requests.poll()) != null) {
            try {
                follow.run();
                request.answer(reader.read(request.queue(), request.positions()));
            } catch (Throwable e) { // somebody waits for an answer, whatever happens
                log.error("queue={} could not be read", request.queue(), e);
                request.refuse(health.refusal(
                        "messages of queue " + request.queue() + " could not be read (" + e + "): check the disk"));
            }
        }
    }

    /** From now on everything is refused; the checkpointer has ended. */
    void close() {
        closed = true;
        refuseAll();
    }

    private void refuseAll() {
        ReadRequest request;
        while ((request = requests.poll()) != null) {
            request.refuse(health.refusal("the store is closed and reads nothing any more"));
        }
    }
}
