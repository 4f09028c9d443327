package io.turnstone.router;

import io.turnstone.api.Condition;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Publisher.PublishListener;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.queue.Commitment;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.queue.Retirements;
import io.turnstone.router.queue.Retiring;
import io.turnstone.router.topology.Changes;
import io.turnstone.router.topology.Definitions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: collects what is published and settled in it, and has the store make all of it so with one record.
 *
 * <p>Owned by the loop that began it.
 */
final class OpenTransaction implements Retiring {

    private static final Logger log = LogManager.getLogger(OpenTransaction.class);

    private enum State {
        OPEN,
        /** To be committed when it is known of all its messages whether they can enter. */
        AWAITING_MESSAGES,
        /** The homes decide what its settlements mean. */
        PREPARING,
        /** The store has it: nothing can be done about it any more. */
        SUBMITTED,
        ENDED
    }

    private final OpenTransactions open;
    private final RouterLoop here;
    private final MessageStore store;
    private final Peer peer;
    private final Listener listener;
    private final List<Posted> messages = new ArrayList<>();
    private final Map<MessageQueue, Retirements> retirements = new LinkedHashMap<>();
    private final List<StoreRecord.Define> facts = new ArrayList<>(0);
    private State state = State.OPEN;
    private Loop.@Nullable Timer timer;
    private @Nullable CommitListener committing;
    private @Nullable Refusal failure;

    /** Messages of which it is not known whether they can enter. */
    private int undecided;

    /** Homes that have not answered. */
    private int preparing;

    private int work;
    private long bytes;

    OpenTransaction(OpenTransactions open, RouterLoop here, MessageStore store, Peer peer, Listener listener) {
        this.open = open;
        this.here = here;
        this.store = store;
        this.peer = peer;
        this.listener = listener;
        long timeoutMs = open.limits().timeoutMs();
        timer = timeoutMs == 0 ? null : here.loop().schedule(timeoutMs, this::expire);
    }

    // ---- What is published

    /** One more message is to be published in it. */
    Posting expect(@Nullable PublishListener outcome) {
        undecided++;
        work++;
        return new Posting(this, outcome, state != State.OPEN);
    }

    /**
     * Why it takes no such message; null when it does.
     *
     * @param late whether it was published after the end
     */
    @Nullable
    Refusal refusal(Message message, boolean late) {
        if (late || state == State.ENDED) {
            return failure == null ? ended() : failure;
        }
        if (work > open.limits().work()
                || bytes + message.size() > open.limits().bytes()) {
            return tooMuch();
        }
        return null;
    }

    private static Refusal ended() {
        return new Refusal(Condition.PRECONDITION_FAILED, "the transaction has ended; begin another one");
    }

    private Refusal tooMuch() {
        return new Refusal(
                Condition.LIMIT_EXCEEDED,
                "a transaction may publish and settle " + open.limits().work() + " messages with "
                        + open.limits().bytes() + " bytes; commit smaller ones");
    }

    void add(Posted message) {
        messages.add(message);
        bytes += message.size();
        open.holds(1, message.heapBytes());
    }

    long nowMs() {
        return here.loop().now();
    }

    void submit(StoreRecord.Pending record, long size, Posted message) {
        here.submitted(size);
        store.submit(record, here.loop(), message);
    }

    /** The store has answered. */
    void answered(Posted message, long size) {
        here.answered(size);
        if (state == State.ENDED && message.position() != MessageStore.UNWRITTEN) {
            abandon(new long[] {message.position()});
        }
    }

    /** It is known of one more message whether it can enter. */
    void decided() {
        undecided--;
        if (state == State.AWAITING_MESSAGES) {
            advance();
        }
    }

    // ---- What is settled

    @Override
    public @Nullable Retirements in(MessageQueue queue) {
        if (state != State.OPEN) {
            return null;
        }
        if (++work > open.limits().work()) {
            fail(tooMuch());
            return null;
        }
        return retirements.computeIfAbsent(queue, q -> q.retirements(here.handOff()));
    }

    // ---- What is kept

    @Override
    public void keep(String name, byte[] value) {
        facts.add(Definitions.kept(name, value));
    }

    // ---- How it ends

    @Override
    public void fail(Refusal why) {
        if (failure == null && state != State.ENDED) {
            failure = why;
        }
    }

    @Override
    public void commit(CommitListener told) {
        assert here.loop().inLoop();
        if (state != State.OPEN) {
            told.committed(failure == null ? ended() : failure);
            return;
        }
        committing = told;
        state = State.AWAITING_MESSAGES;
        advance();
    }

    private void advance() {
        Refusal why = failure;
        if (why != null) {
            undo(why);
        } else if (undecided == 0) {
            state = State.PREPARING;
            prepare();
        }
    }

    private void prepare() {
        preparing = retirements.size() + 1;
        List.copyOf(retirements.values()).forEach(each -> each.prepare(this::prepared));
        prepared(null);
    }

    private void prepared(@Nullable Throwable cause) {
        if (state != State.PREPARING) {
            return;
        }
        if (cause != null) {
            String why = "a dead-letter queue that the transaction needs cannot be made: " + cause.getMessage();
            undo(new Refusal(Condition.UNAVAILABLE, why));
        } else if (--preparing == 0) {
            submit();
        }
    }

    private void submit() {
        state = State.SUBMITTED;
        cancelTimer();
        var commitment = new Commitment();
        messages.forEach(message -> message.describe(commitment));
        retirements.forEach(commitment::retire);
        facts.forEach(commitment::add);
        StoreRecord.Commit record = commitment.record();
        if (record.queues().isEmpty() && record.changes().isEmpty()) {
            end(null);
        } else {
            here.submitted(0);
            store.submit(record, here.loop(), this::committed);
        }
    }

    private void committed(long position, @Nullable StoreException cause) {
        here.answered(0);
        if (cause == null) {
            end(null);
        } else {
            undo(Changes.unavailable(cause).refusal());
        }
    }

    @Override
    public void rollback() {
        if (state != State.ENDED && state != State.SUBMITTED) {
            undo(new Refusal(Condition.PRECONDITION_FAILED, "the transaction was rolled back"));
        }
    }

    private void expire() {
        timer = null;
        if (state != State.ENDED && state != State.SUBMITTED) {
            var why = new Refusal(
                    Condition.TIMEOUT,
                    "the transaction was open for " + open.limits().timeoutMs() + " ms and is rolled back");
            undo(why);
            try {
                listener.rolledBack(why);
            } catch (RuntimeException | Error e) {
                log.error("a transaction's owner failed when it was rolled back", e);
            }
        }
    }

    private void undo(Refusal why) {
        failure = why;
        messages.forEach(Posted::giveBack);
        abandon(messages.stream()
                .mapToLong(Posted::position)
                .filter(position -> position != MessageStore.UNWRITTEN)
                .toArray());
        retirements.values().forEach(Retirements::rollback);
        end(why);
    }

    /** What the store has of it is of no use any more. If this is lost, recovery forgets it. */
    private void abandon(long[] positions) {
        if (positions.length > 0) {
            store.submit(new StoreRecord.Abandon(positions), here.loop(), null);
        }
    }

    private void end(@Nullable Refusal why) {
        state = State.ENDED;
        cancelTimer();
        messages.forEach(message -> open.holds(-1, -message.heapBytes()));
        messages.clear();
        retirements.clear();
        open.ended(peer);
        CommitListener told = committing;
        committing = null;
        if (told != null) {
            try {
                told.committed(why);
            } catch (RuntimeException | Error e) {
                log.error("a transaction's owner failed when it was told the end", e);
            }
        }
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
