package io.turnstone.broker.host;

import static io.netty.handler.codec.http.HttpHeaderNames.CONNECTION;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.HOST;
import static io.netty.handler.codec.http.HttpHeaderNames.ORIGIN;
import static io.netty.handler.codec.http.HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL;
import static io.netty.handler.codec.http.HttpHeaderNames.UPGRADE;
import static io.netty.handler.codec.http.HttpHeaderValues.CLOSE;
import static io.netty.handler.codec.http.HttpHeaderValues.WEBSOCKET;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.turnstone.broker.config.WebSocketConfig;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes within a WebSocket (RFC 6455): what binary messages carry goes on as bytes, wherever they are cut, and bytes
 * leave as binary messages. A protocol is asked for by its name as subprotocol. Owned by the loop of its connection.
 */
final class WebSocketBytes extends ChannelDuplexHandler {

    /** Fired when the peer was let in: from now on there are bytes. */
    static final Object OPENED = new Object();

    private static final int MAX_REQUEST_LINE = 4 * 1024;
    private static final int MAX_REQUEST_HEADERS = 16 * 1024;
    private static final int MAX_REQUEST_BODY = 4 * 1024;
    private static final long HANDSHAKE_MS = 10_000;

    private final WebSocketConfig config;
    private final String subprotocol;
    private final Consumer<String> refused;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean open;
    private boolean ended;

    /**
     * For one connection.
     *
     * @param subprotocol what the peer must ask for
     * @param refused told why it was not let in
     */
    WebSocketBytes(WebSocketConfig config, String subprotocol, Consumer<String> refused) {
        this.config = config;
        this.subprotocol = subprotocol;
        this.refused = refused;
    }

    /** Stands in a pipeline, with what reads the request, before its end. */
    void install(ChannelHandlerContext end) {
        end.pipeline()
                .addBefore(
                        end.name(),
                        "http",
                        new HttpServerCodec(MAX_REQUEST_LINE, MAX_REQUEST_HEADERS, MAX_REQUEST_BODY))
                .addBefore(end.name(), "http-request", new HttpObjectAggregator(MAX_REQUEST_BODY))
                .addBefore(end.name(), "websocket", this);
        deadline = end.executor()
                .schedule(
                        () -> {
                            refused.accept("the peer took too long to ask for a WebSocket");
                            var unused = end.close();
                        },
                        HANDSHAKE_MS,
                        TimeUnit.MILLISECONDS);
    }

    /**
     * Says good-bye where a WebSocket is spoken.
     *
     * @param then run when that has been said
     * @return false when there is nothing to say; then it is not run
     */
    static boolean farewell(ChannelHandlerContext end, Runnable then) {
        WebSocketBytes socket = end.pipeline().get(WebSocketBytes.class);
        if (socket == null || !socket.open) {
            return false;
        }
        end.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(said -> then.run());
        return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (ended) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof BinaryWebSocketFrame || message instanceof ContinuationWebSocketFrame) {
            context.fireChannelRead(((WebSocketFrame) message).content());
            return;
        }
        try {
            if (message instanceof FullHttpRequest request) {
                handshake(context, request);
            } else if (message instanceof PingWebSocketFrame ping) {
                if (context.channel().isWritable()) { // who does not read the answers needs no more of them
                    var unused = context.writeAndFlush(
                            new PongWebSocketFrame(ping.content().retain()));
                }
            } else if (message instanceof CloseWebSocketFrame) {
                end(context, WebSocketCloseStatus.NORMAL_CLOSURE);
            } else if (!(message instanceof PongWebSocketFrame)) {
                refused.accept("text came, where only binary messages are spoken");
                end(context, WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void handshake(ChannelHandlerContext context, FullHttpRequest request) {
        String mistake = mistake(request);
        if (!mistake.isEmpty()) {
            refuse(context, mistake);
            return;
        }
        var handshaker =
                new WebSocketServerHandshakerFactory("", subprotocol, false, config.maxFrame()).newHandshaker(request);
        if (handshaker == null) {
            WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(context.channel())
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        handshaker.handshake(context.channel(), request).addListener(done -> {
            if (done.isSuccess()) {
                cancelDeadline();
                open = true;
                context.fireUserEventTriggered(OPENED);
            } else {
                var unused = context.close();
            }
        });
    }

    /** What keeps a request from being let in, beginning with the status to answer it with; empty for nothing. */
    private String mistake(FullHttpRequest request) {
        var headers = request.headers();
        if (!request.decoderResult().isSuccess()) {
            return "400 the request cannot be read";
        }
        if (!headers.containsValue(UPGRADE, WEBSOCKET, true)) {
            return "426 this port speaks " + subprotocol + " over WebSocket";
        }
        String path = new QueryStringDecoder(request.uri()).path();
        if (config.path().isPresent() && !config.path().get().equals(path)) {
            return "404 nothing is here; the path is " + config.path().get();
        }
        boolean asked = headers.getAllAsString(SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(names -> Arrays.stream(names.split(",")))
                .anyMatch(name -> name.strip().equals(subprotocol));
        if (!asked) {
            return "400 ask for the subprotocol " + subprotocol;
        }
        String origin = headers.get(ORIGIN);
        return origin == null
                        || sameHost(origin, headers.get(HOST))
                        || config.origins().contains(origin)
                ? ""
                : "403 pages of this origin are not listed under websocket: origins";
    }

    /** Clients that are no browsers name the host they connect to as their origin, or none. */
    private static boolean sameHost(String origin, @Nullable String host) {
        int scheme = origin.indexOf("://");
        return host != null && scheme > 0 && origin.substring(scheme + 3).equalsIgnoreCase(host);
    }

    private void refuse(ChannelHandlerContext context, String mistake) {
        refused.accept("no WebSocket: " + mistake);
        ByteBuf text = Unpooled.copiedBuffer(mistake.substring(4) + "\n", StandardCharsets.UTF_8);
        var status = HttpResponseStatus.valueOf(Integer.parseInt(mistake.substring(0, 3)));
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, text);
        response.headers().set(CONNECTION, CLOSE).set(CONTENT_LENGTH, text.readableBytes());
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private void end(ChannelHandlerContext context, WebSocketCloseStatus status) {
        ended = true;
        context.writeAndFlush(new CloseWebSocketFrame(status)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        var unused =
                context.write(message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message, promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancelDeadline();
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
