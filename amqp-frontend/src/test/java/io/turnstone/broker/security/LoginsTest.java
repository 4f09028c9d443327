package io.turnstone.broker.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.api.FakeLoop;
import io.turnstone.api.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Logins")
class LoginsTest {

    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final AtomicInteger checks = new AtomicInteger();
    private final Users users = new Users(List.of(User.guest()), new byte[32]);
    private final Logins logins = new Logins(
            (user, password, remote) -> {
                checks.incrementAndGet();
                return users.authenticate(user, password, remote);
            },
            (user, remote) -> failed.add(user + "@" + remote));

    @AfterEach
    void close() {
        logins.close();
    }

    @Test
    void acceptGuestFromThisMachineOnly() throws Exception {
        assertThat(login("guest", "guest", "127.0.0.1:1")).contains(new Identity("guest", "PLAIN"));
        assertThat(login("guest", "guest", "[::1]:1")).contains(new Identity("guest", "PLAIN"));
        assertThat(login("guest", "guest", "192.0.2.1:1")).isEmpty();
    }

    @Test
    void refuseWrongPasswordsAndUnknownUsersAndTellAbout() throws Exception {
        assertThat(login("guest", "geust", "127.0.0.1:1")).isEmpty();
        assertThat(login("nobody", "guest", "127.0.0.2:1")).isEmpty();

        assertThat(failed).containsExactly("guest@127.0.0.1:1", "nobody@127.0.0.2:1");
    }

    @Test
    void checkAKnownLoginOnce() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(login("guest", "guest", "127.0.0.1:" + i)).isPresent();
        }

        assertThat(checks).hasValue(1);
    }

    @Test
    void forgetKnownLoginsWhenTheUsersChange() throws Exception {
        assertThat(login("guest", "guest", "127.0.0.1:1")).isPresent();

        logins.use(new Users(List.of(), new byte[32]));

        assertThat(login("guest", "guest", "127.0.0.1:1")).isEmpty();
    }

    @Test
    void giveNoneOfManyAttemptsAtOnceTwoAnswers() {
        List<Optional<Identity>> answers = new CopyOnWriteArrayList<>();
        var tasks = new LinkedBlockingQueue<Runnable>();
        var loop = new QueueLoop(tasks);
        for (int i = 0; i < 50; i++) {
            logins.check(
                    "guest",
                    (i % 2 == 0 ? "guest" : "guest ").trim().toCharArray(),
                    "127.0.0.1:" + i,
                    loop,
                    identity -> answers.add(Optional.ofNullable(identity)));
        }

        await().until(() -> {
            var ready = new ArrayList<Runnable>();
            tasks.drainTo(ready);
            ready.forEach(Runnable::run);
            return answers.size() >= 50;
        });
        assertThat(answers).hasSize(50).allMatch(Optional::isPresent);
    }

    @Test
    void sayNothingOfAnAttemptThatIsCheckedWhileTheyEnd() throws Exception {
        var checking = new CountDownLatch(1);
        var worker = new AtomicReference<Thread>();
        var uncaught = new CopyOnWriteArrayList<Throwable>();
        var ending = new Logins(
                (user, password, remote) -> {
                    worker.set(Thread.currentThread());
                    Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
                    checking.countDown();
                    awaitInterrupt();
                    return Optional.empty();
                },
                (user, remote) -> {});
        ending.check(
                "guest", "guest".toCharArray(), "127.0.0.1:1", new QueueLoop(new LinkedBlockingQueue<>()), a -> {});
        assertThat(checking.await(20, TimeUnit.SECONDS)).isTrue();

        ending.close();

        worker.get().join(20_000);
        assertThat(worker.get().isAlive()).isFalse();
        assertThat(uncaught).isEmpty();
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<Identity> login(String user, String password, String remote) throws Exception {
        var answers = new ArrayList<Optional<Identity>>();
        var tasks = new LinkedBlockingQueue<Runnable>();
        logins.check(
                user,
                password.toCharArray(),
                remote,
                new QueueLoop(tasks),
                identity -> answers.add(Optional.ofNullable(identity)));
        Runnable task = tasks.poll(20, TimeUnit.SECONDS);
        assertThat(task).as("an answer").isNotNull();
        task.run();
        return answers.get(0);
    }

    /** Hands its tasks to the test's thread. */
    private record QueueLoop(LinkedBlockingQueue<Runnable> tasks) implements io.turnstone.api.Loop {
        @Override
        public int index() {
            return 0;
        }

        @Override
        public boolean inLoop() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void atEndOfTurn(Runnable task) {
            tasks.add(task);
        }

        @Override
        public Timer schedule(long delayMs, Runnable task) {
            return new FakeLoop().schedule(delayMs, task);
        }

        @Override
        public long now() {
            return 0;
        }
    }
}
