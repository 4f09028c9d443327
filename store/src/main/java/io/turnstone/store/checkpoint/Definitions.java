package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import io.turnstone.store.journal.Fields;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.pages.Roots;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The definitions in MapDB, each a record of its own. Owned like {@link Pages}. */
final class Definitions {

    private record Stored(long recid, int slot) {}

    private final Map<DefinitionKey, Stored> stored = new HashMap<>();
    private final Pages pages;
    private final Roots roots;

    Definitions(Pages pages, Roots roots) {
        this.pages = pages;
        this.roots = roots;
    }

    /** Takes notice of a record found while opening. */
    void found(long recid, int slot, ByteBuffer content, BiConsumer<DefinitionKey, byte[]> visitor) {
        var key = new DefinitionKey(text(content), text(content));
        stored.put(key, new Stored(recid, slot));
        visitor.accept(key, Fields.bytes(content, content.remaining()));
    }

    /** Writes, replaces or removes definitions. */
    void write(Map<DefinitionKey, byte @Nullable []> changed) {
        changed.forEach((key, value) -> {
            var present = stored.get(key);
            if (value == null) {
                if (present != null) {
                    pages.delete(present.recid);
                    roots.remove(present.slot);
                    stored.remove(key);
                }
            } else if (present == null) {
                add(key, encode(key, value));
            } else {
                pages.update(present.recid, Pages.DEFINITION, 0, 0, 1, encode(key, value));
            }
        });
    }

    private void add(DefinitionKey key, byte[] content) {
        long recid = pages.add(Pages.DEFINITION, 0, 0, 1, content);
        stored.put(key, new Stored(recid, roots.add(Pages.DEFINITION, recid)));
    }

    /** Copies those of another generation. */
    void copy(Definitions others, Consumer<String> damage) {
        others.stored.forEach((key, place) -> {
            var page = others.pages.get(place.recid, damage);
            if (page != null) {
                add(key, Pages.copy(page.content()));
            }
        });
    }

    private static byte[] encode(DefinitionKey key, byte[] value) {
        byte[] kind = key.kind().getBytes(StandardCharsets.UTF_8);
        byte[] name = key.name().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + kind.length + name.length + value.length)
                .putShort((short) kind.length)
                .put(kind)
                .putShort((short) name.length)
                .put(name)
                .put(value)
                .array();
    }

    private static String text(ByteBuffer content) {
        return new String(Fields.bytes(content, content.getShort() & 0xFFFF), StandardCharsets.UTF_8);
    }
}
