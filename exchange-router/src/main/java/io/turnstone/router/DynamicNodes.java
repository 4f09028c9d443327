package io.turnstone.router;

import io.turnstone.api.Address.Lifetime;
import io.turnstone.api.Condition;
import io.turnstone.api.Loop;
import io.turnstone.api.Peer;
import io.turnstone.api.RefusedException;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.queue.MessageQueue.DeleteIf;
import io.turnstone.router.topology.LiveTopology;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Queues and topics that were made for a link and may outlive it, or be used by its connection only. Any thread; a node
 * itself is owned by the loop of the link that made it.
 */
final class DynamicNodes {

    /** How often a queue is looked at that goes when it is empty. */
    private static final long LOOK_MS = 1_000;

    private final LiveTopology topology;
    private final Map<MessageQueue, Node> nodes = new ConcurrentHashMap<>();
    private final Map<String, Long> topics = new ConcurrentHashMap<>();

    DynamicNodes(LiveTopology topology) {
        this.topology = topology;
    }

    /** A topic was made, for one connection to consume from. */
    void made(String topic, Peer peer) {
        topics.put(topic, peer.connectionId());
    }

    /** The link of a topic is gone. */
    void dropTopic(String topic) {
        topics.remove(topic);
        topology.subscriptions().dropTopic(topic);
    }

    /** Refuses a subscriber to a topic that is another connection's. */
    void check(String topic, Peer peer) {
        Long owner = topics.get(topic);
        if (owner != null && owner != peer.connectionId()) {
            throw new RefusedException(
                    Condition.RESOURCE_LOCKED,
                    "temporary topic '" + topic + "' belongs to another connection; only that may consume from it");
        }
    }

    /**
     * A queue was made for a link.
     *
     * @return to be run when that link is gone
     */
    Runnable made(MessageQueue queue, Lifetime lifetime, Loop loop) {
        if (lifetime == Lifetime.LINK) {
            return () -> drop(queue, DeleteIf.ALWAYS);
        }
        var node = new Node(queue, lifetime, loop);
        nodes.put(queue, node);
        return node::orphaned;
    }

    /** Whether links to a queue are counted. */
    boolean counts(MessageQueue queue) {
        return !nodes.isEmpty() && nodes.containsKey(queue);
    }

    /**
     * One more link to a queue whose links are counted.
     *
     * @return to be run when it is gone
     */
    Runnable linked(MessageQueue queue) {
        Node node = nodes.get(queue);
        if (node == null) {
            return () -> {};
        }
        node.links(1);
        return () -> node.links(-1);
    }

    private void drop(MessageQueue queue, DeleteIf when) {
        topology.deleteQuietly(queue, when, "queue '" + queue.name() + "' went as its lifetime policy says");
    }

    /** One queue. */
    private final class Node {

        private final MessageQueue queue;
        private final Lifetime lifetime;
        private final Loop loop;
        private int links;
        private boolean orphan;
        private boolean looking;

        Node(MessageQueue queue, Lifetime lifetime, Loop loop) {
            this.queue = queue;
            this.lifetime = lifetime;
            this.loop = loop;
        }

        void links(int change) {
            loop.execute(() -> {
                links += change;
                look();
            });
        }

        /** The link that it was made for is gone. */
        void orphaned() {
            loop.execute(() -> {
                orphan = true;
                look();
            });
        }

        private void look() {
            if (queue.deleted()) {
                nodes.remove(queue);
                return;
            }
            if (!orphan) {
                return;
            }
            if (lifetime == Lifetime.NO_LINKS && links == 0) {
                drop(queue, DeleteIf.ALWAYS);
            } else if (lifetime == Lifetime.NO_MESSAGES) {
                dropWhenEmpty(DeleteIf.EMPTY);
            } else if (lifetime == Lifetime.NO_LINKS_OR_MESSAGES && links == 0) {
                dropWhenEmpty(DeleteIf.EMPTY_AND_UNUSED);
            }
            if (!looking) {
                looking = true;
                loop.schedule(LOOK_MS, () -> {
                    looking = false;
                    look();
                });
            }
        }

        private void dropWhenEmpty(DeleteIf when) {
            if (queue.status().messages() == 0) {
                drop(queue, when);
            }
        }
    }
}
