package io.turnstone.broker.host;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.turnstone.broker.config.Certificates;
import io.turnstone.broker.config.TlsConfig;
import java.nio.channels.ClosedChannelException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/**
 * What a listener shows to its peers before they speak. In our own hands rather than Vert.x', which does not say whose
 * handshake failed and does not count who is still at it. Immutable, any thread.
 */
final class Tls {

    private static final String NAME = "ssl";

    private final SslContext context;

    private Tls(SslContext context) {
        this.context = context;
    }

    /**
     * Reads certificate and key.
     *
     * @throws HostException when they cannot be used
     */
    static Tls of(TlsConfig config) {
        var certificates = Certificates.read(config);
        certificates.problems().forEach((key, text) -> {
            throw new HostException("tls: " + key + " " + text, null);
        });
        var identity = certificates.identity().orElseThrow();
        try {
            return new Tls(
                    SslContextBuilder.forServer(identity.key(), identity.chain().toArray(X509Certificate[]::new))
                            .protocols("TLSv1.3", "TLSv1.2")
                            .build());
        } catch (SSLException | IllegalArgumentException e) {
            throw new HostException("tls: certificate and key cannot be used: " + e.getMessage(), e);
        }
    }

    /** Encrypts a connection from now on. */
    void encrypt(ChannelHandlerContext end) {
        end.pipeline().addBefore(end.name(), NAME, context.newHandler(end.alloc()));
    }

    static boolean encrypts(ChannelHandlerContext end) {
        return end.pipeline().get(NAME) != null;
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
