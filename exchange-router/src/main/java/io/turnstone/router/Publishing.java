package io.turnstone.router;

import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.store.MessageStore;
import java.util.List;

/**
 * What all publishers share. Immutable.
 *
 * @param heldLimit most messages that wait behind one
 */
record Publishing(
        MessageStore store,
        Authorizer authorizer,
        List<PublishInterceptor> interceptors,
        DeadLetterRoutes deadLetters,
        int heldLimit) {}
