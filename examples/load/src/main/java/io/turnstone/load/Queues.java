package io.turnstone.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.message.Message;

/** Gives each of many queues one durable message, from several connections at a time. Owned by one thread. */
public final class Queues {

    private static final int TIMEOUT_MS = 30_000;

    private final BrokerUrl url;
    private final String address;
    private final int bytes;

    /**
     * Queues that the broker has, or makes on first use.
     *
     * @param address {@code %d} in it becomes the number of the queue
     */
    public Queues(BrokerUrl url, String address, int bytes) {
        this.url = url;
        this.address = address;
        this.bytes = bytes;
    }

    /**
     * Sends one message to each.
     *
     * @param connections over which they are dealt, each with a thread of its own
     * @return queues per second
     */
    public double fill(int queues, int connections) throws IOException, InterruptedException {
        long start = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            var parts = new ArrayList<Callable<Void>>();
            for (int i = 0; i < connections; i++) {
                int first = i;
                parts.add(() -> {
                    fill(first, queues, connections);
                    return null;
                });
            }
            for (Future<Void> part : threads.invokeAll(parts)) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
        return queues * 1e9 / (System.nanoTime() - start);
    }

    private void fill(int first, int queues, int step) throws IOException {
        byte[] message = message();
        try (Client client = Client.connect(url, "turnstone-load-queues-" + first, TIMEOUT_MS)) {
            for (int i = first; i < queues; i += step) {
                int sender = client.sender(address.replace("%d", Integer.toString(i)));
                client.send(sender, message, false);
                client.detach(sender);
            }
        }
    }

    private byte[] message() {
        Message message = Proton.message();
        message.setDurable(true);
        message.setBody(new Data(new Binary(new byte[bytes])));
        var buffer = new byte[bytes + 256];
        return Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length));
    }
}
