package io.turnstone.broker.host;

import io.turnstone.broker.config.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Reads the certificates of listeners again when one of their files has changed: those who renew them need not know
 * whom to tell. Files that do not fit together, as in the middle of a renewal, are tried again when they change again.
 *
 * <p><b>Threads:</b> started and closed by the thread that starts and stops the broker; it looks on a thread of its own.
 */
final class CertificateWatch implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(CertificateWatch.class);
    private static final long EVERY_SECONDS = 10;

    private final Collection<TcpListener> listeners;
    private final Map<TcpListener, String> seen = new HashMap<>();
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        var made = new Thread(task, "turnstone-certificates");
        made.setDaemon(true);
        return made;
    });

    /**
     * Not yet looking.
     *
     * @param listeners whose certificates; may still grow
     */
    CertificateWatch(Collection<TcpListener> listeners) {
        this.listeners = listeners;
    }

    /** Looks from now on, every ten seconds. */
    void start() {
        thread.execute(this::look);
        var unused = thread.scheduleWithFixedDelay(this::look, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    /** Looks once; the first look at a listener only remembers what is there. */
    void look() {
        for (TcpListener listener : listeners) {
            Optional<TlsConfig> tls = listener.tlsConfig();
            if (tls.isPresent()) {
                String now = state(tls.get());
                String before = seen.put(listener, now);
                if (before != null && !before.equals(now)) {
                    renew(listener, tls.get());
                }
            }
        }
    }

    private static void renew(TcpListener listener, TlsConfig tls) {
        try {
            listener.renewCertificate(tls);
            LOG.info("certificate renewed listener={}", listener);
        } catch (HostException e) {
            LOG.warn("certificate not renewed listener={}, the old one stays: {}", listener, e.getMessage());
        }
    }

    private static String state(TlsConfig tls) {
        var state = new StringBuilder();
        for (Path file : tls.files()) {
            state.append(file).append('=');
            try {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                state.append(attributes.lastModifiedTime())
                        .append(' ')
                        .append(attributes.size())
                        .append(' ')
                        .append(attributes.fileKey());
            } catch (IOException e) {
                state.append("gone");
            }
            state.append(';');
        }
        return state.toString();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
