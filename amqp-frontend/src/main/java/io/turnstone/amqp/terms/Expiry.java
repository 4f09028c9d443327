package io.turnstone.amqp.terms;

import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Terminus;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * How long a terminus lasts without a link, and what of it survives the broker (part 3, sections 3.5.5 and 3.5.6).
 * Immutable.
 *
 * @param policy from when its time counts, or that it never ends
 * @param timeoutMs how long it is kept from then on
 * @param durability what survives a restart
 */
public record Expiry(TerminusExpiryPolicy policy, long timeoutMs, TerminusDurability durability) {

    /** What holds where nothing is said: it goes with its session. */
    public static final Expiry DEFAULT = new Expiry(TerminusExpiryPolicy.SESSION_END, 0, TerminusDurability.NONE);

    private static final long SECOND_MS = 1_000;

    public Expiry {
        if (timeoutMs < 0) {
            throw new IllegalArgumentException("timeoutMs " + timeoutMs + " must be ≥ 0");
        }
    }

    /** What a terminus says of itself. */
    public static Expiry of(@Nullable Object terminus) {
        if (!(terminus instanceof Terminus given)) {
            return DEFAULT;
        }
        UnsignedInteger seconds = given.getTimeout();
        return new Expiry(
                given.getExpiryPolicy() == null ? DEFAULT.policy : given.getExpiryPolicy(),
                seconds == null ? 0 : seconds.longValue() * SECOND_MS,
                given.getDurable() == null ? TerminusDurability.NONE : given.getDurable());
    }

    /** Whether it lasts for ever. */
    public boolean never() {
        return policy == TerminusExpiryPolicy.NEVER;
    }

    /** Whether it goes at once with the detach of its link. */
    public boolean endsWithDetach() {
        return policy == TerminusExpiryPolicy.LINK_DETACH && timeoutMs == 0;
    }

    /** Whether it may outlive its link, its session and its connection. */
    public boolean outlivesConnection() {
        return never() || timeoutMs > 0;
    }

    /** Whether anything of it survives a restart of the broker. */
    public boolean survivesRestart() {
        return durability != TerminusDurability.NONE && outlivesConnection();
    }

    /** Whether the unsettled state survives a restart of the broker, and not only the terminus. */
    public boolean keepsUnsettled() {
        return durability == TerminusDurability.UNSETTLED_STATE;
    }
}
