package io.turnstone.store.checkpoint;

import io.turnstone.api.store.StoredMessage;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.journal.JournalVisitor;
import io.turnstone.store.journal.Targets;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.spool.SpoolFolder;
import io.turnstone.store.spool.SpoolReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads messages back from where the index says they are. Owned by the checkpointer. */
public final class MessageReader {

    private final LiveIndex index;
    private final Supplier<Pages> pages;
    private final JournalLookup journal;
    private final StoreHealth health;
    private final SpoolFolder spool;

    public MessageReader(LiveIndex index, Supplier<Pages> pages, SpoolFolder spool, long storeId, StoreHealth health) {
        this.spool = spool;
        this.index = index;
        this.pages = pages;
        this.health = health;
        journal = new JournalLookup(index, storeId, health::damaged);
    }

    /**
     * Where one message is.
     *
     * @param block the block its body is in, or null for the journal
     * @param body the position under which the body lies there
     * @param overlay the journal record that holds its overlay, or 0 when that is where the body is
     */
    private record Place(long position, @Nullable Block block, long body, long overlay) {}

    /** What a journal record holds of a message; only the overlay where it amends or moves. */
    private record Found(String format, byte[] overlay, byte[] body) {}

    /** The messages that live in a queue under these positions, ascending. */
    public List<StoredMessage> read(int queue, long[] positions) throws IOException {
        var places = places(queue, positions);
        var records = records(places);
        var blocks = new IdentityHashMap<Block, Map<Long, BlockEntry>>();
        var messages = new ArrayList<StoredMessage>(places.size());
        for (var place : places) {
            var message = place.block == null
                    ? fromJournal(place, records)
                    : fromBlock(queue, place, records, blocks.computeIfAbsent(place.block, this::entries));
            if (message != null) {
                messages.add(message);
            }
        }
        return messages;
    }

    private List<Place> places(int queue, long[] positions) {
        var entries = index.known(queue);
        var places = new ArrayList<Place>(positions.length);
        for (int i = 0; entries != null && i < positions.length; i++) {
            long position = positions[i];
            long overlay = entries.overlays.get(position);
            var block = entries.block(position);
            if (block != null) {
                places.add(new Place(position, block, position, overlay));
            } else if (entries.fresh(position) != null) {
                var moved = index.moves.get(position);
                places.add(
                        moved == null
                                ? new Place(position, null, position, overlay)
                                : new Place(position, moved.source.block(), moved.source.position(), overlay));
            }
        }
        return places;
    }

    private Map<Long, Found> records(List<Place> places) throws IOException {
        var wanted = new long[2 * places.size()];
        int count = 0;
        for (var place : places) {
            if (place.block == null) {
                wanted[count++] = place.body;
            }
            if (place.overlay != 0) {
                wanted[count++] = place.overlay;
            }
        }
        var found = new HashMap<Long, Found>();
        long[] positions = Arrays.stream(wanted, 0, count).sorted().distinct().toArray();
        journal.read(positions, new JournalVisitor() {
            /** A commit may hold others too. */
            private boolean wants(long position) {
                return Arrays.binarySearch(positions, position) >= 0;
            }

            @Override
            public void enqueue(long position, Targets targets, String format, ByteBuffer overlay, ByteBuffer body) {
                found.put(position, new Found(format, Pages.copy(overlay), Pages.copy(body)));
            }

            @Override
            public void amend(long position, int queue, long target, ByteBuffer overlay) {
                put(position, overlay);
            }

            @Override
            public void move(long position, int source, long at, Targets targets, ByteBuffer overlay) {
                put(position, overlay);
            }

            private void put(long position, ByteBuffer overlay) {
                if (wants(position)) {
                    found.put(position, new Found("", Pages.copy(overlay), new byte[0]));
                }
            }
        });
        return found;
    }

    private @Nullable StoredMessage fromJournal(Place place, Map<Long, Found> records) {
        var body = records.get(place.body);
        if (body == null) {
            return null;
        }
        byte[] overlay = records.getOrDefault(place.overlay, body).overlay; // a damaged one costs no message
        return message(place.position, body.format, body.body, overlay);
    }

    private Map<Long, BlockEntry> entries(Block block) {
        var byPosition = new HashMap<Long, BlockEntry>();
        for (var entry : BlockEntry.read(pages.get(), block, health::damaged)) {
            byPosition.put(entry.position(), entry);
        }
        return byPosition;
    }

    private @Nullable StoredMessage fromBlock(
            int queue, Place place, Map<Long, Found> records, Map<Long, BlockEntry> entries) {
        var entry = entries.get(place.body);
        byte[] body = entry == null ? null : entry.body(pages.get(), queue, health::damaged);
        if (entry == null || body == null) {
            return null;
        }
        var amended = records.get(place.overlay);
        byte[] overlay = amended == null ? entry.overlay() : amended.overlay;
        return message(place.position, entry.format(), body, overlay);
    }

    private StoredMessage message(long position, String format, byte[] bytes, byte[] overlay) {
        return new StoredMessage(
                position, SpoolReference.unmarked(format), SpoolReference.body(format, bytes, spool), overlay);
    }
}
