package io.turnstone.router;

import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher.PublishListener;

/** One answer to the publisher of a message that became several records: good when all were. Owned by the publisher. */
final class JointOutcome implements PublishListener {

    private final PublishListener listener;
    private int missing;
    private PublishOutcome outcome = PublishOutcome.ACCEPTED;

    JointOutcome(PublishListener listener, int records) {
        this.listener = listener;
        missing = records;
    }

    @Override
    public void published(PublishOutcome partial) {
        if (partial != PublishOutcome.ACCEPTED) {
            outcome = partial;
        }
        if (--missing == 0) {
            listener.published(outcome);
        }
    }
}
