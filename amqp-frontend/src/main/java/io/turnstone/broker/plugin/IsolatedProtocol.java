package io.turnstone.broker.plugin;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The wall around a protocol of a plugin: what it throws ends the one connection. */
record IsolatedProtocol(String name, Protocol plugged, Faults faults) implements Protocol {

    @Override
    public Connection accept(Channel channel, Host host) {
        try {
            return new IsolatedConnection(plugged.accept(channel, host), channel, faults);
        } catch (Throwable e) {
            faults.happened("protocol " + name + ": accept", e);
            channel.close();
            return new Refused();
        }
    }

    private record IsolatedConnection(Connection plugged, Channel channel, Faults faults) implements Connection {
        @Override
        public void received(ByteBuffer bytes) {
            try {
                plugged.received(bytes);
            } catch (Throwable e) {
                failed("received", e);
            }
        }

        @Override
        public void drained() {
            try {
                plugged.drained();
            } catch (Throwable e) {
                failed("drained", e);
            }
        }

        @Override
        public void closed() {
            try {
                plugged.closed();
            } catch (Throwable e) {
                faults.happened("a connection: closed", e);
            }
        }

        @Override
        public void stop() {
            try {
                plugged.stop();
            } catch (Throwable e) {
                failed("stop", e);
            }
        }

        @Override
        public Optional<ConnectionStatus> status() {
            try {
                return plugged.status();
            } catch (Throwable e) {
                faults.happened("a connection: status", e);
                return Optional.empty();
            }
        }

        private void failed(String where, Throwable e) {
            faults.happened("a connection: " + where, e);
            channel.close();
        }
    }

    /** Of a connection that never was. */
    private record Refused() implements Connection {
        @Override
        public void received(ByteBuffer bytes) {}

        @Override
        public void drained() {}

        @Override
        public void closed() {}

        @Override
        public void stop() {}

        @Override
        public Optional<ConnectionStatus> status() {
            return Optional.empty();
        }
    }
}
