package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transaction.TransactionErrors;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;

/** Translates between what the broker refuses and the error conditions of AMQP (part 2, sections 2.8.15 to 2.8.18). */
public final class AmqpConditions {

    private static final Symbol REASON = Symbol.valueOf("reason");

    private AmqpConditions() {}

    /** The symbol for a kind of refusal. */
    static Symbol symbol(Condition condition) {
        return switch (condition) {
            case NOT_FOUND -> AmqpError.NOT_FOUND;
            case PRECONDITION_FAILED, UNAVAILABLE -> AmqpError.PRECONDITION_FAILED;
            case RESOURCE_LOCKED -> AmqpError.RESOURCE_LOCKED;
            case RESOURCE_DELETED -> AmqpError.RESOURCE_DELETED;
            case UNAUTHORIZED -> AmqpError.UNAUTHORIZED_ACCESS;
            case NOT_ALLOWED -> AmqpError.NOT_ALLOWED;
            case LIMIT_EXCEEDED -> AmqpError.RESOURCE_LIMIT_EXCEEDED;
            case INVALID -> AmqpError.INVALID_FIELD;
            case NOT_IMPLEMENTED -> AmqpError.NOT_IMPLEMENTED;
            case TIMEOUT -> TransactionErrors.TRANSACTION_TIMEOUT;
            case INTERNAL -> AmqpError.INTERNAL_ERROR;
        };
    }

    /** The kind of refusal a symbol stands for; {@link Condition#INVALID} for one that is not in the list. */
    static Condition condition(Symbol symbol) {
        for (Condition condition : Condition.values()) {
            if (symbol(condition).equals(symbol)) {
                return condition;
            }
        }
        return Condition.INVALID;
    }

    /** A refusal as an error condition. */
    public static ErrorCondition of(Refusal refusal) {
        var error = new ErrorCondition(symbol(refusal.condition()), refusal.description());
        Map<Symbol, Object> info = info(refusal);
        if (!info.isEmpty()) {
            error.setInfo(info);
        }
        return error;
    }

    /** A refusal as the end of a link. */
    public static LinkError linkError(Refusal refusal) {
        return new LinkError(symbol(refusal.condition()), refusal.description(), info(refusal));
    }

    /** Facts for programs; {@code reason} goes as a symbol, as existing clients expect it. */
    private static Map<Symbol, Object> info(Refusal refusal) {
        var info = new LinkedHashMap<Symbol, Object>();
        refusal.info().forEach((key, value) -> {
            Symbol name = Symbol.valueOf(key);
            info.put(name, name.equals(REASON) ? Symbol.valueOf(String.valueOf(value)) : JdkValues.toAmqp(value));
        });
        if (refusal.condition() == Condition.UNAVAILABLE) {
            info.putIfAbsent(REASON, Symbol.valueOf("unavailable"));
        }
        return info;
    }
}
