package io.turnstone.amqp;

import java.util.ArrayDeque;

/**
 * The messages of one incoming link that wait for one on its way into a file, so that all are published in the order
 * they came. Bounded by the link's credit and by what {@link Spooling} lets come. Owned by the loop of its connection.
 */
final class Arrivals {

    private final IncomingMessages messages;
    private final ArrayDeque<Arrival> line = new ArrayDeque<>(0);

    Arrivals(IncomingMessages messages) {
        this.messages = messages;
    }

    boolean isEmpty() {
        return line.isEmpty();
    }

    /** Publishes a message, now or in its turn. */
    void add(Arrival arrival) {
        if (line.isEmpty() && arrival.ready()) {
            messages.publish(arrival);
            return;
        }
        line.add(arrival);
        waits(arrival, 1);
        if (arrival.spooling() != null) {
            arrival.spooling().finish(this);
        }
    }

    /** It is known what became of one of them. */
    void advance() {
        for (Arrival first = line.peek(); first != null && first.ready(); first = line.peek()) {
            Arrival next = line.remove();
            IncomingLink link = messages.link();
            link.session().connection().failures().guard(link, () -> messages.publish(next));
            waits(next, -1);
        }
        if (line.isEmpty()) {
            messages.arrivalsDone();
        }
    }

    private void waits(Arrival arrival, int change) {
        AmqpConnection connection = messages.link().session().connection();
        connection.spooling().waits((long) change * arrival.bytes().length);
        LocalTransaction within = arrival.within();
        if (within != null) {
            within.spooling(change);
        }
        if (!arrival.settled()) {
            connection.publishing(change);
        }
    }
}
