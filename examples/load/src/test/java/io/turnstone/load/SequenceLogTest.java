package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The sequence log")
class SequenceLogTest {

    private final SequenceLog log = new SequenceLog();

    @Test
    void countsEachMessageOnceInAnyOrder() {
        var random = new Random(42);
        var expected = new HashSet<Long>();
        long repeated = 0;
        for (int i = 0; i < 10_000; i++) {
            int producer = random.nextInt(5);
            long sequence = random.nextInt(3000);
            boolean fresh = expected.add(producer * 10_000L + sequence);
            repeated += fresh ? 0 : 1;

            assertThat(log.add(producer, sequence)).isEqualTo(fresh);
        }

        assertThat(log.distinct()).isEqualTo(expected.size());
        assertThat(log.repeated()).isEqualTo(repeated);
    }

    @Test
    void findsWhatTwoConsumersBothReceived() {
        var other = new SequenceLog();
        for (int i = 0; i < 1000; i++) {
            (i % 2 == 0 ? log : other).add(1, i);
        }
        other.add(1, 500);
        other.add(0, 500);

        log.addAll(other);

        assertThat(log.distinct()).isEqualTo(1001);
        assertThat(log.repeated()).isEqualTo(1);
    }

    @Test
    void doubtsDamagedNumbers() {
        assertThat(SequenceLog.plausible(0, 0)).isTrue();
        assertThat(SequenceLog.plausible(-1, 0)).isFalse();
        assertThat(SequenceLog.plausible(0, -1)).isFalse();
        assertThat(SequenceLog.plausible(1 << 20, 0)).isFalse();
        assertThat(SequenceLog.plausible(0, Long.MAX_VALUE)).isFalse();
    }
}
