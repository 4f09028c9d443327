package io.turnstone.store;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a store told when it recovered. */
final class Recovered implements MessageStore.Recovery {

    /** One message. */
    record Message(long position, String format, String body, String overlay) {}

    final Map<String, String> definitions = new TreeMap<>();
    final Map<Integer, List<Message>> queues = new TreeMap<>();
    boolean clean;
    int done;

    static Recovered of(MessageStore store) {
        var recovered = new Recovered();
        store.recover(recovered);
        if (recovered.done != 1) {
            throw new AssertionError("done was called " + recovered.done + " times");
        }
        return recovered;
    }

    List<Message> queue(int id) {
        return queues.getOrDefault(id, List.of());
    }

    List<String> bodies(int id) {
        return queue(id).stream().map(Message::body).toList();
    }

    @Override
    public void definition(String kind, String name, byte[] value) {
        if (!queues.isEmpty()) {
            throw new AssertionError("definitions come first");
        }
        definitions.put(kind + "/" + name, new String(value, java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public void message(int queueId, long position, String format, Body body, byte[] overlay) {
        var inline = (Body.Inline) body;
        queues.computeIfAbsent(queueId, id -> new ArrayList<>())
                .add(new Message(
                        position,
                        format,
                        Records.text(inline.array(), inline.offset(), inline.size()),
                        Records.text(overlay, 0, overlay.length)));
    }

    @Override
    public void done(boolean isClean) {
        clean = isClean;
        done++;
    }
}
