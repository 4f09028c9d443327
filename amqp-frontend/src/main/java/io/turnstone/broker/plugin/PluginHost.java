package io.turnstone.broker.plugin;

import io.turnstone.api.Loop;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.BrokerView;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a broker offers to its plugins. Immutable, any thread.
 *
 * @param folder below it each plugin gets a folder of its own
 * @param view the broker, to look at
 * @param router the core; need not work before the broker has started
 * @param loop where plugins work with it; throws before the broker has started
 * @param connectionIds a new number for each who is somebody to the core
 * @param formats of messages, by id
 */
public record PluginHost(
        Path folder,
        BrokerView view,
        Router router,
        Supplier<Loop> loop,
        LongSupplier connectionIds,
        Map<String, MessageFormat> formats) {}
