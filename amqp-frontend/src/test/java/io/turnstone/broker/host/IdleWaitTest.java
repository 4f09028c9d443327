package io.turnstone.broker.host;

import static io.netty.channel.SelectStrategy.CONTINUE;
import static io.netty.channel.SelectStrategy.SELECT;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A loop with nothing to do")
class IdleWaitTest {

    private static final long SHORT = 20_000;
    private static final long LONG = 1_000_000;
    private static final int ENOUGH = 50;

    private long now = 1;
    private int sockets;
    private final IdleWait wait = new IdleWait(() -> now);

    private int next() throws Exception {
        return wait.calculateStrategy(() -> sockets, false);
    }

    /** Sleeps this long, and handles a socket in no time. */
    private void sleep(long nanos) throws Exception {
        assertThat(next()).isEqualTo(SELECT);
        now += nanos;
    }

    private void learnThatWaitsAreShort() throws Exception {
        for (int i = 0; i < ENOUGH && next() == SELECT; i++) {
            now += SHORT;
        }
        sockets = 1;
        assertThat(next()).as("awake").isEqualTo(1);
        sockets = 0;
    }

    @Test
    void sleepsUntilItKnowsBetter() throws Exception {
        sleep(SHORT);
        sleep(SHORT);
        sleep(SHORT);
    }

    @Test
    void asksAgainAndAgainWhereWaitsAreShort() throws Exception {
        learnThatWaitsAreShort();

        assertThat(next()).isEqualTo(CONTINUE);
        now += SHORT;
        assertThat(next()).isEqualTo(CONTINUE);
        sockets = 3;
        assertThat(next()).isEqualTo(3);
    }

    @Test
    void looksForSocketsBeforeItsTasks() throws Exception {
        learnThatWaitsAreShort();
        assertThat(next()).isEqualTo(CONTINUE);

        sockets = 2;
        assertThat(wait.calculateStrategy(() -> sockets, true)).isEqualTo(2);
    }

    @Test
    void fallsAsleepWhenNothingComes() throws Exception {
        learnThatWaitsAreShort();

        assertThat(next()).isEqualTo(CONTINUE);
        now += IdleWait.AWAKE_NANOS;
        assertThat(next()).isEqualTo(SELECT);
    }

    @Test
    void staysAsleepWhereEveryOtherWaitIsLong() throws Exception {
        for (int i = 0; i < 10 * ENOUGH; i++) {
            sleep(i % 2 == 0 ? SHORT : LONG);
        }
    }

    @Test
    void sleepsAgainWhenWaitsBecomeLong() throws Exception {
        learnThatWaitsAreShort();

        int awake = 0;
        for (int i = 0; i < ENOUGH; i++) {
            while (next() == CONTINUE) {
                awake++;
                now += IdleWait.AWAKE_NANOS;
            }
            now += LONG;
        }
        assertThat(awake).isLessThan(10);
        sleep(LONG);
    }
}
