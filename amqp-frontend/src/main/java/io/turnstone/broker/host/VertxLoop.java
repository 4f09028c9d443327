package io.turnstone.broker.host;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.turnstone.api.Loop;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * One of Vert.x' event loops.
 *
 * <p>A turn is one pass of Netty's loop: the sockets that were ready, then the tasks that were waiting, then, as the
 * pass' last task, the end of the turn. There sockets are flushed after everything else has had its say, so that each
 * is written once.
 *
 * <p><b>Threads:</b> as {@link Loop} says.
 */
public final class VertxLoop implements Loop {

    private static final Logger LOG = LogManager.getLogger(VertxLoop.class);

    private final int index;
    private final ContextInternal context;
    private final EventLoop eventLoop;
    private final ArrayDeque<Runnable> endOfTurn = new ArrayDeque<>();
    private final ArrayDeque<TcpChannel> unflushed = new ArrayDeque<>();
    private final Runnable endTurn = this::endTurn;
    private ArrayDeque<Runnable> nextTurn = new ArrayDeque<>();
    private ArrayDeque<Runnable> thisTurn = new ArrayDeque<>();
    private final Runnable beginTurn = this::beginTurn;
    private boolean endArmed;
    private boolean beginArmed;
    private long nowMs;

    VertxLoop(int index, ContextInternal context) {
        this.index = index;
        this.context = context;
        eventLoop = context.nettyEventLoop();
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public boolean inLoop() {
        return eventLoop.inEventLoop();
    }

    /**
     * From another thread Netty's queue. From the loop itself a queue of our own that waits for the next pass: Netty
     * would go on with its queue for up to a second before it looks at a socket again. The next pass is asked for at
     * the end of this one, because Netty looks for timers that are due after the sockets of the same pass.
     */
    @Override
    public void execute(Runnable task) {
        if (!eventLoop.inEventLoop()) {
            eventLoop.execute(task);
            return;
        }
        nextTurn.add(task);
        armEnd();
    }

    private void beginTurn() {
        beginArmed = false;
        var tasks = nextTurn;
        nextTurn = thisTurn;
        thisTurn = tasks;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            run(task);
        }
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        assert inLoop();
        endOfTurn.add(task);
        armEnd();
    }

    /** Flushes a channel in this turn, after everything that may still write to it. */
    void flushAtEndOfTurn(TcpChannel channel) {
        unflushed.add(channel);
        armEnd();
    }

    private void armEnd() {
        if (endArmed) {
            return;
        }
        endArmed = true;
        if (eventLoop instanceof SingleThreadEventLoop single) {
            single.executeAfterEventLoopIteration(endTurn);
        } else {
            eventLoop.execute(endTurn);
        }
    }

    private void endTurn() {
        do {
            for (Runnable task = endOfTurn.poll(); task != null; task = endOfTurn.poll()) {
                run(task);
            }
            TcpChannel channel = unflushed.poll();
            if (channel != null) {
                channel.flush(); // may tell its protocol that the socket is drained, which may ask for more
            }
        } while (!endOfTurn.isEmpty() || !unflushed.isEmpty());
        endArmed = false;
        nowMs = 0;
        if (!nextTurn.isEmpty() && !beginArmed) {
            beginArmed = true;
            // scheduled tasks are looked at once per pass, before the others
            var unused = eventLoop.schedule(beginTurn, 0, TimeUnit.NANOSECONDS);
        }
    }

    /** The top of a turn: what fails here is a defect, and no reason to leave the other tasks undone. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a task of an event loop failed", e);
        }
    }

    @Override
    public Timer schedule(long delayMs, Runnable task) {
        assert inLoop();
        var scheduled = eventLoop.schedule(
                () -> {
                    nowMs = 0; // the turn may have begun before the moment the timer waited for
                    run(task);
                },
                Math.max(0, delayMs),
                TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public long now() {
        assert inLoop();
        if (nowMs == 0) {
            nowMs = System.currentTimeMillis();
            armEnd();
        }
        return nowMs;
    }

    ContextInternal context() {
        return context;
    }

    /** For logs. */
    @Override
    public String toString() {
        return "loop " + index;
    }
}
