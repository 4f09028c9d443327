package io.turnstone.router;

import io.turnstone.api.Condition;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.plugin.PublishInterceptor.Verdict;
import java.util.List;
import java.util.Objects;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks the interceptors about one publisher's messages. One that throws, whose answer fails, or that does not answer in
 * time refuses: nothing gets past it, and the publisher still has the message. Owned by the publisher.
 */
final class Interception {

    private static final Logger log = LogManager.getLogger(Interception.class);

    /** How long an interceptor may think. */
    static final long TIMEOUT_MS = 30_000;

    /** What they decided about one message. */
    enum Answer {
        PASSED,
        REFUSED,
        /** The answer comes later; the publisher is told. */
        LATER
    }

    private final List<PublishInterceptor> interceptors;
    private final Peer peer;
    private final Loop loop;
    private final KnownMessages messages;
    private final Runnable decided;
    private @Nullable Refusal refusal;
    private @Nullable Verdict late;

    /**
     * The interceptors of one publisher.
     *
     * @param messages what may come instead of a message
     * @param decided run on {@code loop} when a late answer has come: {@link #decide} again
     */
    Interception(
            List<PublishInterceptor> interceptors, Peer peer, Loop loop, KnownMessages messages, Runnable decided) {
        this.interceptors = interceptors;
        this.peer = peer;
        this.loop = loop;
        this.messages = messages;
        this.decided = decided;
    }

    boolean isNone() {
        return interceptors.isEmpty();
    }

    /** Why the last message was refused. */
    @Nullable
    Refusal refusal() {
        return refusal;
    }

    /** Takes a message past the interceptors that have not decided about it; it may be another one then. */
    Answer decide(Held held) {
        while (held.next < interceptors.size()) {
            Verdict verdict = late == null ? ask(held) : late;
            late = null;
            if (verdict instanceof Verdict.Later later) {
                await(held.next, later);
                return Answer.LATER;
            }
            if (verdict instanceof Verdict.Replace replaced) {
                verdict = replaced(held, replaced.message());
            }
            held.next++;
            if (verdict instanceof Verdict.Refuse refused) {
                refusal = refused.refusal();
                return Answer.REFUSED;
            }
        }
        return Answer.PASSED;
    }

    private Verdict ask(Held held) {
        try {
            return Objects.requireNonNull(
                    interceptors.get(held.next).intercept(held.message, held.to, peer), "no verdict");
        } catch (RuntimeException | LinkageError e) {
            return failed(held.next, e);
        }
    }

    private Verdict replaced(Held held, Message other) {
        try {
            held.message = messages.own(other);
            return Verdict.PASS;
        } catch (RuntimeException | LinkageError e) { // it may be of the plugin's own class
            return failed(held.next, e);
        }
    }

    private Verdict failed(int interceptor, Throwable failure) {
        log.error("interceptor={} failed; the message is refused", nameOf(interceptor), failure);
        return new Verdict.Refuse(new Refusal(Condition.INTERNAL, "an interceptor failed; see the broker's log"));
    }

    private void await(int interceptor, Verdict.Later later) {
        var answered = new boolean[1];
        Loop.Timer timeout = loop.schedule(TIMEOUT_MS, () -> {
            String why = "interceptor " + nameOf(interceptor) + " did not decide within " + TIMEOUT_MS + " ms";
            answer(answered, new Verdict.Refuse(new Refusal(Condition.UNAVAILABLE, why)));
        });
        later.verdict()
                .whenComplete((verdict, failure) -> loop.execute(() -> {
                    timeout.cancel();
                    boolean usable = verdict != null && !(verdict instanceof Verdict.Later);
                    Throwable why = failure == null ? new IllegalStateException("its verdict: " + verdict) : failure;
                    answer(answered, usable ? verdict : failed(interceptor, why));
                }));
    }

    private void answer(boolean[] answered, Verdict verdict) {
        if (!answered[0]) {
            answered[0] = true;
            late = verdict;
            decided.run();
        }
    }

    private String nameOf(int interceptor) {
        return interceptors.get(interceptor).getClass().getName();
    }
}
