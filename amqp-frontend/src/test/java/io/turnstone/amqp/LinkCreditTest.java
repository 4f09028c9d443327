package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Link credit")
class LinkCreditTest {

    private final LinkCredit credit = new LinkCredit(10, Integer.MAX_VALUE - 2);

    @Test
    void isUsedUpAcrossTheWrap() {
        credit.grant(10);
        for (int i = 0; i < 10; i++) {
            assertTrue(credit.take());
        }

        assertFalse(credit.take());
        assertEquals(0, credit.left());
    }

    @Test
    void isLowFromHalfOn() {
        credit.grant(10);
        for (int i = 0; i < 4; i++) {
            credit.take();
        }
        assertFalse(credit.low());

        credit.take();

        assertTrue(credit.low());
    }

    @Test
    void isNeverTakenBack() {
        credit.grant(10);

        credit.grant(3);

        assertEquals(10, credit.left());
    }

    @Test
    @Spec(section = "2.6.7", says = "a sender that drained tells a higher delivery-count")
    void shrinksWhenTheSenderSkips() {
        credit.grant(10);

        credit.sender(credit.deliveryCount() + 10);
        assertEquals(0, credit.left());
        credit.sender(credit.deliveryCount() + 1);
        credit.sender(credit.deliveryCount() - 1);

        assertEquals(0, credit.left(), "neither beyond the limit nor back");
    }

    @Test
    void forgivesWhatWasAborted() {
        credit.grant(1);
        assertTrue(credit.take());
        credit.aborted();

        assertTrue(credit.take(), "a sender may not have counted the aborted one");
        assertFalse(credit.take());
    }
}
