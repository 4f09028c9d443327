package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A phase")
class PhaseTest {

    @Test
    void sharesItsMessagesAmongAllProducers() {
        var phase = new Phase(1, true, Plan.Amount.messages(10), 0, 0, 3);

        assertThat(phase.share(0)).isEqualTo(4);
        assertThat(phase.share(1)).isEqualTo(3);
        assertThat(phase.share(2)).isEqualTo(3);
        assertThat(phase.over(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void spacesMessagesEvenlyOverAllProducers() {
        var phase = new Phase(1, true, Plan.Amount.seconds(1), 1000, 2000, 2);

        assertThat(phase.dueNanos(0, 0)).isEqualTo(1000);
        assertThat(phase.dueNanos(1, 0)).isEqualTo(501_000);
        assertThat(phase.dueNanos(0, 1)).isEqualTo(1_001_000);
    }

    @Test
    void endsWithItsTime() {
        var phase = new Phase(1, true, Plan.Amount.seconds(2), 1000, 0, 1);

        assertThat(phase.share(0)).isEqualTo(Long.MAX_VALUE);
        assertThat(phase.over(2_000_000_999L)).isFalse();
        assertThat(phase.over(2_000_001_000L)).isTrue();
    }
}
