package io.turnstone.load;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetServerOptions;
import java.util.HashMap;
import java.util.Map;

/**
 * The floor under every broker: Vert.x and a loop over frames, without queue, routing, credit or store. It hands the
 * transfer frames of one producer to one consumer of the same address as they are, and accepts at once. Everything
 * happens on one event loop.
 */
public final class NullServer {

    private final Map<String, NullConnection> consumers = new HashMap<>();

    private final Performatives performatives = new Performatives();

    private NullServer() {}

    /** Serves on the port that is the only argument, until the process ends. */
    public static void main(String[] arguments) {
        var server = new NullServer();
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
        vertx.createNetServer(new NetServerOptions()
                        .setTcpNoDelay(true)
                        .setAcceptBacklog(1024)
                        .setHost("127.0.0.1")
                        .setPort(Integer.parseInt(arguments[0])))
                .connectHandler(socket -> new NullConnection(socket, server.consumers, server.performatives).start())
                .listen()
                .onFailure(e -> {
                    System.err.println("null server: " + e.getMessage());
                    System.exit(1);
                });
    }
}
