package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.BlockEntry.External;
import io.turnstone.store.pages.Pages;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Bodies that are records of their own. One to which several entries refer has a record beside it that counts them, and
 * goes with the last. Owned by the checkpointer.
 */
final class SharedBodies {

    private final Pages pages;
    private final Consumer<String> damage;

    /** Bodies without a counter that were handed on by an entry which will be released soon. */
    private final Set<Long> handedOn = new HashSet<>();

    /** @param damage told of counters that cannot be read */
    SharedBodies(Pages pages, Consumer<String> damage) {
        this.pages = pages;
        this.damage = damage;
    }

    /** Stores a body for so many entries. */
    External add(byte[] body, int references) {
        long recid = pages.add(Pages.BODY, 0, 0, 1, body);
        return External.of(recid, body, references > 1 ? counter(references) : 0);
    }

    private long counter(int references) {
        return pages.add(Pages.COUNTER, 0, 0, references, new byte[0]);
    }

    /**
     * Lets more entries refer to a body of an entry that will be {@linkplain #release released} before the next commit.
     *
     * @return how they refer to it
     */
    External handOn(External body, int entries) {
        if (body.counter() != 0) {
            count(body, entries);
            return body;
        }
        handedOn.add(body.recid());
        return entries > 1 ? body.countedBy(counter(entries)) : body;
    }

    /** An entry refers to it no more. */
    void release(External body) {
        if (body.counter() != 0) {
            count(body, -1);
        } else if (!handedOn.remove(body.recid())) {
            pages.delete(body.recid());
        }
    }

    private void count(External body, int change) {
        var page = pages.get(body.counter(), damage);
        if (page == null || page.kind() != Pages.COUNTER) {
            return; // the body stays for ever, which is better than going too early
        }
        int references = page.count() + change;
        if (references > 0) {
            pages.update(body.counter(), Pages.COUNTER, 0, 0, references, new byte[0]);
        } else {
            pages.delete(body.counter());
            pages.delete(body.recid());
        }
    }

    /** Sets how many entries refer to a body. */
    void recount(External body, int references) {
        pages.update(body.counter(), Pages.COUNTER, 0, 0, references, new byte[0]);
    }
}
