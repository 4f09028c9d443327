package io.turnstone.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.message.Message;

/**
 * Request and reply, one at a time: a requester with a temporary queue asks at an address, a responder on a
 * connection and thread of its own answers through the anonymous terminus to each request's {@code reply-to}. All
 * pre-settled and not durable.
 */
public final class RoundTrips {

    private static final int TIMEOUT_MS = 30_000;
    private static final int CREDIT = 100;
    private static final int DIGITS = 3;

    private final BrokerUrl url;
    private final String address;
    private final int bytes;
    private final Optional<BrokerProcess> broker;

    /**
     * Between two connections that are yet to be opened.
     *
     * @param address where requests go, and where the responder receives
     * @param bytes size of the bodies
     */
    public RoundTrips(BrokerUrl url, String address, int bytes, Optional<BrokerProcess> broker) {
        this.url = url;
        this.address = address;
        this.bytes = bytes;
        this.broker = broker;
    }

    /**
     * What was measured.
     *
     * @param nanos from request to reply, of each
     * @param tookNanos all of them
     * @param brokerCpuNanos 0 when the broker's process is unknown
     */
    public record Measured(Histogram nanos, long tookNanos, long brokerCpuNanos) {

        /** Round trips per second. */
        public double rate() {
            return nanos.getTotalCount() * 1e9 / tookNanos;
        }

        /** The broker's processor time for each round trip, in microseconds. */
        public double brokerCpuMicros() {
            return brokerCpuNanos / 1e3 / nanos.getTotalCount();
        }

        /** Of one round trip. */
        public double percentileMs(double percentile) {
            return nanos.getValueAtPercentile(percentile) / 1e6;
        }
    }

    /** Makes {@code warmUp} round trips, then measures so many. */
    public Measured measure(int warmUp, int measured) throws IOException, InterruptedException {
        try (Client responder = Client.connect(url, "turnstone-load-responder", TIMEOUT_MS);
                Client requester = Client.connect(url, "turnstone-load-requester", TIMEOUT_MS)) {
            responder.receiver(address, CREDIT);
            int reply = responder.sender("");
            var failure = new CompletableFuture<Void>();
            var thread = new Thread(() -> respond(responder, reply, warmUp + measured, failure), "responder");
            thread.setDaemon(true);
            thread.start();
            Measured result = ask(requester, warmUp, measured, failure);
            thread.join();
            return result;
        }
    }

    private static void respond(Client client, int sender, int requests, CompletableFuture<Void> failure) {
        try {
            for (int i = 0; i < requests; i++) {
                ByteBuffer encoded = client.receive();
                Message request = decoded(encoded);
                Message reply = Proton.message();
                reply.setAddress(request.getReplyTo());
                reply.setCorrelationId(request.getMessageId());
                reply.setBody(request.getBody());
                client.send(sender, encoded(reply, encoded.remaining()), true);
            }
        } catch (IOException | RuntimeException e) {
            failure.completeExceptionally(e);
        }
    }

    private Measured ask(Client client, int warmUp, int measured, CompletableFuture<Void> failure) throws IOException {
        String replyTo = client.receiver("", CREDIT);
        int sender = client.sender(address);
        Message request = Proton.message();
        request.setReplyTo(replyTo);
        request.setBody(new Data(new Binary(new byte[bytes])));
        var histogram = new Histogram(DIGITS);
        long cpu = 0;
        long begin = 0;
        for (int i = -warmUp; i < measured; i++) {
            if (i == 0) {
                cpu = cpuNanos();
                begin = System.nanoTime();
            }
            request.setMessageId("request-" + i);
            long start = System.nanoTime();
            client.send(sender, encoded(request, bytes), true);
            receive(client, failure, "request-" + i);
            if (i >= 0) {
                histogram.recordValue(System.nanoTime() - start);
            }
        }
        return new Measured(histogram, System.nanoTime() - begin, cpuNanos() - cpu);
    }

    private static void receive(Client client, CompletableFuture<Void> failure, String expected) throws IOException {
        try {
            Message reply = decoded(client.receive());
            if (!expected.equals(reply.getCorrelationId())) {
                throw new BrokerFailure("the reply to " + reply.getCorrelationId() + " instead of " + expected);
            }
        } catch (BrokerFailure e) {
            throw failure.isCompletedExceptionally() ? new IOException("no reply: " + reason(failure), e) : e;
        }
    }

    private static String reason(CompletableFuture<Void> failure) {
        try {
            failure.join();
            return "";
        } catch (CompletionException | CancellationException e) {
            return String.valueOf(e.getCause());
        }
    }

    private static Message decoded(ByteBuffer encoded) {
        Message message = Proton.message();
        message.decode(encoded.array(), encoded.arrayOffset() + encoded.position(), encoded.remaining());
        return message;
    }

    private static byte[] encoded(Message message, int bodyBytes) {
        var buffer = new byte[bodyBytes + 1024];
        int length = message.encode(buffer, 0, buffer.length);
        return Arrays.copyOf(buffer, length);
    }

    private long cpuNanos() throws IOException {
        return broker.isPresent() ? broker.get().cpuNanos() : 0;
    }
}
