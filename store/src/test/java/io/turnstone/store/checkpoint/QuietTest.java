package io.turnstone.store.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Quiet")
final class QuietTest {

    private static final long SECOND = 1_000_000_000L;

    private final Quiet quiet = new Quiet(10_000, 1000, 0);

    @Test
    void isSilenceForAWhile() {
        quiet.committed(5000, 2 * SECOND);

        assertThat(quiet.silent(12 * SECOND - 1)).isFalse();
        assertThat(quiet.calm(12 * SECOND - 1)).isFalse();
        assertThat(quiet.silent(12 * SECOND)).isTrue();
        assertThat(quiet.calm(12 * SECOND)).isTrue();
    }

    @Test
    void isCalmThoughSomethingTricklesIn() {
        quiet.committed(5000, 0);
        for (int i = 1; i <= 10; i++) {
            assertThat(quiet.calm(i * SECOND)).isEqualTo(i == 10);
            quiet.committed(90, i * SECOND);
        }
        assertThat(quiet.silent(11 * SECOND)).isFalse();
    }

    @Test
    void isNotCalmWhenMoreThanALittleComes() {
        for (int i = 0; i < 100; i++) {
            quiet.committed(120, i * SECOND);
            assertThat(quiet.calm(i * SECOND)).isFalse();
        }
    }

    @Test
    void beginsAgainAfterWhatWasDone() {
        quiet.committed(1, 10 * SECOND);
        assertThat(quiet.calm(10 * SECOND)).isTrue();
        quiet.beginAgain(10 * SECOND);
        quiet.committed(1, 19 * SECOND);

        assertThat(quiet.calm(19 * SECOND)).isFalse();
        assertThat(quiet.calm(20 * SECOND)).isTrue();
    }
}
