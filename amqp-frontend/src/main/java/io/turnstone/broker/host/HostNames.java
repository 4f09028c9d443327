package io.turnstone.broker.host;

import io.netty.handler.ssl.SslContext;
import io.turnstone.broker.security.CertificateName;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which certificate is made for which host. Filled by one thread, then read by any. */
final class HostNames {

    private final Map<String, SslContext> byHost = new HashMap<>();

    /** Takes the hosts a certificate is made for from it; of several for the same host the first counts. */
    void add(X509Certificate certificate, SslContext context) {
        List<String> hosts = CertificateName.DNS.of(certificate);
        if (hosts.isEmpty()) {
            hosts = CertificateName.COMMON_NAME.of(certificate);
        }
        hosts.forEach(host -> byHost.putIfAbsent(host.toLowerCase(Locale.ROOT), context));
    }

    boolean isEmpty() {
        return byHost.isEmpty();
    }

    /**
     * The one for a host, or for {@code *} in place of its first label.
     *
     * @param name what the client asked for; null when it did not
     */
    Optional<SslContext> find(@Nullable String name) {
        if (name == null) {
            return Optional.empty();
        }
        String host = name.toLowerCase(Locale.ROOT);
        int dot = host.indexOf('.');
        SslContext exact = byHost.get(host);
        return Optional.ofNullable(exact != null || dot < 0 ? exact : byHost.get("*" + host.substring(dot)));
    }
}
