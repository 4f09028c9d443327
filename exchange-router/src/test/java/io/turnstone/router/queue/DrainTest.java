package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.turnstone.api.FakeStore;
import io.turnstone.api.QueueSpec;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A drain")
class DrainTest {

    private final Queues queues = new Queues(2, FakeStore.automatic());
    private final MessageQueue queue = queues.queue(QueueSpec.named("q").build());

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void isAnsweredAfterWhatWasThere(int loop) {
        queues.enqueue(queue, 1, 3);
        var consumer = queues.consumer(queue, loop, Queues.request());

        consumer.drain(10);

        assertEquals(List.of("1", "2", "3", "drained"), consumer.told);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void forgetsTheRestOfTheCredit(int loop) {
        var consumer = queues.consumer(queue, loop, Queues.request());
        consumer.drain(10);
        queues.enqueue(queue, 1, 3);

        assertEquals(List.of("drained"), consumer.told);

        consumer.credit(2);
        assertEquals(List.of("drained", "1", "2"), consumer.told);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void isAnsweredWhenTheCreditIsUsedUp(int loop) {
        queues.enqueue(queue, 1, 5000);
        var consumer = queues.consumer(queue, loop, Queues.request());

        consumer.drain(4000);

        assertEquals(4001, consumer.told.size());
        assertEquals("drained", consumer.told.get(4000));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void waitsForTheByteBudget(int loop) {
        queues.enqueue(queue, 1, 3);
        var consumer = queues.consumer(queue, loop, Queues.request(false, false, 0, 15));

        consumer.drain(10);
        assertEquals(List.of("1", "2"), consumer.told);

        consumer.written(20);
        assertEquals(List.of("1", "2", "3", "drained"), consumer.told);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void isAnsweredAlsoWhenANewerFlowTakesItsPlace(int loop) {
        queues.enqueue(queue, 1, 3);
        var consumer = queues.consumer(queue, loop, Queues.request(false, false, 0, 15));
        consumer.drain(10);

        consumer.credit(10);
        assertEquals(List.of("1", "2", "drained"), consumer.told);

        consumer.drain(10);
        consumer.drain(10);
        consumer.written(20);
        assertEquals(List.of("1", "2", "drained", "drained", "3", "drained"), consumer.told);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void endsABrowse(int loop) {
        queues.enqueue(queue, 1, 3);
        var browser = queues.consumer(queue, loop, Queues.browser());

        browser.drain(10);
        browser.drain(10);

        assertEquals(List.of("1", "2", "3", "drained", "drained"), browser.told);
    }
}
