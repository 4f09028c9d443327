package io.turnstone.load;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.qpid.proton.amqp.UnsignedInteger;

/** One run: connect, warm up, measure, count. Used by the main thread, which sleeps while the loops work. */
public final class Run {

    private static final int CONNECT_TIMEOUT_MS = 10_000;

    /** The main thread asks from time to time: a signal from the loops would cost them a call per turn. */
    private static final long POLL_MS = 5;

    /** After the last message, time for one that comes twice. */
    private static final long LINGER_MS = 200;

    private final Plan plan;
    private final Optional<BrokerProcess> broker;
    private final long run = System.currentTimeMillis() << 20 ^ System.nanoTime();
    private final List<Loop> loops = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final OperatingSystemMXBean self = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private boolean gaveUp;

    /**
     * A run that has not begun.
     *
     * @param broker its process, where that is known
     */
    public Run(Plan plan, Optional<BrokerProcess> broker) {
        this.plan = plan;
        this.broker = broker;
    }

    /**
     * Does all of it, once.
     *
     * @throws IOException when the broker is not there, refuses a link or goes away
     */
    public Figures measure() throws IOException, InterruptedException {
        long brokerCpu;
        long ownCpu;
        try {
            connect();
            if (plan.pace().warmUp() != null) {
                phase(1, false, plan.pace().warmUp());
            }
            brokerCpu = brokerCpuNanos();
            ownCpu = self.getProcessCpuTime();
            phase(plan.measuredPhase(), true, plan.pace().measured());
            brokerCpu = brokerCpuNanos() - brokerCpu;
            ownCpu = self.getProcessCpuTime() - ownCpu;
            Thread.sleep(LINGER_MS);
            check();
        } finally {
            loops.forEach(Loop::stop);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        return figures(brokerCpu, ownCpu);
    }

    private void connect() throws IOException, InterruptedException {
        var performatives = new Performatives();
        for (int i = 0; i < plan.links().loops(); i++) {
            loops.add(new Loop(new Performatives()));
        }
        for (int i = 0; i < plan.links().connections(); i++) {
            String container = "turnstone-load-" + Long.toHexString(run) + "-" + i;
            var connected = Handshake.connect(plan.broker(), container, CONNECT_TIMEOUT_MS, performatives);
            addConnection(i, connected, loops.get(i % loops.size()));
        }
        for (Loop loop : loops) {
            start(loop, "loop-" + threads.size());
        }
        long timeoutMs = Math.max(CONNECT_TIMEOUT_MS, plan.pace().patienceMs());
        long deadline = System.nanoTime() + timeoutMs * 1_000_000L;
        while (!progress().attached()) {
            check();
            if (System.nanoTime() > deadline) {
                throw new BrokerFailure("the broker did not attach all links within " + timeoutMs + " ms");
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** Deals the links round: consumers from the first connection on, then producers. */
    private void addConnection(int index, Handshake.Connected connected, Loop loop) throws IOException {
        UnsignedInteger peerMax = connected.open().getMaxFrameSize();
        int maxFrame =
                (int) Math.min(peerMax == null ? Long.MAX_VALUE : peerMax.longValue(), Handshake.MAX_FRAME_BYTES);
        UnsignedInteger peerIdle = connected.open().getIdleTimeOut();
        var state = new SessionState();
        state.begun(
                connected.begin().getNextOutgoingId().intValue(),
                connected.begin().getIncomingWindow().intValue());
        Plan.Links links = plan.links();
        var producers = new ArrayList<Producer>();
        var consumers = new ArrayList<Consumer>();
        for (int i = 0; i < links.consumers() + links.producers(); i++) {
            if (i % links.connections() != index) {
                continue;
            }
            int handle = consumers.size() + producers.size();
            if (i < links.consumers()) {
                consumers.add(new Consumer(i, handle, plan, run, loop.tally(), log(loop)));
            } else {
                producers.add(new Producer(i - links.consumers(), handle, plan, run, maxFrame, loop.tally()));
            }
        }
        var session = new Session(state, new Performatives(), plan, producers, consumers, loop.tally());
        long idleMs = peerIdle == null ? 0 : peerIdle.longValue();
        loop.add(new Connection(
                connected.socket(), loop.selector(), session, consumers.size() + producers.size(), idleMs));
    }

    private SequenceLog log(Loop loop) {
        if (plan.links().fanOut() || loop.logs().isEmpty()) {
            loop.logs().add(new SequenceLog());
        }
        return loop.logs().get(loop.logs().size() - 1);
    }

    private void start(Runnable body, String name) {
        var thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private void phase(int number, boolean measured, Plan.Amount amount) throws IOException, InterruptedException {
        double rate = plan.pace().rate();
        var phase = new Phase(
                number, measured, amount, System.nanoTime(), rate, plan.links().producers());
        loops.forEach(loop -> loop.begin(phase));
        if (rate == 0) {
            await(phase);
            return;
        }
        var ticker = new Ticker(loops.stream().map(Loop::selector).toList(), phase);
        start(ticker, "ticker-" + number);
        try {
            await(phase);
        } finally {
            ticker.stop();
        }
    }

    private void await(Phase phase) throws IOException, InterruptedException {
        Progress before = Progress.NONE;
        long movedNanos = System.nanoTime();
        while (true) {
            Thread.sleep(POLL_MS);
            check();
            long now = System.nanoTime();
            Progress progress = progress();
            if (complete(progress, phase, now)) {
                return;
            }
            if (!progress.equals(before)) {
                before = progress;
                movedNanos = now;
            } else if (now - movedNanos > plan.pace().patienceMs() * 1_000_000) {
                gaveUp = true;
                return;
            }
        }
    }

    private boolean complete(Progress progress, Phase phase, long nowNanos) {
        Plan.Links links = plan.links();
        if (links.producers() == 0) {
            return progress.received() >= phase.amount().messages() || phase.over(nowNanos);
        }
        return progress.phaseDone() >= phase.number()
                && (plan.messages().settled() || progress.settled() == progress.sent())
                && (links.consumers() == 0 || progress.distinct() >= (progress.sent() - progress.refused()) * copies());
    }

    private int copies() {
        return plan.links().fanOut() ? plan.links().consumers() : 1;
    }

    private Progress progress() {
        return loops.stream().map(Loop::progress).reduce(Progress::plus).orElse(Progress.NONE);
    }

    private void check() throws IOException {
        for (Loop loop : loops) {
            Exception failure = loop.failure();
            if (failure != null) {
                throw new IOException(plan.broker() + ": " + failure.getMessage(), failure);
            }
        }
    }

    private long brokerCpuNanos() throws IOException {
        return broker.isPresent() ? broker.get().cpuNanos() : 0;
    }

    private Figures figures(long brokerCpuNanos, long ownCpuNanos) {
        var tally = new Tally();
        var all = new SequenceLog();
        long distinct = 0;
        long repeated = 0;
        for (Loop loop : loops) {
            tally.addAll(loop.tally());
            for (SequenceLog log : loop.logs()) {
                distinct += log.distinct();
                repeated += log.repeated();
                all.addAll(log);
            }
        }
        if (!plan.links().fanOut()) {
            distinct = all.distinct();
            repeated = all.repeated();
        }
        long lost = Math.max(0, expected(tally) - distinct);
        OptionalLong pid = broker.map(process -> OptionalLong.of(process.pid())).orElse(OptionalLong.empty());
        return new Figures(plan, tally, lost, repeated, pid, brokerCpuNanos, ownCpuNanos, gaveUp);
    }

    private long expected(Tally tally) {
        if (plan.links().consumers() == 0) {
            return 0;
        }
        if (plan.links().producers() > 0) {
            return (tally.sent - tally.refused) * copies();
        }
        return plan.pace().measured().timed() ? 0 : plan.pace().measured().messages();
    }
}
