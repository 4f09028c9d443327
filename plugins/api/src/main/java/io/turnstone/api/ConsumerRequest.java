package io.turnstone.api;

import org.jspecify.annotations.Nullable;

/**
 * What a consumer asks for. Immutable.
 *
 * @param source the queue or exchange
 * @param peer for whom
 * @param mode how it takes messages
 * @param filter which messages it wants; it gets no others, and others get them past it
 * @param priority consumers of higher priority with credit are served first; 0 is normal
 * @param byteBudget bytes that may be handed over before {@link Consumer#written} gives some back
 * @param claim under which it holds over restarts what it has not settled; null when that returns to the queue then
 */
public record ConsumerRequest(
        Address source,
        Peer peer,
        Mode mode,
        MessageFilter filter,
        int priority,
        long byteBudget,
        @Nullable Claim claim) {

    /**
     * What a consumer holds its deliveries under in the store, so that after a restart, however that came, nobody else gets
     * them until a consumer with the same claim comes or it is {@linkplain Router#renounce renounced}. Immutable.
     *
     * @param name among all claims; at most 32 KiB with the note
     * @param note what the front end wants to know with it after a restart
     */
    public record Claim(String name, byte[] note) {}

    /** A consumer without a claim. */
    public ConsumerRequest(Address source, Peer peer, Mode mode, MessageFilter filter, int priority, long byteBudget) {
        this(source, peer, mode, filter, priority, byteBudget, null);
    }

    /**
     * How a consumer takes messages. Immutable.
     *
     * @param settled deliveries count as accepted when they are handed over (at most once)
     * @param browse deliver copies and leave the messages in the queue
     * @param exclusive no other consumer on this queue beside this one
     * @param noLocal not what its own connection has published since the broker started
     */
    public record Mode(boolean settled, boolean browse, boolean exclusive, boolean noLocal) {

        /** Takes messages and settles each. */
        public static final Mode TAKE = new Mode(false, false, false, false);

        /** Takes messages, which count as accepted when they are handed over. */
        public static final Mode TAKE_SETTLED = new Mode(true, false, false, false);

        /** Looks at messages. */
        public static final Mode BROWSE = new Mode(true, true, false, false);
    }

    /** A consumer of everything, of normal priority. */
    public static ConsumerRequest of(Address source, Peer peer, Mode mode, long byteBudget) {
        return new ConsumerRequest(source, peer, mode, MessageFilter.ALL, 0, byteBudget);
    }

    /** The same for another connection. */
    public ConsumerRequest by(Peer other) {
        return new ConsumerRequest(source, other, mode, filter, priority, byteBudget, claim);
    }

    /** The same with a claim, or without one. */
    public ConsumerRequest under(@Nullable Claim other) {
        return new ConsumerRequest(source, peer, mode, filter, priority, byteBudget, other);
    }

    /** The same in another mode. */
    public ConsumerRequest in(Mode other) {
        return new ConsumerRequest(source, peer, other, filter, priority, byteBudget, claim);
    }
}
