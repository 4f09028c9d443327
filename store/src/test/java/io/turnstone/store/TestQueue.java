package io.turnstone.store;

import io.turnstone.api.Durability;
import io.turnstone.api.Loop;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A queue that remembers what was applied. */
public final class TestQueue implements StoredQueue {

    /** One applied record. */
    public record Applied(StoreRecord record, long position) {}

    private final int id;
    private final Loop home;
    private final boolean remembering;
    private final int levels;
    private final @Nullable Durability durability;
    public final List<Applied> applied = new ArrayList<>();

    public TestQueue(int id, Loop home) {
        this(id, home, true);
    }

    public TestQueue(int id, Loop home, boolean remembering) {
        this(id, home, remembering, 1);
    }

    public TestQueue(int id, Loop home, boolean remembering, int levels) {
        this(id, home, remembering, levels, null);
    }

    public TestQueue(int id, Loop home, boolean remembering, int levels, @Nullable Durability durability) {
        this.id = id;
        this.home = home;
        this.remembering = remembering;
        this.levels = levels;
        this.durability = durability;
    }

    @Override
    public int levels() {
        return levels;
    }

    @Override
    public @Nullable Durability durability() {
        return durability;
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public Loop home() {
        return home;
    }

    @Override
    public void apply(StoreRecord record, long position) {
        if (!home.inLoop()) {
            throw new AssertionError("applied outside of the home loop");
        }
        if (remembering) {
            applied.add(new Applied(record, position));
        }
    }
}
