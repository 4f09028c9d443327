package io.turnstone.api;

/**
 * That a queue keeps groups: of the messages of one {@linkplain Message#group group} those that are unsettled are with one
 * consumer, in order. Immutable.
 *
 * @param max groups it tells apart while they are with a consumer, 1 to {@link #MOST}; beyond, several share a place and go
 *     to the same consumer
 * @param idleMs a group without unsettled or waiting messages for so long, in milliseconds, goes to whoever's turn it is
 *     next; 0 for as soon as it has none
 */
public record GroupSpec(int max, long idleMs) {

    /** Largest {@link #max}. */
    public static final int MOST = 1_000_000;

    /** Ten thousand groups that leave a consumer after a minute. */
    public static final GroupSpec DEFAULT = new GroupSpec(10_000, 60_000);

    public GroupSpec {
        if (max < 1 || max > MOST) {
            throw new IllegalArgumentException("groups max " + max + " must be 1 to " + MOST);
        }
        if (idleMs < 0) {
            throw new IllegalArgumentException("groups idle " + idleMs + " ms must be >= 0");
        }
    }
}
