package io.turnstone.broker.host;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.turnstone.broker.config.Certificates;
import io.turnstone.broker.config.KeyPair;
import io.turnstone.broker.config.TlsConfig;
import io.turnstone.broker.config.TlsConfig.ClientCertificates;
import java.nio.channels.ClosedChannelException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * What a listener shows to its peers before they speak. In our own hands rather than Vert.x', which does not say whose
 * handshake failed and does not count who is still at it. Immutable, any thread.
 */
final class Tls {

    private static final String NAME = "ssl";

    /** Ephemeral keys and authenticated encryption only; what every client of the last ten years speaks. */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private static final int MAX_HELLO_BYTES = 16 * 1024;
    private static final long HELLO_MS = 10_000;

    private final SslContext usual;
    private final HostNames others;
    private final TlsConfig.Upgrade upgrade;

    private Tls(SslContext usual, HostNames others, TlsConfig.Upgrade upgrade) {
        this.usual = usual;
        this.others = others;
        this.upgrade = upgrade;
    }

    /**
     * Reads certificates and keys.
     *
     * @throws HostException when they cannot be used
     */
    static Tls of(TlsConfig config) {
        var others = new HostNames();
        for (KeyPair other : config.others()) {
            var identity = identity(other);
            others.add(identity.chain().get(0), context(identity, config.clients()));
        }
        return new Tls(context(identity(config.certificate()), config.clients()), others, config.upgrade());
    }

    private static Certificates.Identity identity(KeyPair pair) {
        var certificates = Certificates.read(pair);
        check(certificates);
        return certificates.identity().orElseThrow();
    }

    private static void check(Certificates certificates) {
        certificates.problems().forEach((key, text) -> {
            throw new HostException("tls: " + key + " " + text, null);
        });
    }

    private static SslContext context(Certificates.Identity identity, Optional<ClientCertificates> clients) {
        try {
            var builder = SslContextBuilder.forServer(
                            identity.key(), identity.chain().toArray(X509Certificate[]::new))
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
            if (clients.isPresent()) {
                var trusted = Certificates.trusted(clients.get().trust());
                check(trusted);
                builder.trustManager(trusted.trusted().toArray(X509Certificate[]::new))
                        .clientAuth(clients.get().required() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new HostException("tls: certificate and key cannot be used: " + e.getMessage(), e);
        }
    }

    /** Whether connections begin in clear. */
    TlsConfig.Upgrade upgrade() {
        return upgrade;
    }

    /** Encrypts a connection from now on; the handler that does it stands before another. */
    ChannelHandlerContext encrypt(ChannelHandlerContext end, String before) {
        ChannelHandler handler = others.isEmpty()
                ? usual.newHandler(end.alloc())
                : new SniHandler(name -> others.find(name).orElse(usual), MAX_HELLO_BYTES, HELLO_MS);
        end.pipeline().addBefore(before, NAME, handler);
        return end.pipeline().context(NAME);
    }

    static boolean encrypts(ChannelHandlerContext end) {
        return end.pipeline().get(SslHandler.class) != null || end.pipeline().get(NAME) != null;
    }

    /** What the other end proved; empty when it showed nothing. */
    static List<X509Certificate> proven(ChannelHandlerContext end) {
        SslHandler handler = end.pipeline().get(SslHandler.class);
        if (handler == null) {
            return List.of();
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : handler.engine().getSession().getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            return chain;
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    /** Why a handshake failed, for the operator. */
    static String reason(Throwable failure) {
        if (failure instanceof NotSslRecordException) {
            return "the peer does not speak TLS; connect with amqps, or to a listener without tls";
        }
        if (failure instanceof SslHandshakeTimeoutException) {
            return "the peer took too long";
        }
        if (failure instanceof ClosedChannelException) {
            return "the peer went away";
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
