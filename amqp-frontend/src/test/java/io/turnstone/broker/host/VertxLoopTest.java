package io.turnstone.broker.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.LoopConfig;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An event loop")
class VertxLoopTest {

    private final VertxHost host = new VertxHost(new LoopConfig(2, true), 10, 10);
    private final Loop loop = host.loops().get(0);

    @AfterEach
    void close() {
        host.close();
    }

    private <T> T finished(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    @Test
    void isOneOfSeveralThreads() throws Exception {
        var first = new CompletableFuture<Thread>();
        var second = new CompletableFuture<Thread>();
        host.loops().get(0).execute(() -> first.complete(Thread.currentThread()));
        host.loops().get(1).execute(() -> second.complete(Thread.currentThread()));

        assertThat(finished(first)).isNotSameAs(finished(second));
        assertThat(host.loops()).extracting(Loop::index).containsExactly(0, 1);
        assertThat(loop.inLoop()).isFalse();
    }

    @Test
    void endsATurnAfterWhatWasWaitingAndBeginsAnotherForWhatCameUp() throws Exception {
        List<String> order = new ArrayList<>();
        var done = new CompletableFuture<List<String>>();
        loop.execute(() -> {
            loop.execute(() -> {
                order.add("next turn");
                loop.execute(() -> done.complete(order));
            });
            loop.atEndOfTurn(() -> {
                order.add("end");
                loop.atEndOfTurn(() -> order.add("same end"));
            });
            order.add("turn");
        });

        assertThat(finished(done)).containsExactly("turn", "end", "same end", "next turn");
    }

    @Test
    void endsTheTurnOfASocketReadBeforeItBeginsTheNext() throws Exception {
        host.listen(ListenerConfig.amqp("127.0.0.1", 0), new Ordered(), null);
        String address = host.addresses().get("amqp").get(0);
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            for (int i = 0; i < 20; i++) {
                socket.getOutputStream().write('?');
                assertThat(socket.getInputStream().readNBytes(2))
                        .asString(US_ASCII)
                        .isEqualTo("en");
            }
        }
    }

    /** Answers each read with the order of what it asked for: e at the end of the turn, n in the next. */
    private static final class Ordered implements Protocol {
        @Override
        public String name() {
            return "ordered";
        }

        @Override
        public Connection accept(Channel channel, Protocol.Host ignored) {
            return new Connection() {
                @Override
                public void received(ByteBuffer bytes) {
                    bytes.position(bytes.limit());
                    channel.loop().execute(() -> channel.out(1).put((byte) 'n'));
                    channel.loop().atEndOfTurn(() -> channel.out(1).put((byte) 'e'));
                }

                @Override
                public void drained() {}

                @Override
                public void closed() {}

                @Override
                public void stop() {
                    channel.close();
                }

                @Override
                public Optional<ConnectionStatus> status() {
                    return Optional.empty();
                }
            };
        }
    }

    @Test
    void goesOnAfterATaskThatFails() throws Exception {
        var done = new CompletableFuture<String>();
        loop.execute(() -> {
            loop.atEndOfTurn(() -> {
                throw new IllegalStateException("on purpose");
            });
            loop.atEndOfTurn(() -> done.complete("still here"));
        });

        assertThat(finished(done)).isEqualTo("still here");
    }

    @Test
    void readsTheClockOncePerTurnAndNeverFiresEarly() throws Exception {
        var firedAt = new CompletableFuture<Long>();
        var begin = new AtomicLong();
        loop.execute(() -> {
            begin.set(loop.now());
            assertThat(loop.now()).isEqualTo(begin.get());
            loop.schedule(50, () -> firedAt.complete(loop.now()));
        });

        assertThat(finished(firedAt)).isGreaterThanOrEqualTo(begin.get() + 50);
    }

    @Test
    void forgetsACancelledTimer() throws Exception {
        List<String> fired = new ArrayList<>();
        var done = new CompletableFuture<List<String>>();
        loop.execute(() -> {
            loop.schedule(10, () -> fired.add("cancelled")).cancel();
            loop.schedule(60, () -> done.complete(fired));
        });

        assertThat(finished(done)).isEmpty();
    }
}
