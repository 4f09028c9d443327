package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The state of a session")
class SessionStateTest {

    private final SessionState session = new SessionState();

    @Test
    void respectsTheBrokersWindow() {
        session.begun(5, 2);
        session.transferSent();
        assertThat(session.mayTransfer()).isTrue();
        session.transferSent();
        assertThat(session.mayTransfer()).isFalse();

        // The broker has seen one of the two and takes two more from there.
        session.flow(1, 2, 9);
        assertThat(session.mayTransfer()).isTrue();
        assertThat(session.nextIncomingId()).isEqualTo(9);
        session.transferSent();
        assertThat(session.mayTransfer()).isFalse();
    }

    @Test
    void gathersARangeToAccept() {
        session.toAccept(-2);
        assertThat(session.continues(-1)).isTrue();
        session.toAccept(-1);
        assertThat(session.continues(0)).as("ids wrap around").isTrue();
        session.toAccept(0);
        assertThat(session.continues(2)).isFalse();

        assertThat(session.firstToAccept()).isEqualTo(-2);
        assertThat(session.lastToAccept()).isZero();
        session.accepted();
        assertThat(session.anyToAccept()).isFalse();
        assertThat(session.continues(2)).isTrue();
    }
}
