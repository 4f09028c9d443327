package io.turnstone.amqp;

import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transaction.TransactionErrors;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one connection by their txn-ids (part 4). One that the broker rolled back stays until its controller
 * has been told, in answer to a discharge. Owned by the loop of its connection.
 */
final class Transactions {

    /** Those that were rolled back included. */
    private static final int MOST = 4_096;

    private final AmqpConnection connection;
    private final Map<Binary, LocalTransaction> byId = new HashMap<>(0);
    private long declared;

    Transactions(AmqpConnection connection) {
        this.connection = connection;
    }

    /**
     * Begins one.
     *
     * @throws RefusedException when there are too many
     */
    LocalTransaction declare(CoordinatorLink controller) {
        if (byId.size() >= MOST) {
            throw new RefusedException(
                    io.turnstone.api.Condition.LIMIT_EXCEEDED,
                    byId.size() + " transactions of this connection are not discharged; discharge them first");
        }
        var id = new Binary(ByteBuffer.allocate(Long.BYTES).putLong(++declared).array());
        var transaction = new LocalTransaction(id, controller);
        transaction.begin(connection.router().begin(connection.peer(), connection.loop(), transaction));
        byId.put(id, transaction);
        return transaction;
    }

    /** The one with that id, or null. */
    @Nullable
    LocalTransaction find(@Nullable Binary id) {
        return id == null ? null : byId.get(id);
    }

    /**
     * The one with that id.
     *
     * @throws LinkError when there is none
     */
    LocalTransaction get(@Nullable Binary id) {
        LocalTransaction found = find(id);
        if (found == null) {
            throw new LinkError(TransactionErrors.UNKNOWN_ID, unknown(id));
        }
        return found;
    }

    /** Why an id is refused. */
    static String unknown(@Nullable Binary id) {
        return id == null
                ? "the txn-id is missing"
                : "there is no transaction " + id + " on this connection; it was discharged, or never declared";
    }

    /** It is about to be discharged: nothing more may be done in it. */
    void forget(LocalTransaction transaction) {
        byId.remove(transaction.id());
    }

    /** The control link is gone, and what it declared is rolled back; all of them without one. */
    void rollback(@Nullable CoordinatorLink controller, Refusal why) {
        for (LocalTransaction transaction : List.copyOf(byId.values())) {
            if (controller == null || transaction.controller() == controller) {
                byId.remove(transaction.id());
                transaction.rollback(why);
            }
        }
    }
}
