package io.turnstone.router.queue;

/**
 * All that a queue needs for consumers, made when the first of them comes: of many queues that hold little, few have any.
 * Owned by the queue's home loop.
 *
 * @param ring who they are and whose turn it is
 * @param dispatch gives them what is ready
 * @param seating how they come and go
 */
record Audience(ConsumerRing ring, Dispatch dispatch, Seating seating) {

    static Audience of(MessageQueue queue, Entries entries, Settlement settlement, QueueLife life, QueueHome home) {
        var ring = new ConsumerRing(entries, queue.spec().groups());
        var dispatch = new Dispatch(entries, ring, settlement, home.handOff());
        return new Audience(ring, dispatch, new Seating(queue, entries, ring, settlement, life, home));
    }
}
