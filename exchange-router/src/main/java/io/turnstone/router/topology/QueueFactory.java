package io.turnstone.router.topology;

import io.turnstone.api.Loop;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.queue.QueueHome;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Makes queues and finds them a home: where it is asked for, else the loop with the fewest. Owned by the topology loop. */
public final class QueueFactory {

    private final List<QueueHome> homes;
    private final int[] queues;
    private final QueueLimit temporaryQueue;
    private final Map<String, MessageFormat> formats;
    private final QueueNumbers numbers = new QueueNumbers();
    private List<QueuePolicy> policies = List.of();

    /**
     * Makes queues on these homes.
     *
     * @param temporaryQueue the limit of queues that come with a link, if no policy has one
     * @param formats by id: who reads the filters of subscriptions
     */
    public QueueFactory(List<QueueHome> homes, QueueLimit temporaryQueue, Map<String, MessageFormat> formats) {
        this.temporaryQueue = temporaryQueue;
        this.formats = formats;
        this.homes = List.copyOf(homes);
        queues = new int[homes.size()];
    }

    QueueNumbers numbers() {
        return numbers;
    }

    /** Policies for queues made from now on. */
    void policies(List<QueuePolicy> newPolicies) {
        policies = newPolicies;
    }

    /**
     * A queue that does not work yet.
     *
     * @param connectionId the connection it is exclusive to, or {@link QueueEntry#NOBODY}
     * @param near the loop it should live on, or null
     * @throws IllegalArgumentException when it has a filter that nobody can read
     */
    QueueEntry make(int id, QueueSpec declared, Owner owner, long connectionId, @Nullable Loop near) {
        Gate gate = Gate.of(declared.subscription(), formats);
        int home = near == null ? leastLoaded() : near.index();
        queues[home]++;
        var queue = new MessageQueue(id, effective(declared), homes.get(home));
        if (connectionId != QueueEntry.NOBODY) {
            queue.exclusiveTo(connectionId);
        }
        return new QueueEntry(queue, declared, owner, connectionId, gate);
    }

    private int leastLoaded() {
        int least = 0;
        for (int i = 1; i < queues.length; i++) {
            if (queues[i] < queues[least]) {
                least = i;
            }
        }
        return least;
    }

    /** What a queue is with its policy; durable only when it is stored. */
    QueueSpec effective(QueueSpec declared) {
        QueueSpec spec = withPolicy(declared);
        return spec.temporary() && spec.limit().equals(QueueLimit.NONE)
                ? spec.but().limit(temporaryQueue).build()
                : spec;
    }

    private QueueSpec withPolicy(QueueSpec declared) {
        QueueSpec spec = declared.durable() && !QueueEntry.stored(declared)
                ? declared.but().durable(false).build()
                : declared;
        for (QueuePolicy policy : policies) {
            if (policy.matches(spec.name())) {
                return policy.fill(spec);
            }
        }
        return spec;
    }

    /** Takes notice that a queue is gone. */
    void gone(QueueEntry entry) {
        queues[entry.queue().home().index()]--;
    }

    /** Starts a queue on its home loop; completes there. Any thread. */
    public static CompletionStage<@Nullable Void> start(QueueEntry entry) {
        Loop home = entry.queue().home();
        if (home.inLoop()) {
            entry.queue().start();
            return CompletableFuture.completedFuture(null);
        }
        var started = new CompletableFuture<@Nullable Void>();
        home.execute(() -> {
            entry.queue().start();
            started.complete(null);
        });
        return started;
    }
}
