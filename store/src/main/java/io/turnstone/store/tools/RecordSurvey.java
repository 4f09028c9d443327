package io.turnstone.store.tools;

import io.turnstone.store.checkpoint.Block;
import io.turnstone.store.checkpoint.BlockEntry;
import io.turnstone.store.pages.Pages;
import java.nio.BufferUnderflowException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads every record in MapDB, and compares who refers to what. Record numbers are dense, so sets of them are bits.
 * Owned by one thread.
 */
final class RecordSurvey {

    private final DamageList damage;
    private final BitSet bodies = new BitSet();
    private final BitSet wanted = new BitSet();
    private final Map<Long, Integer> counters = new HashMap<>();
    private final Map<Long, Integer> counted = new HashMap<>();
    private final Map<Long, Block> blocks = new HashMap<>();
    private long records;
    private long strays;

    RecordSurvey(StoreView view, DamageList damage) {
        this.damage = damage;
        view.index.forEachQueue(
                queue -> queue.forEachLevel(level -> level.forEachBlock(block -> blocks.put(block.recid, block))));
        view.pages.scan(this::page, damage::add);
        compare();
    }

    private void page(long recid, Pages.Page page) {
        records++;
        switch (page.kind()) {
            case Pages.BODY -> bodies.set((int) recid);
            case Pages.COUNTER -> counters.put(recid, page.count());
            case Pages.BLOCK -> block(recid, page);
            default -> {}
        }
    }

    private void block(long recid, Pages.Page page) {
        var block = blocks.get(recid);
        if (block == null) {
            strays++;
            return;
        }
        try {
            var entries = BlockEntry.decode(page.content(), page.count());
            for (int i = 0; i < entries.size(); i++) {
                var external = entries.get(i).external();
                if (external != null && (block.stored & 1L << i) != 0) {
                    wanted.set((int) external.recid());
                    if (external.counter() != 0) {
                        counted.merge(external.counter(), 1, Integer::sum);
                    }
                }
            }
        } catch (BufferUnderflowException e) {
            damage.add("MapDB record " + recid + " is shorter than its fields say");
        }
    }

    private void compare() {
        counted.forEach((recid, references) -> {
            int stored = counters.getOrDefault(recid, 0);
            if (stored < references) {
                damage.add("MapDB record " + recid + " counts " + stored + " messages with a body that " + references
                        + " have");
            }
        });
        strays += counters.keySet().stream()
                .filter(recid -> !counted.containsKey(recid))
                .count();
        bodies.andNot(wanted);
        strays += bodies.cardinality();
    }

    /** How many records are whole. */
    long records() {
        return records;
    }

    /** How many of them nothing refers to. */
    long unreferenced() {
        return strays;
    }
}
