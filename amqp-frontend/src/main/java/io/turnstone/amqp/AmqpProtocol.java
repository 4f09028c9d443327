package io.turnstone.amqp;

import io.turnstone.api.plugin.Protocol;

/** AMQP 1.0 as a protocol a listener can name. Immutable but for what its connections share; any thread. */
public final class AmqpProtocol implements Protocol {

    private final AmqpSettings settings;
    private final SharedState shared;

    /** With these limits for every connection. */
    public AmqpProtocol(AmqpSettings settings) {
        this.settings = settings;
        shared = new SharedState(new SoleConnections(), new Strangers(), new LastingLinks(settings.lasting()));
    }

    /** Links that are suspended: gone with their connection, and kept to be resumed. */
    public int suspendedLinks() {
        return shared.lasting().suspended();
    }

    @Override
    public String name() {
        return "amqp";
    }

    @Override
    public Connection accept(Channel channel, Host host) {
        return new AmqpConnection(channel, host, settings, shared);
    }
}
