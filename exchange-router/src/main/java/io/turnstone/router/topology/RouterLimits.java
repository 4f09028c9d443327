package io.turnstone.router.topology;

/**
 * How much of each thing there may be. Immutable.
 *
 * @param queues most queues, temporary ones included
 * @param exchanges most exchanges
 * @param bindings most bindings, of all exchanges together
 * @param heldPerPublisher most messages that wait behind one that is blocked or not yet decided on by an interceptor
 */
public record RouterLimits(int queues, int exchanges, int bindings, int heldPerPublisher) {

    /** Generous for one machine. */
    public static final RouterLimits DEFAULT = new RouterLimits(200_000, 20_000, 2_000_000, 10_000);

    public RouterLimits {
        atLeastOne("queues", queues);
        atLeastOne("exchanges", exchanges);
        atLeastOne("bindings", bindings);
        atLeastOne("held per publisher", heldPerPublisher);
    }

    private static void atLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("limit of " + what + " " + value + " must be at least 1");
        }
    }
}
