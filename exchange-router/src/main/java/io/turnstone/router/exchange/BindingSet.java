package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A set of bindings in which a change shares what it can. Immutable, any thread. */
public final class BindingSet {

    /** The set without bindings. */
    public static final BindingSet EMPTY = new BindingSet(PersistentMap.empty());

    private final PersistentMap<Binding, Binding> bindings;

    private BindingSet(PersistentMap<Binding, Binding> bindings) {
        this.bindings = bindings;
    }

    /** This set and one more binding. */
    public BindingSet with(Binding binding) {
        return new BindingSet(bindings.with(binding, binding));
    }

    /** This set without one binding; this set itself when it does not have it. */
    public BindingSet without(Binding binding) {
        var left = bindings.without(binding);
        return left == bindings ? this : left.isEmpty() ? EMPTY : new BindingSet(left);
    }

    /** One more in the set of a key. */
    static <K> PersistentMap<K, BindingSet> added(PersistentMap<K, BindingSet> map, K key, Binding binding) {
        BindingSet there = map.get(key);
        return map.with(key, (there == null ? EMPTY : there).with(binding));
    }

    /** One less in the set of a key; an empty set leaves the map. */
    static <K> PersistentMap<K, BindingSet> removed(PersistentMap<K, BindingSet> map, K key, Binding binding) {
        BindingSet there = map.get(key);
        if (there == null) {
            return map;
        }
        BindingSet left = there.without(binding);
        return left.isEmpty() ? map.without(key) : map.with(key, left);
    }

    boolean contains(Binding binding) {
        return bindings.contains(binding);
    }

    /** Whether there is no binding. */
    public boolean isEmpty() {
        return bindings.isEmpty();
    }

    int size() {
        return bindings.size();
    }

    /** Tells each binding. */
    void forEach(Consumer<Binding> action) {
        bindings.forEach((binding, same) -> action.accept(binding));
    }

    /** The bindings of a set that may be absent. */
    static void tell(@Nullable BindingSet bindings, Consumer<Binding> action) {
        if (bindings != null) {
            bindings.forEach(action);
        }
    }

    /** The bindings, in no particular order. */
    public List<Binding> list() {
        var list = new ArrayList<Binding>(size());
        forEach(list::add);
        return list;
    }
}
