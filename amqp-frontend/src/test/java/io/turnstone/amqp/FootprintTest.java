package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Of the heap")
class FootprintTest {

    @Test
    void anIdleConnectionKeepsLittle() {
        // With what its socket costs outside of the engine, about 6 KiB, less than 16 KiB.
        assertThat(new Footprint().connection()).isLessThan(10 * 1024);
    }

    @Test
    void anUnsettledDeliveryKeepsLittleMoreThanItsMessageInTheQueue() {
        var unsettled = new Footprint().unsettled();

        assertThat(unsettled.delivered()).isLessThan(60);
        assertThat(unsettled.bytes()).isLessThan(150);
    }
}
