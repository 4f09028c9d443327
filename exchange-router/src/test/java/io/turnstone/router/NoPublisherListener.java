package io.turnstone.router;

import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;

/** Cares about nothing. */
final class NoPublisherListener implements Publisher.Listener {
    @Override
    public void flow(boolean open) {}

    @Override
    public void closed(Refusal reason) {}
}
