package io.turnstone.router.exchange;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map: a change copies the handful of small arrays on the way to one entry and shares the rest.
 * Immutable, any thread.
 *
 * @param <K> keys, equal by value
 * @param <V> values
 */
public final class PersistentMap<K, V> {

    /*
     * A hash array mapped trie. Each level consumes 5 bits of the hash; a branch holds its occupied slots densely behind
     * a bitmap. A slot is a branch or a leaf; leaves of equal hash are chained. A branch is never left with a single
     * leaf (but for the root), so equal contents have equal shape and removal gives the memory back.
     */
    private static final int BITS = 5;
    private static final int MASK = (1 << BITS) - 1;
    private static final Object[] NO_SLOTS = {};
    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(new Branch(0, NO_SLOTS), 0);

    private record Branch(int bitmap, Object[] slots) {}

    private record Leaf(
            int hash, Object key, Object value, @Nullable Leaf next) {}

    private final Branch root;
    private final int size;

    private PersistentMap(Branch root, int size) {
        this.root = root;
        this.size = size;
    }

    /** The map without entries. */
    @SuppressWarnings("unchecked")
    public static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    /** How many keys there are. */
    public int size() {
        return size;
    }

    /** Whether there is no key. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** The value of a key, or null. */
    public @Nullable V get(K key) {
        int hash = KeyHash.of(key);
        for (Leaf leaf = leaf(hash); leaf != null; leaf = leaf.next) {
            if (leaf.key.equals(key)) {
                return value(leaf);
            }
        }
        return null;
    }

    /** Whether a key has a value. */
    public boolean contains(K key) {
        return get(key) != null;
    }

    /** The value whose key is the slice of a text, without making a string of it; or null. */
    static <V> @Nullable V get(PersistentMap<String, V> map, String text, int from, int to) {
        int length = to - from;
        for (Leaf leaf = map.leaf(KeyHash.of(text, from, to)); leaf != null; leaf = leaf.next) {
            String key = (String) leaf.key;
            if (key.length() == length && key.regionMatches(0, text, from, length)) {
                return map.value(leaf);
            }
        }
        return null;
    }

    /** This map with one entry added or replaced. */
    public PersistentMap<K, V> with(K key, V value) {
        var grown = new boolean[1];
        Object root = with(this.root, KeyHash.of(key), 0, key, value, grown);
        return new PersistentMap<>((Branch) root, grown[0] ? size + 1 : size);
    }

    /** This map without one entry; the same map when there is none. */
    public PersistentMap<K, V> without(K key) {
        if (get(key) == null) {
            return this;
        }
        Object left = without(root, KeyHash.of(key), 0, key);
        if (left == null) {
            return empty();
        }
        Branch root = left instanceof Branch branch ? branch : rootOf((Leaf) left);
        return new PersistentMap<>(root, size - 1);
    }

    /** Shows each entry, in no particular order. */
    public void forEach(BiConsumer<? super K, ? super V> action) {
        forEach(root, action);
    }

    @SuppressWarnings("unchecked")
    private void forEach(Object slot, BiConsumer<? super K, ? super V> action) {
        if (slot instanceof Branch branch) {
            for (Object child : branch.slots) {
                forEach(child, action);
            }
        } else {
            for (Leaf leaf = (Leaf) slot; leaf != null; leaf = leaf.next) {
                action.accept((K) leaf.key, (V) leaf.value);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private V value(Leaf leaf) {
        return (V) leaf.value;
    }

    /** The first of the leaves of this hash, or null. */
    private @Nullable Leaf leaf(int hash) {
        Object slot = root;
        for (int shift = 0; slot instanceof Branch branch; shift += BITS) {
            int bit = bit(hash, shift);
            if ((branch.bitmap & bit) == 0) {
                return null;
            }
            slot = branch.slots[index(branch.bitmap, bit)];
        }
        var leaf = (Leaf) slot;
        return leaf.hash == hash ? leaf : null;
    }

    private static Object with(Object slot, int hash, int shift, Object key, Object value, boolean[] grown) {
        if (slot instanceof Branch branch) {
            int bit = bit(hash, shift);
            int at = index(branch.bitmap, bit);
            if ((branch.bitmap & bit) == 0) {
                grown[0] = true;
                return new Branch(branch.bitmap | bit, inserted(branch.slots, at, new Leaf(hash, key, value, null)));
            }
            var slots = branch.slots.clone();
            slots[at] = with(slots[at], hash, shift + BITS, key, value, grown);
            return new Branch(branch.bitmap, slots);
        }
        var leaf = (Leaf) slot;
        if (leaf.hash != hash) {
            grown[0] = true;
            return split(leaf, new Leaf(hash, key, value, null), shift);
        }
        grown[0] = !isIn(leaf, key);
        return new Leaf(hash, key, value, grown[0] ? leaf : removed(leaf, key));
    }

    private static Branch split(Leaf one, Leaf other, int shift) {
        int first = bit(one.hash, shift);
        int second = bit(other.hash, shift);
        if (first == second) {
            return new Branch(first, new Object[] {split(one, other, shift + BITS)});
        }
        boolean inOrder = Integer.compareUnsigned(first, second) < 0;
        return new Branch(first | second, inOrder ? new Object[] {one, other} : new Object[] {other, one});
    }

    private static @Nullable Object without(Object slot, int hash, int shift, Object key) {
        if (!(slot instanceof Branch branch)) {
            return removed((Leaf) slot, key);
        }
        int bit = bit(hash, shift);
        int at = index(branch.bitmap, bit);
        Object left = without(branch.slots[at], hash, shift + BITS, key);
        int remaining = branch.slots.length;
        if (left == null) {
            remaining--;
            if (remaining == 0) {
                return null;
            }
            if (remaining == 1 && branch.slots[1 - at] instanceof Leaf only) {
                return only;
            }
            return new Branch(branch.bitmap & ~bit, cut(branch.slots, at));
        }
        if (remaining == 1 && left instanceof Leaf) {
            return left;
        }
        var slots = branch.slots.clone();
        slots[at] = left;
        return new Branch(branch.bitmap, slots);
    }

    private static Branch rootOf(Leaf leaf) {
        return new Branch(bit(leaf.hash, 0), new Object[] {leaf});
    }

    /** The leaves without that of a key which is among them; those before it are copied, in reverse. */
    private static @Nullable Leaf removed(Leaf chain, Object key) {
        int before = 0;
        Leaf found = chain;
        while (!found.key.equals(key)) {
            found = after(found);
            before++;
        }
        Leaf left = found.next;
        for (Leaf leaf = chain; before > 0; before--) {
            left = new Leaf(leaf.hash, leaf.key, leaf.value, left);
            leaf = after(leaf);
        }
        return left;
    }

    private static Leaf after(Leaf leaf) {
        Leaf next = leaf.next;
        if (next == null) {
            throw new IllegalStateException("the key is not among the leaves of its hash");
        }
        return next;
    }

    private static boolean isIn(Leaf chain, Object key) {
        for (Leaf leaf = chain; leaf != null; leaf = leaf.next) {
            if (leaf.key.equals(key)) {
                return true;
            }
        }
        return false;
    }

    private static Object[] inserted(Object[] slots, int at, Object slot) {
        var more = new Object[slots.length + 1];
        System.arraycopy(slots, 0, more, 0, at);
        more[at] = slot;
        System.arraycopy(slots, at, more, at + 1, slots.length - at);
        return more;
    }

    private static Object[] cut(Object[] slots, int at) {
        var fewer = Arrays.copyOf(slots, slots.length - 1);
        System.arraycopy(slots, at + 1, fewer, at, fewer.length - at);
        return fewer;
    }

    private static int bit(int hash, int shift) {
        return 1 << (hash >>> shift & MASK);
    }

    private static int index(int bitmap, int bit) {
        return Integer.bitCount(bitmap & (bit - 1));
    }
}
