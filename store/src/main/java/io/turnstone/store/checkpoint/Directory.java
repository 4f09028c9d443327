package io.turnstone.store.checkpoint;

import io.turnstone.store.journal.Fields;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.pages.Roots;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What MapDB says of blocks in few records, so that opening reads these and not the blocks: for each level of a queue,
 * where blocks are, what is in them and what of that lives. Owned by the checkpointer.
 */
final class Directory {

    /** Blocks of one level of a queue that share a record. */
    static final class Sheet {
        private final List<Block> blocks = new ArrayList<>(1);
        private long recid;
        private int slot;
        private int bytes;

        List<Block> blocks() {
            return blocks;
        }

        boolean roomy() {
            return blocks.size() < MAX_BLOCKS && bytes < MAX_BYTES;
        }
    }

    private static final int MAX_BLOCKS = 128;

    /** MapDB links records of 64 KiB and more. */
    private static final int MAX_BYTES = 48 << 10;

    private static final int FIXED = 8 + 8 + 8 + 1 + 1;
    private static final int EXTERNAL = 1;
    private static final int GAPS = 2;
    private static final int SIZES = 4;
    private static final int SPOOLED = 8;

    private final Pages pages;
    private final Roots roots;
    private final Set<Sheet> sheets = new LinkedHashSet<>();
    private final Set<Sheet> changed = new LinkedHashSet<>();
    private final List<Copy> copies = new ArrayList<>();

    /** A sheet of another generation, with the records of its blocks and its own in this one. */
    private record Copy(Sheet sheet, long[] blocks, long recid, int slot) {}

    Directory(Pages pages, Roots roots) {
        this.pages = pages;
        this.roots = roots;
    }

    /** A block that was just written. */
    void add(Block block, LevelEntries level) {
        var sheet = level.sheet;
        if (sheet == null || !sheet.roomy()) {
            level.sheet = sheet = new Sheet();
        }
        sheet.blocks.add(block);
        sheet.bytes += size(block);
        block.sheet = sheet;
        changed.add(sheet);
    }

    /** Something else of a block lives, or nothing any more: then it is forgotten. */
    void changed(Block block) {
        var sheet = block.sheet;
        if (sheet == null) {
            return;
        }
        changed.add(sheet);
        if (block.alive == 0) {
            sheet.blocks.remove(block);
            sheet.bytes -= size(block);
            block.sheet = null;
        }
    }

    /** Writes the records that changed. */
    void write() {
        for (var sheet : changed) {
            if (!sheet.blocks.isEmpty()) {
                write(sheet);
            } else if (sheet.recid != 0) {
                pages.delete(sheet.recid);
                roots.remove(sheet.slot);
                sheet.recid = 0;
                sheets.remove(sheet);
            }
        }
        changed.clear();
    }

    private void write(Sheet sheet) {
        var first = sheet.blocks.get(0);
        byte[] content = encode(sheet, recids(sheet));
        if (sheet.recid == 0) {
            sheet.recid = pages.add(Pages.SHEET, first.queue, first.level, sheet.blocks.size(), content);
            sheet.slot = roots.add(Pages.SHEET, sheet.recid);
            sheets.add(sheet);
        } else {
            pages.update(sheet.recid, Pages.SHEET, first.queue, first.level, sheet.blocks.size(), content);
        }
    }

    private static int size(Block block) {
        return FIXED + 8 + 10 + block.shapeBytes();
    }

    private static long[] recids(Sheet sheet) {
        return sheet.blocks.stream().mapToLong(block -> block.recid).toArray();
    }

    private static byte[] encode(Sheet sheet, long[] recids) {
        var buffer = ByteBuffer.allocate(sheet.bytes);
        int next = 0;
        for (var block : sheet.blocks) {
            buffer.putLong(recids[next++]).putLong(block.stored).putLong(block.expiresAtMs);
            buffer.put((byte) block.count());
            buffer.put((byte) flags(block));
            buffer.putLong(block.first);
            block.putShape(buffer);
        }
        return java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static int flags(Block block) {
        return (block.external ? EXTERNAL : 0)
                | (block.gaps() ? GAPS : 0)
                | (block.sizes() ? SIZES : 0)
                | (block.spooled ? SPOOLED : 0);
    }

    /** The blocks of a record, as they are found when the store opens. */
    List<Block> found(long recid, int slot, Pages.Page page) {
        var sheet = new Sheet();
        sheet.recid = recid;
        sheet.slot = slot;
        var content = page.content();
        for (int i = 0; i < page.count(); i++) {
            long blockRecid = content.getLong();
            long alive = content.getLong();
            long expiresAtMs = content.getLong();
            int count = content.get();
            int flags = content.get();
            var draft = new Block.Draft(count);
            draft.spooled = (flags & SPOOLED) != 0;
            long position = content.getLong();
            var positions = new long[count];
            for (int e = 0; e < count; e++) {
                position += e == 0 ? 0 : (flags & GAPS) == 0 ? 1 : Fields.var(content);
                positions[e] = position;
            }
            int size = 0;
            for (int e = 0; e < count; e++) {
                size = e > 0 && (flags & SIZES) == 0 ? size : (int) Fields.var(content);
                draft.add(positions[e], size, expiresAtMs, (flags & EXTERNAL) != 0);
            }
            var block = new Block(page.queue(), page.level(), blockRecid, draft);
            block.alive = block.stored = alive;
            block.sheet = sheet;
            sheet.blocks.add(block);
            sheet.bytes += size(block);
        }
        sheets.add(sheet);
        return sheet.blocks;
    }

    /** What the last commit says of blocks. */
    Set<Sheet> sheets() {
        return sheets;
    }

    /** What the last commit says of blocks, and what was found beside it. */
    Set<Sheet> all() {
        var all = new LinkedHashSet<>(sheets);
        all.addAll(changed);
        return all;
    }

    /** Writes a sheet of another generation, whose blocks are in these records here. */
    void copy(Sheet sheet, long[] recids) {
        var first = sheet.blocks.get(0);
        long recid = pages.add(Pages.SHEET, first.queue, first.level, recids.length, encode(sheet, recids));
        copies.add(new Copy(sheet, recids, recid, roots.add(Pages.SHEET, recid)));
    }

    /** From now on all that was copied is here. */
    void takeOver() {
        for (var copy : copies) {
            var sheet = copy.sheet;
            sheet.recid = copy.recid;
            sheet.slot = copy.slot;
            for (int i = 0; i < copy.blocks.length; i++) {
                sheet.blocks.get(i).recid = copy.blocks[i];
            }
            sheets.add(sheet);
        }
        copies.clear();
    }
}
