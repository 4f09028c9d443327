package io.turnstone.router.queue;

import org.jspecify.annotations.Nullable;

/**
 * A group of messages, or several that share a place, while it is with a consumer or some of its messages are unsettled.
 * Owned by the queue's home loop.
 */
final class Group {

    private final Groups groups;

    /** What {@link Groups} knows it by. */
    final Object place;

    /** Who gets its messages; null until one is delivered, and when that consumer is gone. */
    @Nullable
    Seat owner;

    /** When it had its last unsettled message. */
    long quietSinceMs;

    /** Entries that were delivered and are not back in their place or gone, those that wait for a retry included. */
    private int busy;

    /** Of them, those that wait for a retry: none goes out before they are back. */
    private int delayed;

    /** A place before the first that could not go out because of such. */
    private ReadyMessages.@Nullable Cursor skipped;

    Group(Groups groups, Object place) {
        this.groups = groups;
        this.place = place;
    }

    /** Whether its messages have to wait for one of them. */
    boolean blocked() {
        return delayed > 0 || (owner == null && busy > 0);
    }

    /** Whether nothing of it is unsettled, or waits for its consumer. */
    boolean quiet() {
        Choice choice = owner == null ? null : owner.choice;
        return busy == 0 && skipped == null && (choice == null || (choice.foundNothing() && !choice.lags()));
    }

    boolean unsettled() {
        return busy > 0;
    }

    /** An entry could have gone out. */
    void skip(Entry entry, ReadyMessages.Cursor frontier) {
        ReadyMessages.Cursor before = skipped == null ? frontier.copy() : skipped;
        before.back(entry);
        skipped = before;
    }

    /** One of its messages is kept for a consumer that is away. */
    void keeps() {
        busy++;
    }

    /** It is not: its consumer has it, or it is back in its place. */
    void keepsNot() {
        busy--;
        goesOn();
    }

    /** An entry goes out. */
    void takes(Entry entry) {
        if (entry.group == null) {
            entry.group = this;
            busy++;
        }
    }

    /** An entry failed and waits for its retry. */
    void delays(Entry entry) {
        takes(entry);
        if (!entry.blocks) {
            entry.blocks = true;
            delayed++;
        }
    }

    /** An entry is ready again in its place, or gone. */
    void leaves(Entry entry) {
        entry.group = null;
        busy--;
        passes(entry);
    }

    /** An entry is not waited for any more. */
    void passes(Entry entry) {
        if (entry.blocks) {
            entry.blocks = false;
            delayed--;
        }
        goesOn();
    }

    private void goesOn() {
        ReadyMessages.Cursor from = skipped;
        if (from != null && !blocked()) {
            skipped = null;
            groups.lookAgain(owner, from);
        }
        if (busy == 0) {
            groups.quiet(this);
        }
    }
}
