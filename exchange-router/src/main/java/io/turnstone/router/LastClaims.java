package io.turnstone.router;

import io.turnstone.router.queue.ClaimRecord;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.topology.Recovered;
import io.turnstone.router.topology.TopologyState;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The claims of consumers of the last run, and the queues that keep something under each. Any thread. */
final class LastClaims {

    static final LastClaims NONE = new LastClaims(Map.of(), Map.of());

    private final Map<String, byte[]> notes;
    private final Map<String, Set<MessageQueue>> queues;

    private LastClaims(Map<String, byte[]> notes, Map<String, Set<MessageQueue>> queues) {
        this.notes = notes;
        this.queues = new ConcurrentHashMap<>(queues);
    }

    /** Those that were found in the store. */
    static LastClaims of(Recovered recovered, TopologyState state) {
        var claims = recovered.claims();
        if (claims.isEmpty()) {
            return NONE;
        }
        var byId = new HashMap<Integer, MessageQueue>();
        state.queueList().forEach(entry -> byId.put(entry.queue().id(), entry.queue()));
        var notes = new HashMap<String, byte[]>();
        var queues = new HashMap<String, Set<MessageQueue>>();
        for (ClaimRecord each : claims) {
            MessageQueue queue = byId.get(each.queueId());
            if (queue != null) {
                notes.put(each.claim().name(), each.claim().note());
                queues.computeIfAbsent(each.claim().name(), name -> new LinkedHashSet<>())
                        .add(queue);
            }
        }
        return new LastClaims(Map.copyOf(notes), queues);
    }

    /** The notes by the names of the claims. */
    Map<String, byte[]> notes() {
        return notes;
    }

    /** Nobody will come back for what is still kept under it. */
    void renounce(String claim) {
        Set<MessageQueue> keeping = queues.remove(claim);
        if (keeping != null) {
            keeping.forEach(queue -> queue.renounce(claim));
        }
    }
}
