package io.turnstone.amqp.error;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;

/**
 * Something the peer may not do. The type tells the extent of the damage: a link, a session, or the connection ends,
 * with this condition and description. A peer's mistake is not ours: no stack trace.
 */
public abstract sealed class ProtocolError extends RuntimeException permits ConnectionError, SessionError, LinkError {

    private static final long serialVersionUID = 1L;

    private final transient Symbol condition;
    private final transient Map<Symbol, Object> info;

    ProtocolError(Symbol condition, String description, Map<Symbol, Object> info) {
        super(description, null, false, false);
        this.condition = condition;
        this.info = info;
    }

    /** What is wrong, in a word of the specification (part 2, sections 2.8.15 to 2.8.18). */
    public final Symbol condition() {
        return condition;
    }

    /** What is wrong, in a sentence for the one who reads the peer's log. */
    public final String description() {
        return String.valueOf(getMessage());
    }

    /** The error as it is put into a close, end or detach. */
    public final ErrorCondition asCondition() {
        var error = new ErrorCondition(condition, description());
        if (!info.isEmpty()) {
            error.setInfo(info);
        }
        return error;
    }
}
