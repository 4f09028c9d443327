package io.turnstone.broker.security;

import io.turnstone.api.Authenticated;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Authenticator;
import io.turnstone.api.plugin.Login;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Checks credentials away from the loops: one thread keeps the line (who waits, who is known), a few workers compute.
 * Every answer is given on the loop that asked. The line is bounded; beyond it logins fail.
 *
 * <p><b>Threads:</b> {@link #check} and {@link #use} from anywhere; the fields of the line belong to its thread.
 */
public final class Logins implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(Logins.class);
    private static final int MAX_WAITING = 20_000;

    /** Decides about an attempt; called on a worker, may block. */
    @FunctionalInterface
    interface Check {
        /** Who it is; empty when that was not proven. */
        Optional<Identity> by(Authenticator authenticator);
    }

    /** Told what was decided, on the loop that asked. */
    @FunctionalInterface
    interface Verdict {
        /** Called once; the identity is null when the attempt was refused, and only then the reason counts. */
        void decided(@Nullable Identity identity, Login.Reason reason);
    }

    /** One attempt; the password is null when it goes by another proof, which is checked anew each time. */
    private record Attempt(
            String user, char @Nullable [] password, String remoteAddress, Check check, Loop loop, Verdict verdict) {
        String host() {
            return Remote.host(remoteAddress);
        }
    }

    private final ScheduledThreadPoolExecutor line;
    private final ThreadPoolExecutor workers;
    private final BiConsumer<String, String> failed;
    private final LoginThrottle throttle = new LoginThrottle();
    private final KnownLogins known = new KnownLogins();
    private Authenticator authenticator;
    private int waiting;

    /**
     * Starts the threads.
     *
     * @param authenticator decides; called on workers
     * @param failed told user and remote address of each failed login, on the thread of the line
     */
    public Logins(Authenticator authenticator, BiConsumer<String, String> failed) {
        this.authenticator = authenticator;
        this.failed = failed;
        line = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "turnstone-logins"));
        line.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        int threads = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() / 2));
        workers = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                task -> daemon(task, "turnstone-login-worker"));
        workers.allowCoreThreadTimeOut(true);
    }

    private static Thread daemon(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Lets a worker do this before the first attempt. */
    public void prepare(Runnable work) {
        workers.execute(work);
    }

    /** Decides by another authenticator from now on. */
    public void use(Authenticator other) {
        line.execute(() -> {
            authenticator = other;
            known.clear();
        });
    }

    /** Checks a user name and password; the password is copied, and the copy wiped after the check. */
    public void check(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer) {
        password(user, password, remoteAddress, loop, (identity, reason) -> answer.authenticated(identity));
    }

    void password(String user, char[] password, String remoteAddress, Loop loop, Verdict verdict) {
        char[] own = password.clone();
        submit(new Attempt(user, own, remoteAddress, by -> by.authenticate(user, own, remoteAddress), loop, verdict));
    }

    /**
     * Decides by another proof than a password.
     *
     * @param user who it may be, for the log
     */
    void proof(String user, String remoteAddress, Check check, Loop loop, Verdict verdict) {
        submit(new Attempt(user, null, remoteAddress, check, loop, verdict));
    }

    private void submit(Attempt attempt) {
        try {
            line.execute(() -> enter(attempt));
        } catch (RejectedExecutionException e) { // the broker stops
            answer(attempt, null, Login.Reason.BUSY);
        }
    }

    private void enter(Attempt attempt) {
        long nowMs = nowMs();
        String key = attempt.password == null ? "" : known.key(attempt.user, attempt.password, attempt.host());
        Optional<Identity> recent = key.isEmpty() ? Optional.empty() : known.find(key, nowMs);
        if (recent.isPresent()) {
            answer(attempt, recent.get(), Login.Reason.BUSY);
            return;
        }
        long wait = waiting >= MAX_WAITING ? -1 : throttle.enter(attempt.host(), nowMs);
        if (wait < 0) {
            refuse(attempt, "too many attempts wait", Login.Reason.BUSY);
            return;
        }
        waiting++;
        Authenticator decides = authenticator;
        if (wait == 0) {
            compute(attempt, key, decides);
        } else {
            var unused = line.schedule(() -> compute(attempt, key, decides), wait, TimeUnit.MILLISECONDS);
        }
    }

    private void compute(Attempt attempt, String key, Authenticator decides) {
        workers.execute(() -> {
            Optional<Identity> identity;
            try {
                identity = attempt.check.by(decides);
            } catch (RuntimeException | Error e) {
                LOG.error("login remote={}: the check failed", attempt.remoteAddress, e);
                backInLine(() -> failed(attempt));
                return;
            }
            backInLine(() -> decided(attempt, key, decides, identity));
        });
    }

    private void backInLine(Runnable task) {
        try {
            line.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("a login was checked while the broker stops; nobody waits for it");
        }
    }

    private void failed(Attempt attempt) {
        waiting--;
        refuse(attempt, "the check failed", Login.Reason.FAULT);
    }

    private void decided(Attempt attempt, String key, Authenticator by, Optional<Identity> identity) {
        waiting--;
        if (identity.isEmpty()) {
            throttle.failed(attempt.host(), nowMs());
            refuse(attempt, "wrong user or password", Login.Reason.CREDENTIALS);
            return;
        }
        throttle.succeeded(attempt.host());
        if (by == authenticator && !key.isEmpty()) {
            known.add(key, identity.get(), nowMs());
        }
        answer(attempt, identity.get(), Login.Reason.BUSY);
    }

    private void refuse(Attempt attempt, String why, Login.Reason reason) {
        tell(attempt.user, attempt.remoteAddress, why);
        answer(attempt, null, reason);
    }

    /** Tells operators and listeners about an attempt that needed no check to fail. */
    void refused(String user, String remoteAddress, String why) {
        try {
            line.execute(() -> tell(user, remoteAddress, why));
        } catch (RejectedExecutionException e) {
            LOG.debug("login failed remote={} while the broker stops: {}", remoteAddress, why);
        }
    }

    private void tell(String user, String remoteAddress, String why) {
        LOG.info("login failed user={} remote={}: {}", printable(user), remoteAddress, why);
        failed.accept(user, remoteAddress);
    }

    private static void answer(Attempt attempt, @Nullable Identity identity, Login.Reason reason) {
        if (attempt.password != null) {
            Arrays.fill(attempt.password, '\0');
        }
        attempt.loop.execute(() -> attempt.verdict.decided(identity, reason));
    }

    /** A peer chose it: no line breaks in the log, and not without end. */
    static String printable(String user) {
        String shown = user.replaceAll("\\p{Cntrl}", "?");
        return shown.length() <= 100 ? shown : shown.substring(0, 100) + "…";
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Ends the threads; attempts that still wait hear nothing. */
    @Override
    public void close() {
        line.shutdownNow();
        workers.shutdownNow();
    }
}
