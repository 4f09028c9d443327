package io.turnstone.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Opens connections one after the other, each with a session and a receiver that has credit, and leaves them idle.
 * Owned by one thread.
 */
public final class Connects implements AutoCloseable {

    private static final int TIMEOUT_MS = 30_000;
    private static final int CREDIT = 100;

    /** Brokers close connections that say nothing for half a minute or longer. */
    private static final long KEEP_ALIVE_NANOS = 10_000_000_000L;

    private final BrokerUrl url;
    private final String address;
    private final Optional<BrokerProcess> broker;
    private final Performatives performatives = new Performatives();
    private final List<Client> open = new ArrayList<>();

    /**
     * None yet.
     *
     * @param address where each connection has a receiver
     */
    public Connects(BrokerUrl url, String address, Optional<BrokerProcess> broker) {
        this.url = url;
        this.address = address;
        this.broker = broker;
    }

    /**
     * What connecting took.
     *
     * @param brokerCpuNanos of the broker's process for all of them; empty when it is unknown
     */
    public record Cost(int connections, long nanos, OptionalLong brokerCpuNanos) {

        /** Connections per second. */
        public double rate() {
            return connections * 1e9 / nanos;
        }

        /** Milliseconds of the broker's processor time for each. */
        public OptionalDouble brokerCpuMs() {
            return brokerCpuNanos.isPresent()
                    ? OptionalDouble.of(brokerCpuNanos.getAsLong() / 1e6 / connections)
                    : OptionalDouble.empty();
        }
    }

    /**
     * What the broker keeps for the connections that are open, by the difference to the moment before them.
     *
     * @param directBytes empty when the broker runs without native memory tracking
     */
    public record Held(long heapBytes, OptionalLong directBytes) {

        static Held of(BrokerProcess broker) throws IOException {
            var memory = new JavaMemory(broker.pid());
            return new Held(memory.liveHeapBytes(), memory.directBytes());
        }

        Held minus(Held before) {
            return new Held(
                    heapBytes - before.heapBytes,
                    directBytes.isPresent() && before.directBytes.isPresent()
                            ? OptionalLong.of(directBytes.getAsLong() - before.directBytes.getAsLong())
                            : OptionalLong.empty());
        }
    }

    /** Opens so many more. */
    public Cost open(int connections) throws IOException {
        long cpu = cpuNanos();
        long start = System.nanoTime();
        long aliveNanos = start;
        for (int i = 0; i < connections; i++) {
            if (System.nanoTime() - aliveNanos > KEEP_ALIVE_NANOS) {
                keepAlive();
                aliveNanos = System.nanoTime();
            }
            Client client = Client.connect(url, "turnstone-load-idle-" + open.size(), TIMEOUT_MS, performatives);
            open.add(client);
            client.receiver(address, CREDIT);
        }
        long nanos = System.nanoTime() - start;
        return new Cost(
                connections, nanos, broker.isPresent() ? OptionalLong.of(cpuNanos() - cpu) : OptionalLong.empty());
    }

    /** Opens so many more and measures what the broker keeps for them; asks its virtual machine, twice. */
    public Held held(int connections) throws IOException {
        BrokerProcess process =
                broker.orElseThrow(() -> new IOException("memory is measured of a broker on this machine only"));
        Held before = Held.of(process);
        open(connections);
        keepAlive();
        return Held.of(process).minus(before);
    }

    private void keepAlive() throws IOException {
        for (Client client : open) {
            client.keepAlive();
        }
    }

    private long cpuNanos() throws IOException {
        return broker.isPresent() ? broker.get().cpuNanos() : 0;
    }

    @Override
    public void close() {
        open.forEach(Client::close);
        open.clear();
    }
}
