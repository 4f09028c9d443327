package io.turnstone.broker.host;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.LoopConfig;
import io.turnstone.broker.config.TlsConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The machine under a broker: its event loops and listening sockets.
 *
 * <p><b>Threads:</b> started, stopped and asked by the thread that starts and stops the broker, which may block;
 * {@link #connections} by any.
 */
public final class VertxHost {

    private static final Logger LOG = LogManager.getLogger(VertxHost.class);
    private static final long BIND_SECONDS = 30;

    private final VertxInternal vertx;
    private final List<VertxLoop> loops = new ArrayList<>();
    private final List<TcpListener> listeners = new java.util.concurrent.CopyOnWriteArrayList<>();
    private final CertificateWatch watch = new CertificateWatch(listeners);
    private final Acceptance acceptance;
    private final int acceptRate;
    private boolean watching;

    /**
     * Starts the loops.
     *
     * @param config how many, and how they wait
     * @param connections open connections at most
     * @param acceptRate new connections per second at most, for each listener
     */
    public VertxHost(LoopConfig config, int connections, int acceptRate) {
        int processors = Runtime.getRuntime().availableProcessors();
        int count = config.count() > 0 ? config.count() : Math.max(1, Math.min(8, processors / 2));
        acceptance = new Acceptance(connections);
        this.acceptRate = acceptRate;
        VertxBuilder builder = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(count)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(2)
                        .setPreferNativeTransport(true)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)));
        // A loop that waits awake takes a processor that another thread may need; so one has to be left for those.
        if (config.spin() && count < processors && Transport.EPOLL != null && Transport.EPOLL.available()) {
            builder = builder.withTransport(new SpinningEpoll());
        }
        vertx = (VertxInternal) builder.build();
        Set<Object> taken = new HashSet<>();
        while (loops.size() < count) {
            ContextInternal context = vertx.createEventLoopContext();
            if (taken.add(context.nettyEventLoop())) {
                loops.add(new VertxLoop(loops.size(), context));
            }
        }
    }

    /** The loops, in the order of their indices. */
    public List<Loop> loops() {
        return List.copyOf(loops);
    }

    /** Whether the operating system's own readiness calls are used instead of the JDK's. */
    public boolean nativeTransport() {
        return vertx.isNativeTransportEnabled();
    }

    /**
     * Binds one listener.
     *
     * @throws HostException when it cannot; says which and why
     */
    public void listen(ListenerConfig config, Protocol protocol, Protocol.Host host) {
        var listener = new TcpListener(config, protocol, host, acceptance);
        listeners.add(listener);
        try {
            await(listener.listen(loops, acceptRate, listeners.size()), BIND_SECONDS * 1000);
            if (config.tls().isPresent() && !watching) {
                watching = true;
                watch.start();
            }
        } catch (HostException e) {
            throw new HostException("cannot listen on " + listener + ": " + ListenFailure.explain(e), e.getCause());
        }
    }

    /** Where the listeners listen, by scheme ({@code amqp}, {@code amqps}, …), in the order of the configuration. */
    public Map<String, List<String>> addresses() {
        Map<String, List<String>> addresses = new LinkedHashMap<>();
        for (TcpListener listener : listeners) {
            String host = listener.config().host();
            String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
            addresses
                    .computeIfAbsent(listener.config().scheme(), scheme -> new ArrayList<>())
                    .add(shown + ":" + listener.port());
        }
        return addresses;
    }

    /** Every connection that has introduced itself. Any thread. */
    public List<ConnectionStatus> connections() {
        List<ConnectionStatus> open = new ArrayList<>();
        for (TcpListener listener : listeners) {
            for (TcpChannel channel : listener.channels()) {
                Protocol.Connection connection = channel.connection();
                if (connection != null) {
                    connection.status().ifPresent(open::add);
                }
            }
        }
        return open;
    }

    /** Why certificates of listeners cannot be used; empty when all can. */
    public static List<String> unusableCertificates(List<ListenerConfig> configs) {
        List<String> problems = new ArrayList<>();
        for (ListenerConfig config : configs) {
            config.tls().ifPresent(tls -> {
                try {
                    Tls.of(tls);
                } catch (HostException e) {
                    problems.add(config.scheme() + " " + config.host() + ":" + config.port() + ": " + e.getMessage());
                }
            });
        }
        return problems;
    }

    /** Reads the certificates of all listeners again; of several on free ports the first belongs to the first. */
    public void renewCertificates(List<ListenerConfig> configs) {
        var left = new ArrayList<>(configs);
        for (TcpListener listener : listeners) {
            left.stream()
                    .filter(config -> config.tls().isPresent()
                            && config.host().equals(listener.config().host())
                            && config.port() == listener.config().port()
                            && config.scheme().equals(listener.config().scheme()))
                    .findFirst()
                    .ifPresent(config -> {
                        left.remove(config);
                        renew(listener, config.tls().orElseThrow());
                    });
        }
    }

    private static void renew(TcpListener listener, TlsConfig tls) {
        try {
            listener.renewCertificate(tls);
        } catch (HostException e) {
            LOG.error("certificate not renewed listener={}: {}", listener, e.getMessage());
        }
    }

    /** Stops listening, lets every connection say good-bye, and closes those that do not within the timeout. */
    public void stopListening(long timeoutMs) {
        List<Future<Void>> stopped = new ArrayList<>();
        for (TcpListener listener : listeners) {
            stopped.add(listener.stop(Duration.ofMillis(Math.max(1, timeoutMs))));
        }
        try {
            await(Future.join(stopped).mapEmpty(), timeoutMs + 5_000);
        } catch (HostException e) {
            LOG.warn("not every listener stopped in order: {}", e.getMessage());
        }
    }

    /** Ends the loops. */
    public void close() {
        watch.close();
        try {
            await(vertx.close(), 10_000);
        } catch (HostException e) {
            LOG.warn("the event loops did not end in order: {}", e.getMessage());
        }
    }

    private static void await(Future<Void> future, long timeoutMs) {
        try {
            var unused = future.toCompletionStage().toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new HostException(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new HostException("it took more than " + timeoutMs + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted", e);
        }
    }
}
