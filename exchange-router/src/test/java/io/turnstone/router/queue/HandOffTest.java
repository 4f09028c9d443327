package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.FakeLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A hand-off")
class HandOffTest {

    private static final HandOff.Step<List<String>, String, Object> ADD = (list, text, b, n) -> list.add(text);
    private static final HandOff.Step<List<String>, Object, Object> FAIL = (list, a, b, n) -> {
        throw new IllegalStateException("a defect");
    };

    private final FakeLoop.Clock clock = new FakeLoop.Clock();
    private final FakeLoop here = new FakeLoop(0, clock);
    private final FakeLoop there = new FakeLoop(1, clock);
    private final HandOff handOff = new HandOff(here, 2);
    private final List<String> done = new ArrayList<>();

    @Test
    void doesAtOnceWhatIsForItsOwnLoop() {
        here.within(() -> {
            handOff.send(here, ADD, done, "now");
            assertEquals(List.of("now"), done);
        });
    }

    @Test
    void carriesWhatIsForAnotherLoopInOneTaskAndInOrder() {
        here.within(() -> {
            for (int i = 0; i < 200; i++) {
                handOff.send(there, ADD, done, String.valueOf(i));
            }
            here.atEndOfTurn(() -> handOff.send(there, ADD, done, "from the end of the turn"));
        });
        assertTrue(done.isEmpty());
        assertTrue(there.turn());

        assertEquals(201, done.size());
        assertEquals("199", done.get(199));
        assertTrue(!there.turn(), "one task for all");
    }

    @Test
    void goesOnBehindAStepThatFails() {
        here.within(() -> {
            handOff.send(there, FAIL, done, 0);
            handOff.send(there, ADD, done, "after");
        });
        there.turn();

        assertEquals(List.of("after"), done);
    }
}
