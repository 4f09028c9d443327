package io.turnstone.broker;

import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.host.VertxHost;
import io.turnstone.broker.security.Logins;
import io.turnstone.router.RouterCore;
import io.turnstone.router.topology.ApplyReport;
import io.turnstone.router.topology.DeclaredTopology;
import io.turnstone.router.topology.TopologyProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** What a running broker takes over from a changed configuration. Used by one thread at a time. */
final class Reload {

    private static final Logger LOG = LogManager.getLogger(Reload.class);

    private final RouterCore router;
    private final Access access;
    private final @Nullable Logins logins;
    private final VertxHost host;
    private BrokerConfig current;

    /**
     * For a broker that runs by a configuration.
     *
     * @param logins null when a plugin decides about passwords
     */
    Reload(BrokerConfig current, RouterCore router, Access access, @Nullable Logins logins, VertxHost host) {
        this.current = current;
        this.router = router;
        this.access = access;
        this.logins = logins;
        this.host = host;
    }

    /** Declares the topology of the first configuration. */
    void declare(DeclaredTopology topology) {
        ApplyReport report = Broker.await(router.apply(topology), "the topology to be declared");
        if (!report.applied()) {
            throw new BrokerException(
                    report.problems().stream().map(TopologyProblem::message).collect(Collectors.joining("\n")), null);
        }
        log(report);
    }

    synchronized boolean apply(BrokerConfig next) {
        List<String> unusable = VertxHost.unusableCertificates(next.listeners());
        if (!unusable.isEmpty()) {
            unusable.forEach(problem -> LOG.error("configuration not reloaded, nothing was changed: {}", problem));
            return false;
        }
        ApplyReport report = Broker.await(router.apply(next.topology()), "the topology to be declared");
        if (!report.applied()) {
            report.problems()
                    .forEach(problem ->
                            LOG.error("configuration not reloaded, nothing was changed: {}", problem.message()));
            return false;
        }
        log(report);
        access.use(next.admission());
        boolean usersChanged =
                !next.admission().users().equals(current.admission().users());
        if (usersChanged && logins != null) {
            logins.use(access.users());
        }
        host.renewCertificates(next.listeners());
        for (String key : fixed(current, next)) {
            LOG.warn("configuration: a change of '{}' waits for a restart", key);
        }
        current = merged(next);
        LOG.info("configuration reloaded");
        return true;
    }

    /** Keys that differ and cannot change while the broker runs. */
    private static List<String> fixed(BrokerConfig before, BrokerConfig after) {
        List<String> keys = new ArrayList<>();
        differ(keys, "node", before.node(), after.node());
        differ(keys, "loops", before.loops().count(), after.loops().count());
        differ(keys, "spin", before.loops().spin(), after.loops().spin());
        differ(keys, "listeners", before.listeners(), after.listeners());
        differ(keys, "store", before.store(), after.store());
        differ(keys, "store: path", before.data(), after.data());
        differ(keys, "auto-create", before.autoCreateQueues(), after.autoCreateQueues());
        differ(keys, "limits", before.limits(), after.limits());
        differ(keys, "plugins", before.plugins(), after.plugins());
        differ(keys, "plugin-folder", before.pluginFolder(), after.pluginFolder());
        differ(keys, "stop-timeout", before.stopTimeoutMs(), after.stopTimeoutMs());
        return keys;
    }

    private static void differ(List<String> keys, String key, Object before, Object after) {
        if (!Objects.equals(before, after)) {
            keys.add(key);
        }
    }

    /** What holds from now on: the live keys of the new one, the rest of the old one. */
    private BrokerConfig merged(BrokerConfig next) {
        return new BrokerConfig(
                current.node(),
                current.loops(),
                current.listeners(),
                current.data(),
                current.store(),
                next.admission(),
                next.topology(),
                current.autoCreateQueues(),
                current.limits(),
                current.plugins(),
                current.pluginFolder(),
                current.embedded(),
                current.stopTimeoutMs());
    }

    private static void log(ApplyReport report) {
        report.created().forEach(what -> LOG.info("declared {}", what));
        report.changed().forEach(what -> LOG.info("changed {}", what));
        report.deleted().forEach(what -> LOG.info("deleted {}: it left the configuration", what));
        report.left().forEach(problem -> LOG.warn("left as it was: {}{}", problem.message(), remedy(problem)));
    }

    private static String remedy(TopologyProblem left) {
        boolean leaving = left.kind() == TopologyProblem.Kind.QUEUE && left.index() < 0;
        return leaving
                ? "; 'turnstone queue purge " + left.name()
                        + "' empties it, the next reload deletes it when it is unused"
                : "";
    }
}
