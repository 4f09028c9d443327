package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Outcome;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The range of which the peer has said an outcome")
class SaidRangeTest {

    private final Object transaction = new Object();
    private final SaidRange said = new SaidRange();

    /** Says it, and counts the ids that are looked at for that. */
    private int say(int from, int to, Outcome outcome, Object within) {
        int first = said.beyond(within, outcome, from);
        said.say(first, to);
        return Math.max(0, to - first + 1);
    }

    private int accept(int from, int to) {
        return say(from, to, Outcome.ACCEPTED, transaction);
    }

    @Test
    void leavesWhatIsNew() {
        assertThat(accept(0, 9)).isEqualTo(10);
        assertThat(accept(0, 14)).isEqualTo(5);
        assertThat(accept(3, 14)).isZero();
        assertThat(accept(15, 16)).isEqualTo(2);
        assertThat(accept(0, 17)).isEqualTo(1);
    }

    @Test
    void wraps() {
        assertThat(accept(Integer.MAX_VALUE - 1, Integer.MIN_VALUE)).isEqualTo(3);
        assertThat(accept(Integer.MAX_VALUE, Integer.MIN_VALUE + 1)).isEqualTo(1);
    }

    @Test
    void beginsAnewBeforeOrApart() {
        accept(10, 19);
        assertThat(accept(5, 19)).isEqualTo(15);
        assertThat(accept(30, 39)).isEqualTo(10);
        assertThat(accept(20, 39)).isEqualTo(20);
    }

    @Test
    void beginsAnewWithAnotherOutcomeOrTransaction() {
        accept(0, 9);
        assertThat(say(0, 9, Outcome.RELEASED, transaction)).isEqualTo(10);
        assertThat(accept(0, 9)).isEqualTo(10);
        assertThat(say(0, 9, Outcome.ACCEPTED, new Object())).isEqualTo(10);
        said.forget();
        assertThat(accept(0, 9)).isEqualTo(10);
    }
}
