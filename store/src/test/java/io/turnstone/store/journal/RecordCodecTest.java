package io.turnstone.store.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.Records;
import io.turnstone.store.TestLoop;
import io.turnstone.store.TestQueue;
import io.turnstone.store.files.Checksum;
import io.turnstone.store.pages.Pages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A journal record")
final class RecordCodecTest {

    private final TestLoop loop = new TestLoop(0);
    private final RecordEncoder encoder = new RecordEncoder();
    private final Checksum sum = Checksum.ofSegment(42, 7);

    /** Writes down in words what it is told. */
    private static final class Words implements JournalVisitor {
        final List<String> told = new ArrayList<>();

        private static String text(ByteBuffer bytes) {
            byte[] copy = Pages.copy(bytes);
            return Records.text(copy, 0, copy.length);
        }

        private static String text(Targets targets) {
            return Arrays.toString(targets.queues()) + Arrays.toString(targets.levels()) + targets.expiresAtMs();
        }

        @Override
        public void enqueue(long position, Targets targets, String format, ByteBuffer overlay, ByteBuffer body) {
            told.add(position + " enqueue " + text(targets) + " " + format + " " + text(overlay) + " " + text(body));
        }

        @Override
        public void remove(long position, int queue, long[] positions) {
            told.add(position + " remove " + queue + " " + Arrays.toString(positions));
        }

        @Override
        public void amend(long position, int queue, long target, ByteBuffer overlay) {
            told.add(position + " amend " + queue + " " + target + " " + text(overlay));
        }

        @Override
        public void move(long position, int source, long at, Targets targets, ByteBuffer overlay) {
            told.add(position + " move " + source + " " + at + " " + text(targets) + " " + text(overlay));
        }

        @Override
        public void define(long position, String kind, String name, byte @Nullable [] value) {
            told.add(position + " define " + kind + " " + name + " "
                    + (value == null ? "-" : Records.text(value, 0, value.length)));
        }

        @Override
        public void drop(long position, int queue) {
            told.add(position + " drop " + queue);
        }
    }

    private TestQueue queue(int id) {
        return new TestQueue(id, loop);
    }

    private String coded(StoreRecord record) {
        long size = encoder.size(record);
        var buffer = ByteBuffer.allocateDirect((int) size + 8);
        encoder.encode(record, 77, buffer, sum);
        assertThat(buffer.position()).isEqualTo((int) size);
        assertThat(size % 8).isZero();
        var words = new Words();
        RecordDecoder.decode(
                buffer.getInt(4) & 0xFF,
                buffer.getLong(8),
                buffer.slice(JournalFormat.RECORD_HEADER, buffer.getInt(0)),
                words);
        return words.told.get(0);
    }

    @Test
    void comesBackAsItWasWritten() {
        assertThat(coded(Records.enqueue("body", "overlay", queue(3), queue(400_000))))
                .isEqualTo("77 enqueue [3, 400000][0, 0]-1 test-format overlay body");
        assertThat(coded(Records.enqueue("", "", queue(3)))).isEqualTo("77 enqueue [3][0]-1 test-format  ");
        var marks = new Marks(200, 1L << 45);
        var levels = new TestQueue(4, loop, true, 255);
        var five = new TestQueue(5, loop, true, 5);
        assertThat(coded(Records.enqueue("b", "o", marks, levels, five)))
                .isEqualTo("77 enqueue [4, 5][200, 4]35184372088832 test-format o b");
        assertThat(coded(Records.move(queue(1), 12, "why", marks, levels)))
                .isEqualTo("77 move 1 12 [4][200]35184372088832 why");
        assertThat(coded(Records.remove(queue(1), 5, 6, 1L << 40))).isEqualTo("77 remove 1 [5, 6, 1099511627776]");
        assertThat(coded(Records.amend(queue(9), 1L << 50, "x"))).isEqualTo("77 amend 9 1125899906842624 x");
        assertThat(coded(Records.move(queue(1), 12, "why", queue(2), queue(3))))
                .isEqualTo("77 move 1 12 [2, 3][0, 0]-1 why");
        assertThat(coded(new StoreRecord.Define("queue", "ä", Records.bytes("v"))))
                .isEqualTo("77 define queue ä v");
        assertThat(coded(new StoreRecord.Define("queue", "q", null))).isEqualTo("77 define queue q -");
        assertThat(coded(new StoreRecord.Drop(queue(8)))).isEqualTo("77 drop 8");
    }

    @Test
    void keepsAnyAscendingPositions() {
        var random = new Random(1);
        for (int i = 0; i < 200; i++) {
            long[] positions = random.longs(random.nextInt(20), 1, 1L << (1 + random.nextInt(60)))
                    .sorted()
                    .toArray();
            assertThat(coded(Records.remove(queue(1), positions)))
                    .isEqualTo("77 remove 1 " + Arrays.toString(positions));
        }
    }

    @Test
    void doesNotVerifyInAnotherSegmentOrStore() {
        var buffer = ByteBuffer.allocate(256);
        encoder.encode(Records.enqueue("body", "overlay", queue(3)), 1, buffer, sum);
        int stored = buffer.getInt(20);

        assertThat(Checksum.ofSegment(42, 7).of(buffer, 0, 20)).isEqualTo(stored);
        assertThat(Checksum.ofSegment(42, 8).of(buffer, 0, 20)).isNotEqualTo(stored);
        assertThat(Checksum.ofSegment(43, 7).of(buffer, 0, 20)).isNotEqualTo(stored);
    }
}
