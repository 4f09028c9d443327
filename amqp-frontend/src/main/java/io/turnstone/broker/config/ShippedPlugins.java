package io.turnstone.broker.config;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The plugins that come with the broker, of which it is known before they are loaded what they offer.
 *
 * @param on the names of those that are switched on
 * @param others whether plugins are switched on that may offer anything
 */
record ShippedPlugins(Set<String> on, boolean others) {

    private static final String HASH = "consistent-hash";
    private static final Set<String> SHIPPED = Set.of(HASH, "metrics");

    static ShippedPlugins of(Values file) {
        Set<String> on = file.get(ConfigShape.PLUGINS).stream()
                .map(plugin -> plugin.value().name())
                .collect(Collectors.toSet());
        return new ShippedPlugins(on, !SHIPPED.containsAll(on));
    }

    /** Whether there may be exchanges of this type, which is not built in. */
    boolean offersExchangeType(String type) {
        return others || (type.equals(HASH) && on.contains(HASH));
    }

    /** What to do about an exchange type that nothing offers. */
    static String remedy(String type, List<String> builtIn) {
        return type.equals(HASH)
                ? "comes with a plugin: add { name: " + HASH + " } under 'plugins'"
                : "must not be '" + type + "'; " + Suggestion.sentence(type, builtIn)
                        + " Others need their plugin under 'plugins'";
    }
}
