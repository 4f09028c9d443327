package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a read may answer while records are on their way: every message that nobody has begun to remove, with the overlay
 * it had when it was asked for or a later one.
 */
final class ExpectedReads {

    private record Key(int queue, long position) {}

    /** What is known of one message in one queue. */
    private static final class Life {
        final String body;
        final List<String> overlays = new ArrayList<>();
        int committed;
        boolean leaving;

        Life(String body, String overlay) {
            this.body = body;
            overlays.add(overlay);
        }
    }

    /** One message that was asked for. */
    record Expected(long position, Object life, int fromOverlay) {}

    private final Map<Key, Life> lives = new HashMap<>();
    int waiting;

    void reset(Map<Integer, List<Model.Entry>> queues) {
        lives.clear();
        waiting = 0;
        queues.forEach((queue, entries) -> entries.forEach(
                entry -> lives.put(new Key(queue, entry.position()), new Life(entry.body(), entry.overlay()))));
    }

    private Life life(int queue, long position) {
        var life = lives.get(new Key(queue, position));
        if (life == null) {
            throw new AssertionError("no " + position + " in " + queue);
        }
        return life;
    }

    void submitted(StoreRecord record) {
        if (record instanceof StoreRecord.Commit commit) {
            commit.changes().forEach(change -> {
                if (change instanceof StoreRecord other) {
                    submitted(other);
                }
            });
        } else if (record instanceof StoreRecord.Remove remove) {
            for (long position : remove.positions()) {
                life(remove.queue().id(), position).leaving = true;
            }
        } else if (record instanceof StoreRecord.Amend amend) {
            life(amend.queue().id(), amend.position()).overlays.add(text(amend.overlay()));
        } else if (record instanceof StoreRecord.Move move) {
            life(move.source().id(), move.position()).leaving = true;
        } else if (record instanceof StoreRecord.Drop drop) {
            lives.forEach(
                    (key, life) -> life.leaving |= key.queue == drop.queue().id());
        }
    }

    void committed(StoreRecord record, long position) {
        if (record instanceof StoreRecord.Commit commit) {
            long next = position;
            for (var change : commit.changes()) {
                if (change instanceof StoreRecord.Enter enter) {
                    var entered = Model.entered(commit, enter);
                    for (var queue : enter.queues()) {
                        lives.put(new Key(queue.id(), next), new Life(entered.body(), entered.overlay()));
                    }
                } else {
                    committed((StoreRecord) change, next);
                }
                next += change.positioned() ? 1 : 0;
            }
        } else if (record instanceof StoreRecord.Enqueue enqueue) {
            for (var queue : enqueue.queues()) {
                lives.put(new Key(queue.id(), position), new Life((String) enqueue.payload(), text(enqueue.overlay())));
            }
        } else if (record instanceof StoreRecord.Move move) {
            String body = life(move.source().id(), move.position()).body;
            for (var queue : move.targets()) {
                lives.put(new Key(queue.id(), position), new Life(body, text(move.overlay())));
            }
        } else if (record instanceof StoreRecord.Amend amend) {
            var life = life(amend.queue().id(), amend.position());
            life.committed = life.overlays.indexOf(text(amend.overlay()));
        }
    }

    private static String text(byte[] bytes) {
        return Records.text(bytes, 0, bytes.length);
    }

    /** Messages are about to be read. */
    List<Expected> expected(int queue, long[] positions) {
        waiting++;
        var expected = new ArrayList<Expected>();
        for (long position : positions) {
            var life = life(queue, position);
            expected.add(new Expected(position, life, life.committed));
        }
        return expected;
    }

    void answered(List<Expected> asked, @Nullable List<StoredMessage> messages, @Nullable StoreException failure) {
        waiting--;
        assertThat(failure).isNull();
        var rest = new ArrayList<>(messages == null ? List.of() : messages);
        for (var each : asked) {
            var life = (Life) each.life;
            if (rest.isEmpty() || rest.get(0).position() != each.position) {
                assertThat(life.leaving)
                        .as("message %d is missing", each.position)
                        .isTrue();
                continue;
            }
            var message = Recovered.message(rest.remove(0), 0);
            assertThat(message.body()).isEqualTo(life.body);
            assertThat(message.format()).isEqualTo("test-format");
            assertThat(life.overlays.indexOf(message.overlay()))
                    .as("overlay %s of %s", message.overlay(), life.overlays)
                    .isGreaterThanOrEqualTo(each.fromOverlay);
        }
        assertThat(rest).isEmpty();
    }
}
