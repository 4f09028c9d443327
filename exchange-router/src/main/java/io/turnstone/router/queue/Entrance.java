package io.turnstone.router.queue;

import io.turnstone.api.Condition;
import io.turnstone.api.ConsumerRequest.Claim;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where consumers come into a queue that keeps messages for consumers of the last run: one after another, each when it is
 * known what it held itself, and which groups wait for the others. Their number follows from that of links. Owned by the
 * queue's home loop.
 */
final class Entrance {

    private final Seating seating;
    private final Claims claims;
    private final @Nullable Groups groups;
    private final ArrayDeque<Opening> waiting = new ArrayDeque<>();

    /** One is on its way in. */
    private boolean busy;

    /** The loop over those that wait goes on by itself. */
    private boolean looping;

    /** Of a queue that keeps groups, or (null) none. */
    Entrance(Seating seating, Claims claims, @Nullable Groups groups) {
        this.seating = seating;
        this.claims = claims;
        this.groups = groups;
    }

    void open(Opening opening) {
        waiting.add(opening);
        next();
    }

    private void next() {
        if (looping) {
            return;
        }
        looping = true;
        while (!busy && !waiting.isEmpty()) {
            busy = true;
            Opening opening = waiting.remove();
            Claim claim = opening.request().claim();
            Withheld own = claim == null ? null : claims.take(claim.name());
            if (groups == null || opening.request().mode().browse()) {
                admit(opening, own);
            } else {
                learn(groups, opening, own);
            }
        }
        looping = false;
    }

    private void done() {
        busy = false;
        next();
    }

    /** Reads of which groups others hold messages; these wait for them. */
    private void learn(Groups of, Opening opening, @Nullable Withheld own) {
        Withheld others = claims.unread();
        if (others == null) {
            admit(opening, own);
            return;
        }
        claims.read(others, found -> {
            if (found == null) {
                claims.unread(others);
                fail(opening, own);
            } else {
                claims.learn(others, found, of);
                learn(of, opening, own);
            }
        });
    }

    private void admit(Opening opening, @Nullable Withheld own) {
        if (own == null) {
            seating.admit(opening, null, List.of());
            done();
            return;
        }
        claims.read(own, found -> {
            if (found == null) {
                fail(opening, own);
                return;
            }
            if (!seating.admit(opening, own, found)) {
                putBack(opening, own);
            }
            done();
        });
    }

    private void fail(Opening opening, @Nullable Withheld own) {
        seating.refuse(
                opening, Condition.UNAVAILABLE, ": what was held before the restart cannot be read now; attach again");
        if (own != null) {
            putBack(opening, own);
        }
        done();
    }

    private void putBack(Opening opening, Withheld own) {
        Claim claim = opening.request().claim();
        if (claim != null) {
            claims.putBack(claim.name(), own);
        }
    }
}
