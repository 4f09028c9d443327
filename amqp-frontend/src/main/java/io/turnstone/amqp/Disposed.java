package io.turnstone.amqp;

import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * The peer's disposition of one delivery, where transactions have to do with it. Immutable.
 *
 * @param settled whether the peer has settled it
 * @param outcome null when the state was missing or not terminal
 * @param state the same as it came
 */
record Disposed(
        Delivery delivery,
        int deliveryId,
        boolean settled,
        @Nullable Outcome outcome,
        @Nullable DeliveryState state) {}
