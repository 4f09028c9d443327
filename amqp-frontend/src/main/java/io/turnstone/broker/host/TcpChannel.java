package io.turnstone.broker.host;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.broker.config.TlsConfig;
import io.turnstone.broker.config.WebSocketConfig;
import io.vertx.core.internal.net.NetSocketInternal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One accepted socket as bytes: the only class that knows how Vert.x and Netty carry them.
 *
 * <p>It stands in the socket's pipeline before Vert.x' own end of it. What the protocol writes collects in one pooled
 * direct buffer, which is handed to the socket once, at the end of the turn.
 *
 * <p>Owned by its loop.
 */
final class TcpChannel extends ChannelInboundHandlerAdapter implements Protocol.Channel {

    private static final Logger LOG = LogManager.getLogger(TcpChannel.class);

    private static final String NAME = "turnstone";
    private static final int BUFFER_BYTES = 16 * 1024;

    /**
     * A peer that makes us queue this much and takes nothing is not served any longer. Protocols stop sending far
     * earlier, so that only answers to what the peer itself asks for can come so far.
     */
    private static final long MOST_PENDING_BYTES = 16L << 20;

    /** How long the last bytes may take to leave, and how long we wait for the peer to close its side too. */
    private static final long CLOSE_MS = 3_000;

    private enum State {
        OPEN,
        FLUSHING,
        LINGERING,
        CLOSED
    }

    private final VertxLoop loop;
    private final String remoteAddress;
    private final ChannelHandlerContext netty;
    private final Acceptance acceptance;
    private final Runnable gone;
    private Protocol.@Nullable Connection connection;
    private @Nullable Tls tls;
    private @Nullable Runnable opened;
    private @Nullable ByteBuf filling;
    private @Nullable ByteBuffer region;
    private int regionStart;
    private boolean flushArmed;
    private long unsentBytes;
    private State state = State.OPEN;

    /**
     * Takes over a socket.
     *
     * @param acceptance where it was counted, and leaves when it has ended
     * @param gone told once when the connection has ended
     */
    TcpChannel(VertxLoop loop, NetSocketInternal socket, Acceptance acceptance, Runnable gone) {
        this.loop = loop;
        this.acceptance = acceptance;
        this.gone = gone;
        remoteAddress = printed(socket.channelHandlerContext().channel().remoteAddress());
        netty = socket.channelHandlerContext();
        netty.channel().config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(1024, 8 * 1024, 256 * 1024));
        socket.shutdownHandler(timeout -> stop());
    }

    /** Gives the socket's bytes to a protocol from now on, decrypted and taken out of WebSockets if it is to be. */
    void open(Protocol protocol, Protocol.Host host, @Nullable Tls ofListener, Optional<WebSocketConfig> webSocket) {
        tls = ofListener;
        if (ofListener != null && ofListener.upgrade() == TlsConfig.Upgrade.NEVER) {
            ofListener.encrypt(netty, netty.name());
        }
        if (webSocket.isPresent()) {
            new WebSocketBytes(
                            webSocket.get(),
                            protocol.name(),
                            why -> acceptance.handshakeFailed(why, remoteAddress, loop.steadyMs()))
                    .install(netty);
            opened = () -> connection = protocol.accept(this, host);
        } else {
            connection = protocol.accept(this, host);
        }
        netty.pipeline().addBefore(netty.name(), NAME, this);
    }

    Protocol.@Nullable Connection connection() {
        return connection;
    }

    private static String printed(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            String host = inet.getAddress().getHostAddress();
            int zone = host.indexOf('%');
            host = zone < 0 ? host : host.substring(0, zone);
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return String.valueOf(address);
    }

    // ---- what the protocol asks

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public ByteBuffer out(int atLeast) {
        assert loop.inLoop();
        ByteBuffer current = region;
        if (current != null && current.remaining() >= atLeast) {
            return current;
        }
        if (state == State.CLOSED || state == State.LINGERING) {
            return ByteBuffer.allocate(atLeast); // nobody will read it
        }
        handOver();
        ByteBuf buffer = filling;
        if (buffer == null) {
            buffer = netty.alloc().directBuffer(Math.max(BUFFER_BYTES, atLeast));
            filling = buffer;
        }
        current = buffer.internalNioBuffer(buffer.writerIndex(), buffer.writableBytes());
        regionStart = current.position();
        region = current;
        if (!flushArmed) {
            flushArmed = true;
            loop.flushAtEndOfTurn(this);
        }
        return current;
    }

    @Override
    public long pendingBytes() {
        return unsentBytes + (region == null ? 0 : region.position() - regionStart);
    }

    @Override
    public void read(boolean on) {
        netty.channel().config().setAutoRead(on);
    }

    @Override
    public void close() {
        assert loop.inLoop();
        if (state != State.OPEN) {
            return;
        }
        state = State.FLUSHING;
        read(true); // to hear the peer close
        if (!flushArmed) {
            flushArmed = true;
            loop.flushAtEndOfTurn(this);
        }
        var unused = netty.executor().schedule(this::closeNow, CLOSE_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public Protocol.Encryption encryption() {
        if (Tls.encrypts(netty)) {
            return Protocol.Encryption.ON;
        }
        return tls == null
                ? Protocol.Encryption.NONE
                : tls.upgrade() == TlsConfig.Upgrade.REQUIRED
                        ? Protocol.Encryption.REQUIRED
                        : Protocol.Encryption.POSSIBLE;
    }

    @Override
    public void encrypt(ByteBuffer ahead) {
        assert loop.inLoop();
        if (tls == null || Tls.encrypts(netty)) {
            throw new IllegalStateException("this channel cannot be encrypted");
        }
        handOver();
        netty.flush(); // what was written before goes in clear
        ByteBuf hello = netty.alloc().buffer(ahead.remaining()).writeBytes(ahead);
        ChannelHandlerContext ssl = tls.encrypt(netty, NAME);
        try {
            ((ChannelInboundHandler) ssl.handler()).channelRead(ssl, hello);
        } catch (Exception e) {
            exceptionCaught(ssl, e);
        }
    }

    @Override
    public List<X509Certificate> certificates() {
        return Tls.proven(netty);
    }

    // ---- out

    /** Gives what was put into the buffer to Netty, which sends it with the next flush. */
    private void handOver() {
        ByteBuf buffer = filling;
        ByteBuffer written = region;
        filling = null;
        region = null;
        if (buffer == null || written == null) {
            return;
        }
        int size = written.position() - regionStart;
        if (size == 0) {
            buffer.release();
            return;
        }
        buffer.writerIndex(buffer.writerIndex() + size);
        unsentBytes += size;
        var unused = netty.write(buffer).addListener(new Taken(size));
    }

    /** Called once at the end of a turn in which something was written. */
    void flush() {
        flushArmed = false;
        if (state == State.CLOSED) {
            drop();
            return;
        }
        handOver();
        netty.flush();
        if (state == State.FLUSHING && unsentBytes == 0) {
            linger();
        } else if (unsentBytes > MOST_PENDING_BYTES) {
            LOG.info("connection remote={} closed: it has not read {} bytes sent to it", remoteAddress, unsentBytes);
            closeNow();
        }
    }

    /** The socket has taken one buffer, or never will. */
    private final class Taken implements ChannelFutureListener {
        private final int bytes;

        private Taken(int bytes) {
            this.bytes = bytes;
        }

        @Override
        public void operationComplete(ChannelFuture future) {
            unsentBytes -= bytes;
            if (unsentBytes > 0 || !future.isSuccess()) {
                return;
            }
            if (state == State.FLUSHING && !flushArmed) {
                linger();
            } else if (state == State.OPEN && connection != null) {
                guard(connection::drained);
            }
        }
    }

    /** Our side is closed; closing the other at once would destroy what the peer has not read yet. */
    private void linger() {
        state = State.LINGERING;
        if (!WebSocketBytes.farewell(netty, this::closeOutput)) {
            closeOutput();
        }
    }

    private void closeOutput() {
        if (!Tls.encrypts(netty) && netty.channel() instanceof DuplexChannel duplex) {
            var unused = duplex.shutdownOutput();
        } else {
            closeNow();
        }
    }

    private void closeNow() {
        if (netty.channel().isOpen()) {
            var unused = netty.close();
        }
    }

    private void drop() {
        if (filling != null) {
            filling.release();
        }
        filling = null;
        region = null;
    }

    // ---- in

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            context.fireChannelRead(message);
            return;
        }
        try {
            if (state == State.OPEN && connection != null && bytes.isReadable()) {
                ByteBuffer view = bytes.nioBufferCount() == 1
                        ? bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes())
                        : bytes.nioBuffer();
                connection.received(view);
            }
        } catch (RuntimeException | Error e) {
            failed(e);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        ended();
    }

    private void ended() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        drop();
        try {
            if (connection != null) {
                guard(connection::closed);
            }
        } finally {
            acceptance.leave();
            gone.run();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            acceptance.handshakeFailed(Tls.reason(handshake.cause()), remoteAddress, loop.steadyMs());
        } else if (event == WebSocketBytes.OPENED && opened != null) {
            guard(opened);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        boolean lost = cause instanceof IOException || cause.getCause() instanceof SSLException;
        if (lost) {
            LOG.debug("connection remote={} broke: {}", remoteAddress, cause.getMessage());
        } else {
            LOG.info("connection remote={} closed: {}", remoteAddress, cause.toString());
        }
        closeNow();
    }

    private void stop() {
        if (connection == null) {
            closeNow();
        } else if (state == State.OPEN) {
            guard(connection::stop);
        }
    }

    /** A defect of the protocol ends this connection and nothing else. */
    private void guard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        LOG.error("connection remote={} closed: its protocol failed", remoteAddress, e);
        closeNow();
    }
}
