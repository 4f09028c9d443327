package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.api.Outcome;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.jspecify.annotations.Nullable;

/** Translates the terminal delivery states of AMQP (part 3, section 3.4) into the outcomes of the api. */
public final class Outcomes {

    /** When a message that returns may be delivered again, as existing clients say it. */
    private static final String DELIVERY_TIME = "x-opt-delivery-time";

    private Outcomes() {}

    /** The outcome, or null for a state that is not terminal. */
    public static @Nullable Outcome of(@Nullable Object state) {
        if (state instanceof Accepted) {
            return Outcome.ACCEPTED;
        }
        if (state instanceof Released) {
            return Outcome.RELEASED;
        }
        if (state instanceof Rejected rejected) {
            return rejected(rejected.getError());
        }
        return state instanceof Modified modified ? modified(modified) : null;
    }

    private static Outcome rejected(@Nullable ErrorCondition error) {
        return error == null
                ? new Outcome.Rejected(null, null)
                : new Outcome.Rejected(
                        error.getCondition() == null
                                ? null
                                : error.getCondition().toString(),
                        error.getDescription());
    }

    private static Outcome modified(Modified modified) {
        Map<String, Object> annotations = JdkValues.annotations(modified.getMessageAnnotations());
        return new Outcome.Modified(
                Boolean.TRUE.equals(modified.getDeliveryFailed()),
                Boolean.TRUE.equals(modified.getUndeliverableHere()),
                annotations,
                annotations.get(DELIVERY_TIME) instanceof Number atMs ? Math.max(0, atMs.longValue()) : 0);
    }

    /** A rejection with its reason. */
    public static DeliveryState rejection(ErrorCondition error) {
        var rejected = new Rejected();
        rejected.setError(error);
        return rejected;
    }
}
