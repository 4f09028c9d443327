package io.turnstone.broker.security;

import io.turnstone.api.Authenticated;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Authenticator;
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

/**
 * Checks credentials away from the loops: one thread keeps the line (who waits, who is known), a few workers compute.
 * Every answer is given on the loop that asked. The line is bounded; beyond it logins fail.
 *
 * <p><b>Threads:</b> {@link #check} and {@link #use} from anywhere; the fields of the line belong to its thread.
 */
public final class Logins implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(Logins.class);
    private static final int MAX_WAITING = 20_000;

    private record Attempt(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer) {
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

    /** Decides by another authenticator from now on. */
    public void use(Authenticator other) {
        line.execute(() -> {
            authenticator = other;
            known.clear();
        });
    }

    /** Checks a user name and password; the password is copied, and the copy wiped after the check. */
    public void check(String user, char[] password, String remoteAddress, Loop loop, Authenticated answer) {
        var attempt = new Attempt(user, password.clone(), remoteAddress, loop, answer);
        try {
            line.execute(() -> enter(attempt));
        } catch (RejectedExecutionException e) {
            answer(attempt, Optional.empty()); // the broker stops
        }
    }

    private void enter(Attempt attempt) {
        long nowMs = nowMs();
        String key = known.key(attempt.user, attempt.password, attempt.host());
        Optional<Identity> recent = known.find(key, nowMs);
        if (recent.isPresent()) {
            answer(attempt, recent);
            return;
        }
        long wait = waiting >= MAX_WAITING ? -1 : throttle.enter(attempt.host(), nowMs);
        if (wait < 0) {
            refuse(attempt, "too many attempts wait");
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
            Optional<Identity> identity = Optional.empty();
            try {
                identity = decides.authenticate(attempt.user, attempt.password, attempt.remoteAddress);
            } finally {
                Optional<Identity> result = identity;
                line.execute(() -> decided(attempt, key, decides, result));
            }
        });
    }

    private void decided(Attempt attempt, String key, Authenticator by, Optional<Identity> identity) {
        waiting--;
        if (identity.isEmpty()) {
            throttle.failed(attempt.host(), nowMs());
            refuse(attempt, "wrong user or password");
            return;
        }
        throttle.succeeded(attempt.host());
        if (by == authenticator) {
            known.add(key, identity.get(), nowMs());
        }
        answer(attempt, identity);
    }

    private void refuse(Attempt attempt, String why) {
        LOG.info("login failed user={} remote={}: {}", printable(attempt.user), attempt.remoteAddress, why);
        failed.accept(attempt.user, attempt.remoteAddress);
        answer(attempt, Optional.empty());
    }

    private static void answer(Attempt attempt, Optional<Identity> identity) {
        Arrays.fill(attempt.password, '\0');
        attempt.loop.execute(() -> attempt.answer.authenticated(identity.orElse(null)));
    }

    /** A peer chose it: no line breaks in the log, and not without end. */
    private static String printable(String user) {
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
