package io.turnstone.broker;

import io.turnstone.store.tools.QueueFigures;
import io.turnstone.store.tools.StoreFigures;
import io.turnstone.store.tools.StoreFindings;
import io.turnstone.store.tools.StoreTools;
import io.turnstone.store.tools.ToolProgress;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;

/** What can be done with a store, running or not; what comes of it as a JSON document. */
enum StoreWork {
    /** Reads every byte. */
    VERIFY {
        @Override
        JsonObject done(StoreTools tools, Path target, ToolProgress progress) {
            return findings(tools.verify(progress));
        }
    },
    /** Counts. */
    STATS {
        @Override
        JsonObject done(StoreTools tools, Path target, ToolProgress progress) {
            return figures(tools.stats());
        }
    },
    /** Copies it into a folder that becomes a data folder. */
    BACKUP {
        @Override
        JsonObject done(StoreTools tools, Path target, ToolProgress progress) {
            DataFolder.makeEmpty(target);
            return new JsonObject().put(BYTES, tools.backup(DataFolder.store(target), progress));
        }
    },
    /** Writes what it holds into a file that other stores import. */
    EXPORT {
        @Override
        JsonObject done(StoreTools tools, Path target, ToolProgress progress) {
            return findings(tools.export(target, progress));
        }
    },
    /** Brings what can be read into a folder that becomes a data folder. */
    SALVAGE {
        @Override
        JsonObject done(StoreTools tools, Path target, ToolProgress progress) {
            DataFolder.makeEmpty(target);
            return findings(tools.salvage(DataFolder.store(target), progress));
        }
    };

    static final String QUEUES = "queues";
    static final String DAMAGE = "damage";
    static final String ASIDE = "aside";
    static final String WHOLE = "whole";
    static final String BYTES = "bytes";

    /** Does it. */
    abstract JsonObject done(StoreTools tools, Path target, ToolProgress progress);

    static JsonObject findings(StoreFindings found) {
        return new JsonObject()
                .put(WHOLE, found.whole())
                .put("records", found.records())
                .put("unreferenced", found.unreferenced())
                .put(QUEUES, queues(found.queues()))
                .put(ASIDE, new JsonArray(found.aside()))
                .put(DAMAGE, new JsonArray(found.damage()));
    }

    private static JsonObject figures(StoreFigures figures) {
        var segments = new JsonArray();
        figures.segments()
                .forEach(segment -> segments.add(new JsonObject()
                        .put("file", segment.file())
                        .put(BYTES, segment.bytes())
                        .put("firstPosition", segment.firstPosition())
                        .put("live", segment.live())));
        var files = new JsonObject();
        figures.files().forEach(files::put);
        return new JsonObject()
                .put("format", figures.format())
                .put("id", figures.id())
                .put(QUEUES, queues(figures.queues()))
                .put("segments", segments)
                .put("spares", figures.spares())
                .put("files", files)
                .put("freeBytes", figures.freeBytes())
                .put(DAMAGE, new JsonArray(figures.damage()));
    }

    private static JsonArray queues(List<QueueFigures> queues) {
        var all = new JsonArray();
        queues.forEach(queue -> all.add(new JsonObject()
                .put("name", queue.name())
                .put("number", queue.number())
                .put("messages", queue.messages())
                .put(BYTES, queue.bytes())
                .put("first", queue.first())
                .put("last", queue.last())
                .put("inJournal", queue.inJournal())
                .put("inMapDb", queue.messages() - queue.inJournal())
                .put("unreadable", queue.unreadable())
                .put("keys", queue.keys())));
        return all;
    }
}
