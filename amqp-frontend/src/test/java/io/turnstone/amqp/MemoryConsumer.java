package io.turnstone.amqp;

import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Takes from a {@link MemoryQueue}; confirms at once or when told. */
final class MemoryConsumer implements Consumer {
    private final MemoryQueue queue;
    final ConsumerRequest request;
    final Listener listener;
    final List<MemoryQueue.Entry> unsettled = new ArrayList<>();
    final List<Outcome> outcomes = new ArrayList<>();
    final ArrayDeque<Runnable> unconfirmed = new ArrayDeque<>();
    /** Whether what is released is there to be delivered again. */
    private final boolean returnsReleased;

    boolean holdConfirmations;
    boolean holdDrains;
    int drainsHeld;
    /** Flows that came while a drain was not answered. */
    int flowsWhileDraining;

    long limit;
    long delivered;
    long outstanding;
    long written;
    int flows;
    boolean suspended;
    boolean closed;
    boolean lost;
    boolean unsubscribed;

    MemoryConsumer(MemoryQueue queue, ConsumerRequest request, Listener listener) {
        this.queue = queue;
        this.request = request;
        this.listener = listener;
        returnsReleased = queue.returnsReleased;
        queue.consumers.add(this);
    }

    @Override
    public String queue() {
        return queue.name;
    }

    @Override
    public boolean claims() {
        return request.claim() != null && !queue.name.equals("volatile");
    }

    @Override
    public List<Delivery> claimed() {
        return List.copyOf(unsettled);
    }

    @Override
    public void flow(long newLimit, boolean drain) {
        limit = newLimit;
        flows++;
        if (drainsHeld > 0) {
            flowsWhileDraining++;
        }
        queue.dispatch();
        if (drain && holdDrains) {
            drainsHeld++;
        } else if (drain) {
            drained();
        }
    }

    void drained() {
        drainsHeld = Math.max(0, drainsHeld - 1);
        limit = delivered;
        listener.drained();
    }

    boolean wants() {
        return !closed && delivered < limit && outstanding < request.byteBudget();
    }

    void take(MemoryQueue.Entry entry) {
        delivered++;
        outstanding += entry.message().size();
        if (!request.mode().settled() && !request.mode().browse()) {
            unsettled.add(entry);
        }
        listener.deliver(entry);
    }

    @Override
    public void written(long bytes) {
        written += bytes;
        outstanding = Math.max(0, outstanding - bytes);
        queue.dispatch();
    }

    @Override
    public void settle(Delivery delivery, Outcome outcome, boolean confirm) {
        if (unsettled.remove((MemoryQueue.Entry) delivery)) {
            outcomes.add(outcome);
            if (returnsReleased && outcome == Outcome.RELEASED) {
                queue.giveBack(List.of((MemoryQueue.Entry) delivery));
            }
            Runnable tell = () -> listener.settled(delivery, outcome);
            if (confirm && holdConfirmations) {
                unconfirmed.add(tell);
            } else if (confirm) {
                tell.run();
            }
        }
    }

    @Override
    public void settle(Delivery delivery, Outcome outcome, Transaction within, Outcome otherwise) {
        var transaction = (MemoryTransaction) within;
        transaction.onCommit.add(() -> settle(delivery, outcome, otherwise == null));
        if (otherwise != null) {
            transaction.onRollback.add(() -> settle(delivery, otherwise, false));
        }
    }

    @Override
    public void suspend() {
        suspended = true;
        limit = delivered;
    }

    /** The same for another link, with what it holds. */
    MemoryConsumer resumed(Listener other) {
        var consumer = new MemoryConsumer(queue, request, other);
        consumer.unsettled.addAll(unsettled);
        unsettled.clear();
        queue.consumers.remove(this);
        closed = true;
        return consumer;
    }

    @Override
    public void unsubscribe() {
        unsubscribed = true;
        close(false);
    }

    @Override
    public void close(boolean isLost) {
        closed = true;
        lost = isLost;
        queue.consumers.remove(this);
        queue.giveBack(unsettled);
        unsettled.clear();
    }
}
