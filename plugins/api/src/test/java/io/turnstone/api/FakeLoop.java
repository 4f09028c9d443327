package io.turnstone.api;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;

/**
 * A loop driven by hand: nothing runs until a test calls {@link #turn} or {@link #advance}, and time moves only then.
 * Several fakes may share one {@link Clock}. Used by one thread; {@link #inLoop} is true while the loop runs a task or
 * a test works in its name with {@link #within}.
 */
public final class FakeLoop implements Loop {

    /** Time shared by the loops of one test, in milliseconds. */
    public static final class Clock {
        private long nowMs = 1_000_000;
        private long setMs;

        /** The present moment. */
        public long now() {
            return nowMs + setMs;
        }

        /** Somebody sets the clock, forwards or backwards; timers do not notice. */
        public void set(long byMs) {
            setMs += byMs;
        }
    }

    private record Scheduled(long atMs, long order, Runnable task, boolean[] cancelled) {}

    private final int index;
    private final Clock clock;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Runnable> ownTasks = new ArrayDeque<>();
    private final Deque<Runnable> endOfTurn = new ArrayDeque<>();
    private final PriorityQueue<Scheduled> timers = new PriorityQueue<>(
            (a, b) -> a.atMs != b.atMs ? Long.compare(a.atMs, b.atMs) : Long.compare(a.order, b.order));
    private long order;
    private boolean running;

    /** A loop with a clock of its own. */
    public FakeLoop() {
        this(0, new Clock());
    }

    /** One of several loops. */
    public FakeLoop(int index, Clock clock) {
        this.index = index;
        this.clock = clock;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public void execute(Runnable task) {
        (running ? ownTasks : tasks).add(task);
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        endOfTurn.add(task);
    }

    @Override
    public Timer schedule(long delayMs, Runnable task) {
        var cancelled = new boolean[1];
        timers.add(new Scheduled(clock.nowMs + Math.max(0, delayMs), order++, task, cancelled));
        return () -> cancelled[0] = true;
    }

    @Override
    public long now() {
        return clock.now();
    }

    @Override
    public long steadyMs() {
        return clock.nowMs;
    }

    /** The clock it goes by. */
    public Clock clock() {
        return clock;
    }

    /** Runs something in the name of this loop, then the end of the turn. */
    public void within(Runnable work) {
        boolean before = running;
        running = true;
        try {
            work.run();
            while (!endOfTurn.isEmpty()) {
                endOfTurn.poll().run();
            }
        } finally {
            running = before;
        }
    }

    /**
     * One turn: the tasks that others gave it, those it gave itself in earlier turns, the timers that are due, and the
     * end of the turn. As with a real loop, tasks of different callers keep no order among each other. Whether anything
     * ran.
     */
    public boolean turn() {
        int waiting = tasks.size();
        int own = ownTasks.size();
        boolean worked = waiting + own > 0 || !endOfTurn.isEmpty() || due();
        within(() -> {
            for (int i = 0; i < waiting; i++) {
                tasks.remove().run();
            }
            for (int i = 0; i < own; i++) {
                ownTasks.remove().run();
            }
            while (due()) {
                var timer = timers.remove();
                if (!timer.cancelled[0]) {
                    timer.task.run();
                }
            }
        });
        return worked;
    }

    private boolean due() {
        while (!timers.isEmpty() && timers.peek().cancelled[0]) {
            timers.remove();
        }
        return !timers.isEmpty() && timers.peek().atMs <= clock.nowMs;
    }

    /** Turns until nothing is left to do at the present moment. */
    public void settle() {
        settle(this);
    }

    /** Turns all these loops until none has anything to do at the present moment. */
    public static void settle(FakeLoop... loops) {
        boolean worked = true;
        for (int turns = 0; worked; turns++) {
            if (turns > 1_000_000) {
                throw new IllegalStateException("the loops do not come to rest");
            }
            worked = false;
            for (FakeLoop loop : loops) {
                worked |= loop.turn();
            }
        }
    }

    /** Moves time on and turns all these loops, stopping at each timer on the way. They share one clock. */
    public static void advance(long ms, FakeLoop... loops) {
        Clock clock = loops[0].clock;
        long end = clock.nowMs + ms;
        settle(loops);
        while (true) {
            long next = end;
            for (FakeLoop loop : loops) {
                loop.due();
                if (!loop.timers.isEmpty()) {
                    next = Math.min(next, loop.timers.peek().atMs);
                }
            }
            clock.nowMs = Math.max(clock.nowMs, next);
            settle(loops);
            if (next >= end) {
                return;
            }
        }
    }

    /** Moves time on for this loop alone. */
    public void advance(long ms) {
        advance(ms, this);
    }
}
