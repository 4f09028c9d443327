package io.turnstone.amqp;

import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Loop;
import io.turnstone.api.Peer;
import io.turnstone.api.Router;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;

/**
 * The links whose unsettled deliveries outlive their connection (part 2, section 2.6.13), attached or suspended. Any
 * thread: connections of one container may live on different loops, and meet here when they attach.
 */
final class LastingLinks {

    private record Container(String user, String name) {}

    private static final Logger LOG = LogManager.getLogger(LastingLinks.class);

    private final Map<Router, Boolean> recovered = new ConcurrentHashMap<>();
    private final Map<LinkKey, LastingLink> links = new ConcurrentHashMap<>();
    private final Map<Container, Integer> containers = new ConcurrentHashMap<>();
    private final AtomicInteger suspended = new AtomicInteger();
    private final LastingLimits limits;

    LastingLinks(LastingLimits limits) {
        this.limits = limits;
    }

    LastingLimits limits() {
        return limits;
    }

    /** How many are suspended. */
    int suspended() {
        return suspended.get();
    }

    /** So many more (or less) are suspended. */
    void suspended(int change) {
        suspended.addAndGet(change);
    }

    /**
     * Whether a peer that attaches so keeps track of its unsettled deliveries: it shows them, even if there are none yet,
     * or settles last. Others get back into the queue what was theirs, at once, as they expect.
     */
    static boolean wanted(Attach attach) {
        return attach.getUnsettled() != null || attach.getRcvSettleMode() == ReceiverSettleMode.SECOND;
    }

    /** Opens a link: with what a link of its name left here, or anew. On the link's loop. */
    void open(Link link, Attach attach) {
        boolean wanted = wanted(attach) && link.node() == null;
        if (links.isEmpty() && !wanted) {
            link.begin(attach);
            return;
        }
        Peer peer = link.session().connection().peer();
        var key = new LinkKey(peer.identity().name(), peer.containerId(), link.name());
        LastingLink known = links.get(key);
        if (known != null) {
            known.take(link, attach, wanted);
        } else if (wanted) {
            open(link, attach, key);
        } else {
            link.begin(attach);
        }
    }

    private void open(Link link, Attach attach, LinkKey key) {
        var container = new Container(key.user(), key.container());
        int present = containers.merge(container, 1, Integer::sum);
        if (present > limits.perContainer() || links.size() >= limits.links()) {
            leave(container);
            String whose = present > limits.perContainer() ? "container '" + key.container() + "'" : "the broker";
            link.refuseUnopened(
                    attach,
                    new LinkError(
                            AmqpError.RESOURCE_LIMIT_EXCEEDED,
                            whose
                                    + " has as many links as may keep unsettled deliveries; attach without field unsettled"
                                    + " and with rcv-settle-mode first, close others, or raise limits: link-recovery"));
            return;
        }
        var made = new LastingLink(this, key, link);
        if (links.putIfAbsent(key, made) == null) {
            link.lasts(made);
            link.begin(attach);
        } else {
            leave(container);
            open(link, attach);
        }
    }

    /**
     * Takes back what a former run of the broker has left in the store; once, on the loop of the first connection. A
     * connection that opens at the same moment on another loop waits for it: it might attach one of these links.
     */
    void recover(Router router, Loop loop) {
        recovered.computeIfAbsent(router, from -> {
            recovered(from, loop);
            return true;
        });
    }

    private void recovered(Router router, Loop loop) {
        router.kept().forEach((name, value) -> {
            if (KeptDelivery.is(name)) {
                try {
                    recovered(KeptDelivery.of(name, value), router, loop);
                } catch (IllegalArgumentException unreadable) {
                    LOG.error(
                            "a delivery that was kept cannot be read and stays in the store: {}",
                            unreadable.getMessage());
                }
            }
        });
        router.claims().forEach((name, note) -> {
            if (KeptLink.claims(name)) {
                recovered(name, note, router, loop);
            }
        });
        links.values().forEach(LastingLink::expire);
    }

    private void recovered(String claim, byte[] note, Router router, Loop loop) {
        try {
            SourceState source = recovered(KeptLink.ofClaim(claim, note), loop).source();
            if (source != null) {
                source.recovered(router, claim);
            }
        } catch (IllegalArgumentException unreadable) {
            LOG.error(
                    "what a link holds returns to its queue, since nobody can tell whose it is: {}",
                    unreadable.getMessage());
            router.renounce(claim);
        }
    }

    private LastingLink recovered(KeptLink kept, Loop loop) {
        return links.computeIfAbsent(kept.key(), key -> {
            containers.merge(new Container(key.user(), key.container()), 1, Integer::sum);
            return new LastingLink(this, key, loop, kept.expiry());
        });
    }

    private void recovered(KeptDelivery delivery, Router router, Loop loop) {
        TargetState target = recovered(new KeptLink(delivery.link(), delivery.expiry()), loop)
                .target();
        if (target != null) {
            target.recovered(new Remembered(target, delivery, router));
        }
    }

    /** It is forgotten. */
    void remove(LastingLink link) {
        if (links.remove(link.key(), link)) {
            leave(new Container(link.key().user(), link.key().container()));
        }
    }

    private void leave(Container container) {
        containers.computeIfPresent(container, (key, count) -> count == 1 ? null : count - 1);
    }
}
