package io.turnstone.router.queue;

import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Remembers what a consumer was told; its calls are made in the name of its loop. */
final class RecordingConsumer implements Consumer.Listener {

    /** Deliveries that are not settled. */
    final List<Delivery> unsettled = new ArrayList<>();

    /** Numbers of all deliveries, in order. */
    final List<Integer> numbers = new ArrayList<>();

    /** What was told, in order: numbers, {@code drained}, {@code active}, {@code standby}, {@code closed}. */
    final List<String> told = new ArrayList<>();

    /** Numbers whose outcome is durable. */
    final List<Integer> settled = new ArrayList<>();

    @Nullable
    Refusal closed;

    java.util.function.@Nullable Consumer<Delivery> onDelivery;

    private final Queues queues;
    private final int loop;
    private Consumer consumer;
    private long limit;

    RecordingConsumer(Queues queues, int loop) {
        this.queues = queues;
        this.loop = loop;
    }

    void opened(Consumer opened) {
        consumer = opened;
    }

    Consumer consumer() {
        return consumer;
    }

    /** Adds to the credit. */
    RecordingConsumer credit(long more) {
        limit = Math.max(limit, numbers.size()) + more;
        queues.on(loop, () -> consumer.flow(limit, false));
        return this;
    }

    void limit(long total) {
        limit = total;
        queues.on(loop, () -> consumer.flow(total, false));
    }

    void drain(long credit) {
        limit = numbers.size() + credit;
        queues.on(loop, () -> consumer.flow(limit, true));
    }

    void written(long bytes) {
        queues.on(loop, () -> consumer.written(bytes));
    }

    /** Settles the delivery of this number. */
    void settle(int number, Outcome outcome) {
        Delivery delivery = take(number);
        queues.on(loop, () -> consumer.settle(delivery, outcome, true));
    }

    void accept(int number) {
        settle(number, Outcome.ACCEPTED);
    }

    void settleAll() {
        var all = List.copyOf(unsettled);
        unsettled.clear();
        queues.on(loop, () -> all.forEach(delivery -> consumer.settle(delivery, Outcome.ACCEPTED, true)));
    }

    void fail(int number) {
        settle(number, new Outcome.Modified(true, false, java.util.Map.of()));
    }

    void close(boolean lost) {
        queues.on(loop, () -> consumer.close(lost));
    }

    Delivery take(int number) {
        for (Delivery delivery : unsettled) {
            if (number(delivery) == number) {
                unsettled.remove(delivery);
                return delivery;
            }
        }
        throw new AssertionError("no unsettled delivery of " + number + " among " + numbers);
    }

    static int number(Delivery delivery) {
        return ((NumberedMessage) delivery.message()).number();
    }

    @Override
    public void deliver(Delivery delivery) {
        unsettled.add(delivery);
        numbers.add(number(delivery));
        told.add(String.valueOf(number(delivery)));
        if (onDelivery != null) {
            onDelivery.accept(delivery);
        }
    }

    @Override
    public void drained() {
        limit = numbers.size();
        told.add("drained");
    }

    @Override
    public void active(boolean now) {
        told.add(now ? "active" : "standby");
    }

    @Override
    public void settled(Delivery delivery, Outcome outcome) {
        settled.add(number(delivery));
    }

    @Override
    public void closed(Refusal reason) {
        told.add("closed");
        closed = reason;
    }
}
