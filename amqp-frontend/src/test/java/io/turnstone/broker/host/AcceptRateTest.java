package io.turnstone.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The rate of new connections")
class AcceptRateTest {

    private final AcceptRate rate = new AcceptRate(10);

    private long entered(long nowMs, int attempts) {
        return IntStream.range(0, attempts).filter(i -> rate.enter(nowMs)).count();
    }

    @Test
    void allowsASecondsWorthAtOnceAndThenItsShare() {
        assertThat(entered(1_000_000, 25)).isEqualTo(10);
        assertThat(entered(1_000_000, 25)).isZero();
        assertThat(entered(1_000_500, 25)).isEqualTo(5);
        assertThat(entered(1_100_000, 25)).isEqualTo(10);
    }

    @Test
    void survivesAClockThatGoesBack() {
        assertThat(entered(1_000_000, 25)).isEqualTo(10);
        assertThat(entered(900_000, 25)).isZero();
        assertThat(entered(900_100, 25)).isEqualTo(1);
    }
}
