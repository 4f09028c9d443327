package io.turnstone.hash;

import io.turnstone.api.Binding;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.ExchangeType;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Picks the binding with the highest score for a key: weighted rendezvous hashing (Thaler and Ravishankar, 1998, with
 * the logarithmic weighting of Schindelhauer and Schomaker, 2005). Each binding scores a key by itself, so bindings
 * that come and go never move a key between two others. Choosing costs one hash per binding, at most
 * {@value #MAX_BINDINGS}; the broker remembers the choice per routing key.
 *
 * <p>The hash is part of what users rely on and must not change between releases. Immutable.
 */
final class WeightedRendezvous implements ExchangeType.Routes {

    static final int MAX_BINDINGS = 1024;
    static final int MAX_WEIGHT = 1000;

    private static final double TWO_TO_MINUS_53 = 0x1.0p-53;

    private final @Nullable String header;
    private final Binding[] bindings;
    private final long[] seeds;
    private final int[] weights;

    private WeightedRendezvous(@Nullable String header, Binding[] bindings) {
        this.header = header;
        this.bindings = bindings;
        seeds = new long[bindings.length];
        weights = new int[bindings.length];
        for (int i = 0; i < bindings.length; i++) {
            seeds[i] = hash(bindings[i].destination(), bindings[i].toExchange() ? 1 : 0);
            weights[i] = weight(bindings[i]);
        }
    }

    static WeightedRendezvous empty(@Nullable String header) {
        return new WeightedRendezvous(header, new Binding[0]);
    }

    private static int weight(Binding binding) {
        int weight;
        try {
            weight = Integer.parseInt(binding.key());
        } catch (NumberFormatException notANumber) {
            weight = 0;
        }
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("binding of '" + binding.destination() + "' to '" + binding.exchange()
                    + "': key '" + binding.key() + "' must be its weight, 1 to " + MAX_WEIGHT);
        }
        return weight;
    }

    @Override
    public ExchangeType.Routes with(Binding binding) {
        if (bindings.length == MAX_BINDINGS) {
            throw new IllegalArgumentException(
                    "exchange '" + binding.exchange() + "' has " + MAX_BINDINGS + " bindings, the most it can have");
        }
        Binding[] more = Arrays.copyOf(bindings, bindings.length + 1);
        more[bindings.length] = binding;
        return new WeightedRendezvous(header, more);
    }

    @Override
    public ExchangeType.Routes without(Binding binding) {
        return new WeightedRendezvous(
                header,
                Arrays.stream(bindings).filter(other -> !other.equals(binding)).toArray(Binding[]::new));
    }

    @Override
    public void route(Message message, String routingKey, Consumer<Binding> matched) {
        if (bindings.length > 0) {
            matched.accept(bindings[choose(hash(hashed(message, routingKey), 0))]);
        }
    }

    private String hashed(Message message, String routingKey) {
        if (header == null) {
            return routingKey;
        }
        Object value = message.property(header);
        return value == null ? "" : value.toString();
    }

    private int choose(long key) {
        int best = 0;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < seeds.length; i++) {
            // In (0, 1): the logarithm is finite and negative, so the score is positive.
            double uniform = ((mix(key ^ seeds[i]) >>> 11) + 0.5) * TWO_TO_MINUS_53;
            double score = weights[i] / -Math.log(uniform);
            if (score > bestScore) {
                bestScore = score;
                best = i;
            }
        }
        return best;
    }

    @Override
    public boolean byKeyAlone() {
        return header == null;
    }

    /** FNV-1a over the characters, then mixed. */
    private static long hash(String text, int salt) {
        long hash = 0xcbf29ce484222325L + salt;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): every input bit reaches every output bit. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
