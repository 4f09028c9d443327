package io.turnstone.store.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.TestLoop;
import io.turnstone.store.TestQueue;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The queue of submissions")
final class SubmissionQueueTest {

    @Test
    void keepsNoConsumedSubmissionLinkedToALaterOne() {
        var queue = new SubmissionQueue();
        var loop = new TestLoop(0);
        var offered = new ArrayList<Submission>();
        for (int i = 0; i < 5; i++) {
            offered.add(new Submission(new StoreRecord.Drop(new TestQueue(i + 1, loop)), loop, null));
            queue.offer(offered.get(i));
        }
        for (var submission : offered) {
            assertThat(queue.poll()).isSameAs(submission);
        }

        assertThat(queue.poll()).isNull();
        assertThat(offered).allMatch(submission -> submission.next == null);
    }
}
