package io.turnstone.broker.host;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.transport.Transport;

/** Linux' own readiness calls, whose loops wait as {@link IdleWait} says. */
final class SpinningEpoll implements Transport {

    private static final int GROWING = 0;

    private final EpollTransport implementation = new EpollTransport() {
        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return EpollIoHandler.newFactory(GROWING, () -> new IdleWait(System::nanoTime));
        }
    };

    @Override
    public String name() {
        return EPOLL.name();
    }

    @Override
    public boolean available() {
        return EPOLL.available();
    }

    @Override
    public Throwable unavailabilityCause() {
        return EPOLL.unavailabilityCause();
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
        return implementation;
    }
}
