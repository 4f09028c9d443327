package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.BlockEntry.External;
import io.turnstone.store.files.Forces;
import io.turnstone.store.pages.Pages;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

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
    private final Consumer<String> damage;
    private final BooleanSupplier stop;
    private final Forces forces;

    /** The bodies to which several entries refer, by their record in the old file. */
    private final Map<Long, External> shared = new HashMap<>();

    /**
     * @param damage told of what cannot be read
     * @param stop asked between two steps whether to give up; reads may be answered meanwhile
     */
    GenerationCopy(Catalog from, Catalog to, Consumer<String> damage, Forces forces, BooleanSupplier stop) {
        this.from = from;
        this.to = to;
        this.damage = damage;
        this.forces = forces;
        this.stop = stop;
    }

    /**
     * Copies and commits everything.
     *
     * @param figures of the store, but for the roots
     * @return false when it was given up
     */
    boolean run(Pages.Meta figures) throws IOException {
        to.definitions().copy(from.definitions(), damage);
        for (var sheet : from.directory().all()) {
            if (!sheet.blocks().isEmpty() && !copy(sheet)) {
                return false;
            }
        }
        to.pages()
                .meta(new Pages.Meta(
                        figures.absorbedThrough(),
                        figures.position(),
                        figures.highestQueue(),
                        to.roots().write()));
        to.pages().commit(forces);
        return !stop.getAsBoolean();
    }

    private boolean copy(Directory.Sheet sheet) throws IOException {
        var blocks = sheet.blocks();
        var recids = new long[blocks.size()];
        for (int i = 0; i < recids.length; i++) {
            recids[i] = copy(blocks.get(i));
            if (to.pages().heldBytes() > HELD_LIMIT) {
                to.pages().commit(forces); // counts for nothing yet
            }
            if (stop.getAsBoolean()) {
                return false;
            }
        }
        to.directory().copy(sheet, recids);
        return true;
    }

    private long copy(Block block) {
        var page = from.pages().get(block.recid, damage);
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
        byte[] bytes = entry.body(from.pages(), queue, damage);
        if (bytes == null) {
            return body; // damage; whoever takes such a copy has told it from what lives
        }
        long recid = to.pages().add(Pages.BODY, 0, 0, 1, bytes);
        var counter = body.counter() == 0 ? null : from.pages().get(body.counter(), damage);
        if (counter == null) {
            return body.at(recid, 0); // where the counter is lost, each who has the body gets one alone
        }
        var copied = body.at(recid, to.pages().add(Pages.COUNTER, 0, 0, counter.count(), new byte[0]));
        shared.put(body.recid(), copied);
        return copied;
    }
}
