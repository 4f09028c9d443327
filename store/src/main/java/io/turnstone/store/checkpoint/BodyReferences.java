package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.BlockEntry.External;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.pages.Pages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which entries refer to bodies that are records of their own, after part of the directory was lost. Owned by the thread
 * that opens the store.
 */
final class BodyReferences {

    /*
     * A block that is not listed seems to hold messages that were removed, whose bodies' record numbers may have been
     * used again, or whose bodies belong to the message that moved away. Such an entry must neither be handed out nor
     * ever release that record.
     */
    private record Reference(Block block, int entry, long position, External body, boolean listed) {
        boolean outranks(Reference other) {
            return listed == other.listed ? position > other.position : listed;
        }
    }

    private final Pages pages;
    private final Directory directory;
    private final StoreHealth health;
    private final Map<Long, List<Reference>> byBody = new HashMap<>();
    private int lost;

    BodyReferences(Pages pages, Directory directory, StoreHealth health) {
        this.pages = pages;
        this.directory = directory;
        this.health = health;
    }

    /**
     * Takes away from blocks what has no body, and sets the counters.
     *
     * @param listed so many of the first blocks are in the directory; those of the others may hold what was removed
     */
    void settle(List<Block> blocks, int listed) {
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).external) {
                collect(blocks.get(i), i < listed);
            }
        }
        var bodies = new SharedBodies(pages, health::damaged);
        for (var references : byBody.values()) {
            var counted = references.stream()
                    .filter(reference -> reference.body.counter() != 0)
                    .toList();
            if (counted.isEmpty()) {
                keepOne(references);
            } else {
                bodies.recount(counted.get(0).body, counted.size());
                references.removeAll(counted);
                references.forEach(this::forget); // they have handed it on
            }
        }
        blocks.removeIf(block -> block.alive == 0);
        if (lost > 0) {
            health.damaged("MapDB: the bodies of " + lost + " messages, some of which were removed before, are lost");
        }
    }

    private void collect(Block block, boolean listed) {
        var entries = BlockEntry.read(pages, block, health::damaged);
        for (int i = 0; i < entries.size(); i++) {
            var entry = entries.get(i);
            var body = entry.external();
            if (body == null || !block.alive(i)) {
                continue;
            }
            if (listed || entry.body(pages, block.queue, what -> {}) != null) {
                byBody.computeIfAbsent(body.recid(), recid -> new ArrayList<>(1))
                        .add(new Reference(block, i, entry.position(), body, listed));
            } else {
                forget(new Reference(block, i, entry.position(), body, false));
            }
        }
    }

    private void keepOne(List<Reference> references) {
        var owner = references.get(0);
        for (var reference : references) {
            owner = reference.outranks(owner) ? reference : owner;
        }
        references.remove(owner);
        references.forEach(this::forget);
    }

    private void forget(Reference reference) {
        var block = reference.block;
        lost++;
        block.alive &= ~(1L << reference.entry);
        block.stored = block.alive;
        directory.changed(block);
        if (block.alive == 0) {
            pages.discard(block.recid, health::damaged);
        }
    }
}
