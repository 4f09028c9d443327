package io.turnstone.it;

import com.azure.core.amqp.AmqpConnection;
import com.azure.core.amqp.AmqpRetryPolicy;
import com.azure.core.amqp.ClaimsBasedSecurityNode;
import com.azure.core.amqp.implementation.AmqpLinkProvider;
import com.azure.core.amqp.implementation.AmqpReceiveLink;
import com.azure.core.amqp.implementation.ConnectionOptions;
import com.azure.core.amqp.implementation.ConsumerFactory;
import com.azure.core.amqp.implementation.MessageSerializer;
import com.azure.core.amqp.implementation.ProtonSessionWrapper;
import com.azure.core.amqp.implementation.ReactorConnection;
import com.azure.core.amqp.implementation.ReactorHandlerProvider;
import com.azure.core.amqp.implementation.ReactorProvider;
import com.azure.core.amqp.implementation.ReactorSession;
import com.azure.core.amqp.implementation.TokenManagerProvider;
import com.azure.core.amqp.implementation.handler.DeliverySettleMode;
import com.azure.core.util.metrics.MeterProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.message.Message;
import reactor.core.publisher.Mono;

/** A connection of azure-core-amqp, put together as the libraries for Service Bus and Event Hubs do it. */
final class AzureConnection extends ReactorConnection {

    private final Parts parts;

    AzureConnection(ConnectionOptions options, TokenManagerProvider tokens) {
        this(new Parts(options, tokens, new ReactorProvider()));
    }

    private AzureConnection(Parts parts) {
        super(
                "azure-" + Instant.now().toEpochMilli(),
                parts.options,
                parts.provider,
                parts.provided,
                parts.links,
                parts.tokens,
                parts.messages,
                SenderSettleMode.SETTLED,
                ReceiverSettleMode.FIRST,
                false,
                false);
        this.parts = parts;
    }

    @Override
    protected ReactorSession createSession(ProtonSessionWrapper session) {
        return new Session(this, session, getClaimsBasedSecurityNode(), parts);
    }

    /** What a connection and its sessions are made of. */
    private static final class Parts {
        private final ConnectionOptions options;
        private final TokenManagerProvider tokens;
        private final ReactorProvider provider;
        private final ReactorHandlerProvider provided;
        private final AmqpLinkProvider links = new AmqpLinkProvider();
        private final MessageSerializer messages = new Messages();

        Parts(ConnectionOptions options, TokenManagerProvider tokens, ReactorProvider provider) {
            this.options = options;
            this.tokens = tokens;
            this.provider = provider;
            provided = new ReactorHandlerProvider(
                    provider, MeterProvider.getDefaultProvider().createMeter("turnstone-test", "1", null));
        }
    }

    /** A session that also makes the receivers of Service Bus. */
    static final class Session extends ReactorSession {

        private Session(
                AmqpConnection connection,
                ProtonSessionWrapper session,
                Mono<ClaimsBasedSecurityNode> claims,
                Parts parts) {
            super(
                    connection,
                    session,
                    parts.provided,
                    parts.links,
                    claims,
                    parts.tokens,
                    parts.messages,
                    parts.options.getRetry());
        }

        /** One that settles by lock token, and waits for the other end to do so. */
        Mono<AmqpReceiveLink> settlingConsumer(String name, String path, Duration patience, AmqpRetryPolicy policy) {
            return createConsumer(
                    name,
                    path,
                    patience,
                    policy,
                    Map.of(),
                    Map.of(),
                    null,
                    SenderSettleMode.UNSETTLED,
                    ReceiverSettleMode.SECOND,
                    new ConsumerFactory(DeliverySettleMode.SETTLE_VIA_DISPOSITION, true));
        }
    }

    /** Messages as they are. */
    private static final class Messages implements MessageSerializer {
        @Override
        public int getSize(Message message) {
            return 64 * 1024;
        }

        @Override
        public <T> Message serialize(T object) {
            return (Message) object;
        }

        @Override
        public <T> T deserialize(Message message, Class<T> type) {
            return type.cast(message);
        }

        @Override
        public <T> List<T> deserializeList(Message message, Class<T> type) {
            return List.of(type.cast(message));
        }
    }
}
