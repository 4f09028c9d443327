package io.turnstone.broker.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The slowing of logins")
class LoginThrottleTest {

    private final LoginThrottle throttle = new LoginThrottle();
    private long nowMs = 1_000_000;

    @Test
    void leavesNewAddressesAlone() {
        assertThat(throttle.enter("10.0.0.1", nowMs)).isZero();
        assertThat(throttle.enter("10.0.0.1", nowMs)).isZero();
    }

    @Test
    void doublesWithEachFailureUpToALimit() {
        for (long expected : new long[] {100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000}) {
            throttle.failed("10.0.0.1", nowMs);
            long wait = throttle.enter("10.0.0.1", nowMs);
            assertThat(wait).isEqualTo(expected);
            nowMs += 60_000;
        }
    }

    @Test
    void letsAttemptsOfOneAddressPassOneAfterAnother() {
        throttle.failed("10.0.0.1", nowMs);

        assertThat(throttle.enter("10.0.0.1", nowMs)).isEqualTo(100);
        assertThat(throttle.enter("10.0.0.1", nowMs)).isEqualTo(200);
        assertThat(throttle.enter("10.0.0.1", nowMs)).isEqualTo(300);
        assertThat(throttle.enter("10.0.0.2", nowMs)).isZero();
    }

    @Test
    void refusesWhenTheLineIsTooLong() {
        for (int i = 0; i < 10; i++) {
            throttle.failed("10.0.0.1", nowMs);
        }
        long wait = 0;
        for (int i = 0; i < 5; i++) {
            wait = throttle.enter("10.0.0.1", nowMs);
        }

        assertThat(wait).isNegative();
    }

    @Test
    void endsWithASuccessAndWithTime() {
        throttle.failed("10.0.0.1", nowMs);
        throttle.succeeded("10.0.0.1");
        assertThat(throttle.enter("10.0.0.1", nowMs)).isZero();

        throttle.failed("10.0.0.1", nowMs);
        nowMs += LoginThrottle.FORGET_AFTER_MS + 1;
        assertThat(throttle.enter("10.0.0.1", nowMs)).isZero();
        assertThat(throttle.addresses()).isZero();
    }

    @Test
    void remembersABoundedNumberOfAddresses() {
        for (int i = 0; i < LoginThrottle.MAX_ADDRESSES + 500; i++) {
            throttle.failed("host" + i, nowMs);
        }

        assertThat(throttle.addresses()).isEqualTo(LoginThrottle.MAX_ADDRESSES);
    }
}
