package io.turnstone.api.plugin;

import io.turnstone.api.Loop;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Peer;
import io.turnstone.api.Router;
import io.turnstone.api.store.StoreProvider;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a plugin may ask of the broker and offer to it. Registration ends when {@link Plugin#start} returns.
 *
 * <p><b>Threads:</b> registration in {@link Plugin#start} only; {@link #broker} and {@link #router} from any thread.
 */
public interface PluginContext {

    /** The plugin's {@code config:} from the configuration file: strings, numbers, booleans, lists and maps. */
    Map<String, Object> config();

    /** The logger of this plugin. */
    System.Logger logger();

    /** A folder of the plugin's own below the data folder; made on first call. */
    Path folder();

    /** The running broker, to look at. */
    BrokerView broker();

    /** The core, to publish and consume, on a {@link #loop} for a {@link #peer}; usable after the broker has started. */
    Router router();

    /** An event loop for what the plugin does without a connection, always the same; usable after the broker has started. */
    Loop loop();

    /** Who the plugin is where somebody has to be named; may do everything. */
    Peer peer();

    /**
     * How messages are encoded. Makes messages of bytes, for interceptors and protocols that publish their own.
     *
     * @param id {@code amqp-1.0}: the sections of a message (AMQP 1.0, part 3, section 3.2), one after another
     * @throws IllegalArgumentException when there is none of this name
     */
    MessageFormat format(String id);

    /** Offers an exchange type. */
    void exchangeType(ExchangeType type);

    /** Looks at every message on its way in, in the order of registration. */
    void publishInterceptor(PublishInterceptor interceptor);

    /** Looks at every delivery on its way out. */
    void deliveryInterceptor(DeliveryInterceptor interceptor);

    /** Checks credentials instead of the users in the configuration file. */
    void authenticator(Authenticator authenticator);

    /** Decides about permissions instead of those in the configuration file. */
    void authorizer(Authorizer authorizer);

    /** Offers a store type. */
    void storeProvider(StoreProvider provider);

    /** Offers a protocol that listeners can name. */
    void protocol(Protocol protocol);

    /** Hears what happens in the broker. */
    void listener(BrokerListener listener);
}
