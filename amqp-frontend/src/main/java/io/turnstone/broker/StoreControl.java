package io.turnstone.broker;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.tools.StoreTools;
import io.turnstone.store.tools.ToolProgress;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Works with the store of a running broker when {@code turnstone store} asks for it. Any thread but a loop. */
record StoreControl(MessageStore store) {

    private static final String WORK = "work";
    private static final String TARGET = "target";
    private static final String PART = "part";
    private static final String DONE = "done";
    private static final String TOTAL = "total";
    private static final long PROGRESS_NANOS = 200_000_000;

    static JsonObject request(StoreWork work, Path target) {
        return new JsonObject().put(WORK, work.name()).put(TARGET, target.toString());
    }

    /** Does what a request says, and tells of progress now and then. */
    JsonObject answer(JsonObject request, Consumer<JsonObject> progress) {
        var tools = StoreTools.of(store, new RouterDefinitions());
        if (tools.isEmpty()) {
            return Control.refusal("the broker keeps its messages in no store of files, so there is nothing to do");
        }
        StoreWork work;
        try {
            work = StoreWork.valueOf(request.getString(WORK, ""));
        } catch (IllegalArgumentException e) {
            return Control.refusal(Control.OTHER_VERSION);
        }
        try {
            return work.done(tools.get(), Path.of(request.getString(TARGET, "")), throttled(progress));
        } catch (StoreException | BrokerException e) {
            return Control.refusal(String.valueOf(e.getMessage()));
        }
    }

    private static ToolProgress throttled(Consumer<JsonObject> progress) {
        var last = new long[] {System.nanoTime()};
        return (part, done, total) -> {
            long now = System.nanoTime();
            if (now - last[0] > PROGRESS_NANOS) {
                last[0] = now;
                progress.accept(new JsonObject().put(PART, part).put(DONE, done).put(TOTAL, total));
            }
        };
    }

    /** Whether a document tells of progress; then that was told. */
    static boolean told(JsonObject document, ToolProgress progress) {
        String part = document.getString(PART);
        if (part == null) {
            return false;
        }
        progress.at(part, document.getLong(DONE), document.getLong(TOTAL));
        return true;
    }
}
