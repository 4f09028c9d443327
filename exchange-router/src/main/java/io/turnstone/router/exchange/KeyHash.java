package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Hashes of keys that peers choose: names, binding keys, arguments. Seeded at random for this process, over all
 * characters, so that nobody can choose many of equal hash, as is easily done with that of {@link String}. Pure, any
 * thread.
 */
final class KeyHash {

    private static final long SEED = new SplittableRandom().nextLong();
    private static final long FACTOR = new SplittableRandom().nextLong() | 1;
    private static final int ROTATION = 23;

    private KeyHash() {}

    static int of(Object key) {
        if (key instanceof String text) {
            return of(text, 0, text.length());
        }
        return key instanceof Binding binding ? of(binding) : spread(mixed(SEED, key.hashCode()));
    }

    /** The hash of a slice, as if it were a text of its own. */
    static int of(String text, int from, int to) {
        long hash = SEED;
        for (int i = from; i < to; i++) {
            hash = mixed(hash, text.charAt(i));
        }
        return spread(hash);
    }

    private static int of(Binding binding) {
        long hash = mixed(SEED, of(binding.exchange()));
        hash = mixed(hash, of(binding.destination()));
        hash = mixed(hash, of(binding.key()));
        int arguments = 0; // their order is of no meaning
        for (Map.Entry<String, Object> argument : binding.arguments().entrySet()) {
            arguments += spread(mixed(mixed(SEED, of(argument.getKey())), of(argument.getValue())));
        }
        return spread(mixed(hash, arguments));
    }

    private static long mixed(long hash, int next) {
        return Long.rotateLeft((hash ^ next) * FACTOR, ROTATION);
    }

    private static int spread(long hash) {
        long product = (hash ^ hash >>> 32) * FACTOR;
        return (int) (product ^ product >>> 32);
    }
}
