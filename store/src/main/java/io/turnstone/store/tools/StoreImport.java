package io.turnstone.store.tools;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import io.turnstone.store.files.Obstacle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Puts what an export holds into a store. Used by one thread. */
final class StoreImport {

    private static final int MAX_LEVEL = 255;

    private final StoreFilling filling;
    private final ImportPlan plan;
    private final ToolProgress progress;
    private long total;
    private long done;

    private StoreImport(StoreFilling filling, QueueDefinitions definitions, ToolProgress progress) {
        this.filling = filling;
        this.progress = progress;
        plan = new ImportPlan(definitions, filling.definitions);
    }

    /** How many messages; the whole file is read before anything of it is put into the store. */
    static long run(Path folder, Path file, QueueDefinitions definitions, ToolProgress progress) {
        var checked = new Checked(definitions);
        try (var check = new ExportReader(file)) {
            long messages = check.read(checked);
            try (var filling = new StoreFilling(folder)) {
                var importing = new StoreImport(filling, definitions, progress);
                importing.total = messages;
                importing.define(checked);
                importing.fill(file);
                return importing.done;
            }
        } catch (IOException e) {
            throw new StoreException(
                    file + " cannot be imported (" + Obstacle.of(e).what() + "): check the file and the disk", e);
        }
    }

    /** An export of which every line was looked at. */
    private record Checked(QueueDefinitions definitions, Map<DefinitionKey, byte[]> found, Set<String> queues)
            implements ExportReader.Visitor {

        Checked(QueueDefinitions definitions) {
            this(definitions, new LinkedHashMap<>(), new HashSet<>());
        }

        @Override
        public void definition(String kind, String name, byte[] value) {
            found.put(new DefinitionKey(kind, name), value);
            if (definitions.number(kind, value).isPresent()) {
                queues.add(name);
            }
        }

        @Override
        public void key(String queue, MessageKey key) {
            known(queue);
        }

        private void known(String queue) {
            if (!queues.contains(queue)) {
                throw new IllegalArgumentException("queue '" + queue + "' was not defined before");
            }
        }

        @Override
        public void message(JsonLine line, int headBytes, InputStream body) {
            message(line, new byte[0]);
        }

        @Override
        public void message(JsonLine line, byte[] body) {
            known(line.text("queue"));
            long level = line.number("level");
            if (level < 0 || level > MAX_LEVEL) {
                throw new IllegalArgumentException("level " + level + " must be 0 to " + MAX_LEVEL);
            }
            line.number("expiresAtMs");
            line.text("format");
            line.bytes("overlay");
        }
    }

    private void define(Checked checked) {
        checked.found.forEach((key, value) -> plan.add(key.kind(), key.name(), value));
        plan.definitions()
                .forEach(definition -> filling.definition(
                        definition.getKey().kind(), definition.getKey().name(), definition.getValue()));
    }

    private void fill(Path file) throws IOException {
        try (var reader = new ExportReader(file)) {
            reader.read(new ExportReader.Visitor() {
                @Override
                public void definition(String kind, String name, byte[] value) {}

                @Override
                public void key(String queue, MessageKey key) {
                    int number = plan.number(queue);
                    filling.key(new MessageKey(number, key.high(), key.low(), key.atMs(), key.untilMs(), key.max()));
                }

                @Override
                public void message(JsonLine line, byte[] body) {
                    put(line, Body.Inline.of(body));
                }

                @Override
                public void message(JsonLine line, int headBytes, InputStream body) throws IOException {
                    put(line, filling.spooled(headBytes, body));
                }
            });
        }
        filling.finish();
    }

    private void put(JsonLine line, Body body) {
        var message = new StoredMessage(0, line.text("format"), body, line.bytes("overlay"));
        filling.add(plan.number(line.text("queue")), (int) line.number("level"), line.number("expiresAtMs"), message);
        progress.at("import", ++done, total);
    }
}
