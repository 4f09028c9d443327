package io.turnstone.load;

import java.io.IOException;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.message.Message;

/** Gives each of many queues one durable message, one after the other. Owned by one thread. */
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
     * @return queues per second
     */
    public double fill(int queues) throws IOException {
        Message message = Proton.message();
        message.setDurable(true);
        message.setBody(new Data(new Binary(new byte[bytes])));
        var buffer = new byte[bytes + 256];
        var encoded = new byte[message.encode(buffer, 0, buffer.length)];
        System.arraycopy(buffer, 0, encoded, 0, encoded.length);
        try (Client client = Client.connect(url, "turnstone-load-queues", TIMEOUT_MS)) {
            long start = System.nanoTime();
            for (int i = 0; i < queues; i++) {
                int sender = client.sender(address.replace("%d", Integer.toString(i)));
                client.send(sender, encoded, false);
                client.detach(sender);
            }
            return queues * 1e9 / (System.nanoTime() - start);
        }
    }
}
