package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Outcome;
import io.turnstone.api.store.StoreRecord;
import org.jspecify.annotations.Nullable;

/**
 * One entry that a transaction settles: how, and what that means once it is decided. Owned by the queue's home loop; the
 * transaction's loop reads {@link #change} and {@link #burial} between the home's answer and the commit.
 */
final class Retired {

    final Entry entry;
    final Seat seat;
    private final Settlement settlement;
    private Outcome outcome;
    private @Nullable Outcome otherwise;
    private @Nullable Returned returned;
    private @Nullable Burial burial;
    private StoreRecord.@Nullable Change change;

    Retired(Settlement settlement, Entry entry, Seat seat, Outcome outcome, @Nullable Outcome otherwise) {
        this.settlement = settlement;
        this.entry = entry;
        this.seat = seat;
        this.outcome = outcome;
        this.otherwise = otherwise;
    }

    /** Replaces what was said before. */
    void again(Retired later) {
        outcome = later.outcome;
        otherwise = later.otherwise;
    }

    /** What the commit says of it; null when the store knows nothing of the entry, or nothing changes there. */
    StoreRecord.@Nullable Change change() {
        return change;
    }

    /** Where it goes when it dies. */
    @Nullable
    Burial burial() {
        return burial;
    }

    private @Nullable Seat tell() {
        return otherwise == null ? seat : null;
    }

    /** Decides what the outcome means; false when its dead-letter queue must be made first. */
    boolean prepare() {
        if (outcome instanceof Outcome.Rejected rejected) {
            return dies(DeathReason.REJECTED, Settlement.reason(rejected));
        }
        if (outcome instanceof Outcome.Modified modified) {
            returned = settlement.returned(entry, modified);
            if (returned.exhausted()) {
                return dies(DeathReason.DELIVERY_LIMIT, null);
            }
        }
        change = settlement.change(entry, outcome, returned, this);
        return true;
    }

    private boolean dies(DeathReason reason, @Nullable String error) {
        var grave = burial == null ? settlement.burial(entry, reason, error, tell(), outcome) : burial;
        burial = grave;
        if (!settlement.aim(grave, returned == null ? entry.overlay() : returned.overlay())) {
            return false;
        }
        change = grave.change();
        return true;
    }

    /** It is committed. */
    void applied() {
        if (burial != null) {
            entry.seen();
            if (returned != null) {
                entry.overlay(returned.overlay());
            }
            burial.applied();
        } else {
            settlement.retired(entry, outcome, returned, seat, tell());
        }
    }

    /** It is rolled back. */
    void undo() {
        settlement.undo(entry, seat, otherwise);
    }
}
