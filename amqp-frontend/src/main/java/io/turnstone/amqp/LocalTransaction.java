package io.turnstone.amqp;

import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Refusal;
import io.turnstone.api.Transaction;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Outcome;
import org.apache.qpid.proton.amqp.transaction.TransactionErrors;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * One local transaction (part 4) as its connection sees it: which links work in it, and what its controller was told.
 * Owned by the loop of its connection.
 */
final class LocalTransaction implements Transaction.Listener {

    private final Binary id;
    private final CoordinatorLink controller;
    private final TransactionalState accepted;
    /** The accepted posts of each session that have not been told. */
    private final Map<AmqpSession, Dispositions> posts = new HashMap<>(1);

    private final Set<TransactionalDeliveries> links = new LinkedHashSet<>(1);
    private @Nullable Transaction core;
    private Transaction.@Nullable CommitListener committing;
    /** Posts of which transfers are still to come. */
    private int partial;
    /** Posts that have come and are on their way into files. */
    private int spooling;

    LocalTransaction(Binary id, CoordinatorLink controller) {
        this.id = id;
        this.controller = controller;
        accepted = with(Accepted.getInstance());
    }

    void begin(Transaction begun) {
        core = begun;
    }

    Binary id() {
        return id;
    }

    CoordinatorLink controller() {
        return controller;
    }

    Transaction core() {
        return Objects.requireNonNull(core);
    }

    /** The state of deliveries that end so if this is committed; also for none yet. */
    TransactionalState with(@Nullable Outcome outcome) {
        var state = new TransactionalState();
        state.setTxnId(id);
        state.setOutcome(outcome);
        return state;
    }

    // ---- Posts

    /** So many more (or less) posts have begun to come. */
    void partial(int change) {
        partial += change;
    }

    /** Whether a post has begun to come and is not whole. */
    boolean hasPartial() {
        return partial > 0;
    }

    /** So many more (or less) posts wait for files. */
    void spooling(int change) {
        spooling += change;
        Transaction.CommitListener waiting = committing;
        if (spooling == 0 && waiting != null) {
            committing = null;
            core().commit(waiting);
        }
    }

    /** A post can be committed; its sender hears of it at the end of the turn. */
    void accepted(AmqpSession session, int deliveryId) {
        Dispositions told = posts.computeIfAbsent(session, s -> Dispositions.settled(true, accepted));
        told.add(deliveryId);
        session.posted(told);
    }

    /** A post ends in another way. */
    void settle(AmqpSession session, int deliveryId, DeliveryState outcome) {
        session.settle(deliveryId, outcome instanceof Outcome provisional ? with(provisional) : outcome);
    }

    // ---- Deliveries

    /** A link has deliveries that are acquired or settled in it. */
    void worksOn(TransactionalDeliveries link) {
        links.add(link);
    }

    /** What its controller does in it makes no sense: it is rolled back and the control link ends (part 4, section 4.4). */
    void violated(String what) {
        controller.fail(this, what);
    }

    // ---- The end

    /** Commits it when all its posts have come; everything about them is said before the listener hears of it. */
    void commit(Transaction.CommitListener told) {
        Transaction.CommitListener ended = failure -> {
            end(failure == null);
            told.committed(failure);
        };
        if (spooling == 0) {
            core().commit(ended);
        } else {
            committing = ended;
        }
    }

    /** Undoes it, for a reason that whoever waits for its commit hears. */
    void rollback(Refusal why) {
        Transaction.CommitListener waiting = committing;
        committing = null;
        core().fail(why);
        core().rollback();
        end(false);
        if (waiting != null) {
            waiting.committed(why);
        }
    }

    @Override
    public void rolledBack(Refusal why) {
        Transaction.CommitListener waiting = committing;
        committing = null;
        end(false);
        if (waiting != null) {
            waiting.committed(why);
        }
    }

    private void end(boolean committed) {
        posts.keySet().forEach(AmqpSession::flushDispositions);
        posts.clear();
        for (TransactionalDeliveries link : List.copyOf(links)) {
            link.ended(this, committed);
        }
        links.clear();
    }

    /** The error that ends its control link. */
    static LinkError rolledBack(String what) {
        return new LinkError(TransactionErrors.TRANSACTION_ROLLBACK, what);
    }
}
