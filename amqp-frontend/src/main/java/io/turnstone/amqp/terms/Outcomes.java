package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.api.Outcome;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
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

    /** With this condition clients made for Azure bury a message; they say why in the info of the error. */
    private static final Symbol DEAD_LETTER = Symbol.valueOf("com.microsoft:dead-letter");

    private static final Symbol DEAD_LETTER_REASON = Symbol.valueOf("DeadLetterReason");
    private static final Symbol DEAD_LETTER_DESCRIPTION = Symbol.valueOf("DeadLetterErrorDescription");

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
        if (error == null) {
            return new Outcome.Rejected(null, null);
        }
        Symbol condition = error.getCondition();
        String name = condition == null ? null : condition.toString();
        return DEAD_LETTER.equals(condition)
                ? new Outcome.Rejected(
                        said(error, DEAD_LETTER_REASON, name),
                        said(error, DEAD_LETTER_DESCRIPTION, error.getDescription()))
                : new Outcome.Rejected(name, error.getDescription());
    }

    /** What the info of an error says of that; its keys are symbols, or strings in some clients. */
    private static @Nullable String said(ErrorCondition error, Symbol key, @Nullable String otherwise) {
        Map<?, ?> info = error.getInfo();
        if (info == null) {
            return otherwise;
        }
        Object said = info.containsKey(key) ? info.get(key) : info.get(key.toString());
        return said instanceof String text ? text : otherwise;
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
