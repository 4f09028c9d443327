package io.turnstone.api.plugin;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * Looks at each message before it is routed: lets it pass, changes it, or refuses it.
 *
 * <p><b>Threads:</b> called on the publisher's loop and must not block it; slow work answers {@link Verdict.Later}, which
 * holds back later messages of the same publisher only.
 *
 * <p><b>Errors:</b> one that throws, answers null, or whose {@link Verdict.Later} fails or takes too long, has refused: a
 * message that should have been looked at does not get in unseen. The defect is logged, the publisher hears
 * {@link Condition#INTERNAL} ({@link Condition#UNAVAILABLE} when it took too long) and still has its message.
 */
@FunctionalInterface
public interface PublishInterceptor {

    /** Decides about one message. */
    Verdict intercept(Message message, Address to, Peer from);

    /** What an interceptor decides. */
    sealed interface Verdict {

        /** The shared instance of {@link Pass}. */
        Pass PASS = new Pass();

        /** Goes on unchanged. */
        record Pass() implements Verdict {}

        /** Goes on as what the bytes of another message say, which are of a {@link PluginContext#format}. */
        record Replace(Message message) implements Verdict {
            public Replace {
                Objects.requireNonNull(message, "message");
            }
        }

        /** Does not go on; the publisher is told why. */
        record Refuse(Refusal refusal) implements Verdict {
            public Refuse {
                Objects.requireNonNull(refusal, "refusal");
            }
        }

        /** Decided later, within 30 seconds, on any thread; not another {@code Later}. */
        record Later(CompletionStage<Verdict> verdict) implements Verdict {
            public Later {
                Objects.requireNonNull(verdict, "verdict");
            }
        }
    }
}
