package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.BlockEntry.External;
import io.turnstone.store.files.Forces;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.pages.Pages;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Copies what one generation of MapDB's file holds to another, block by block. Owned by the checkpointer.
 */
final class GenerationCopy {

    /*
     * What is copied is the last commit, no more and no less: of a block the messages that live according to the
     * directory. The index follows the journal between two blocks; what it learns is told to MapDB afterwards, in
     * whichever generation then counts.
     */
    private static final int HELD_LIMIT = 8 << 20;

    /** Where an entry's body is that is not copied because the message is gone: no record has this number. */
    private static final long NOWHERE = Integer.MAX_VALUE;

    private final Catalog from;
    private final Catalog to;
    private final StoreHealth health;
    private final BooleanSupplier stop;
    private final Forces forces;
    private final long damages;

    /** The bodies to which several entries refer, by their record in the old file. */
    private final Map<Long, External> shared = new HashMap<>();

    /** @param stop asked between two steps whether to give up; reads may be answered meanwhile */
    GenerationCopy(Catalog from, Catalog to, StoreHealth health, Forces forces, BooleanSupplier stop) {
        this.from = from;
        this.to = to;
        this.health = health;
        this.forces = forces;
        this.stop = stop;
        damages = health.damages();
    }

    /**
     * Copies and commits everything.
     *
     * @return false when it was given up: it was to stop, or something cannot be read and is left where it is
     */
    boolean run() throws IOException {
        to.definitions().copy(from.definitions(), health::damaged);
        for (var sheet : from.directory().sheets()) {
            if (!copy(sheet)) {
                return false;
            }
        }
        var figures = from.pages().figures();
        to.pages()
                .meta(new Pages.Meta(
                        figures.absorbedThrough(),
                        figures.position(),
                        figures.highestQueue(),
                        to.roots().write()));
        to.pages().commit(forces);
        return !givenUp();
    }

    private boolean givenUp() {
        return stop.getAsBoolean() || health.damages() > damages;
    }

    private boolean copy(Directory.Sheet sheet) throws IOException {
        var blocks = sheet.blocks();
        var recids = new long[blocks.size()];
        for (int i = 0; i < recids.length; i++) {
            recids[i] = copy(blocks.get(i));
            if (to.pages().heldBytes() > HELD_LIMIT) {
                to.pages().commit(forces); // counts for nothing yet
            }
            if (givenUp()) {
                return false;
            }
        }
        to.directory().copy(sheet, recids);
        return true;
    }

    private long copy(Block block) {
        var page = from.pages().get(block.recid, health::damaged);
        if (page == null) {
            return 0;
        }
        byte[] content = block.external ? moved(block, page) : Pages.copy(page.content());
        return to.pages().add(Pages.BLOCK, block.queue, block.level, page.count(), content);
    }

    /** A block that refers to bodies by where these are in the new file. */
    private byte[] moved(Block block, Pages.Page page) {
        var entries = BlockEntry.decode(page.content(), page.count());
        for (int i = 0; i < entries.size(); i++) {
            var entry = entries.get(i);
            var body = entry.external();
            if (body != null) {
                boolean lives = (block.stored & 1L << i) != 0;
                entries.set(i, entry.at(lives ? copy(entry, body, block.queue) : body.at(NOWHERE, 0)));
            }
        }
        return BlockEntry.encode(entries);
    }

    private External copy(BlockEntry entry, External body, int queue) {
        var known = shared.get(body.recid());
        if (known != null) {
            return known;
        }
        byte[] bytes = entry.body(from.pages(), queue, health::damaged);
        if (bytes == null) {
            return body; // damage, which ends the copy
        }
        long recid = to.pages().add(Pages.BODY, 0, 0, 1, bytes);
        if (body.counter() == 0) {
            return body.at(recid, 0);
        }
        var counter = from.pages().get(body.counter(), health::damaged);
        int references = counter == null ? 1 : counter.count();
        var copied = body.at(recid, to.pages().add(Pages.COUNTER, 0, 0, references, new byte[0]));
        shared.put(body.recid(), copied);
        return copied;
    }
}
