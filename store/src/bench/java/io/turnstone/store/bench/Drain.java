package io.turnstone.store.bench;

import java.io.IOException;

/**
 * A consumer that reads a backlog in order, checks that each message is the one whose turn it is, and removes it;
 * optionally messages are published beside it. Owned by one thread.
 */
final class Drain implements Subject.Answers {

    private static final int MAX_UNSETTLED = 4096;
    private static final int MAX_PUBLISHED = 1000;

    private final Subject subject;
    private final Bodies bodies = new Bodies(true);
    private final double beside;
    private final Longs leaving = new Longs();
    private long read;
    private long removed;
    private long sent;
    private long durable;

    /**
     * Of a store just opened.
     *
     * @param beside messages published per message read
     */
    Drain(Subject subject, double beside) {
        this.subject = subject;
        this.beside = beside;
    }

    /** Reads until the first message is there. */
    void first() throws IOException {
        subject.more();
        while (read == 0) {
            subject.turn(this);
        }
    }

    /** Goes on until so many have been removed since the beginning. */
    void through(long count) throws IOException {
        while (removed < count || durable < sent) {
            for (int i = 0; i < leaving.size(); i++) {
                subject.remove(leaving.get(i));
            }
            leaving.clear();
            if (read < count && read - removed < MAX_UNSETTLED) {
                subject.more();
            }
            while (sent < read * beside && sent - durable < MAX_PUBLISHED && !subject.congested()) {
                subject.enqueue(bodies.body(sent++));
            }
            subject.turn(this);
        }
    }

    @Override
    public void durable(long key) {
        durable++;
    }

    @Override
    public void removed(int count) {
        removed += count;
    }

    @Override
    public void message(long key, byte[] array, int offset) {
        long number = Bodies.number(array, offset);
        if (number != read) {
            throw new IllegalStateException("read message " + number + " when it was the turn of " + read);
        }
        read++;
        leaving.add(key);
    }
}
