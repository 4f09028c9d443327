package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.ExchangeType;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Routes by pattern: words split by dots, {@code *} is one word, {@code #} is zero or more. The empty key has no words.
 * Immutable, any thread.
 */
final class TopicExchange implements ExchangeType {

    /** Most words of a pattern. */
    static final int MAX_WORDS = 128;

    /** Most {@code #} in a pattern. */
    static final int MAX_HASHES = 8;

    @Override
    public String name() {
        return "topic";
    }

    @Override
    public Routes create(ExchangeSpec spec) {
        return new TopicRoutes(Node.EMPTY);
    }

    /** The first word of a key begins here; a position beyond the length means that no word is left. */
    private static int start(String key) {
        return key.isEmpty() ? 1 : 0;
    }

    private static int end(String key, int from) {
        int dot = key.indexOf('.', from);
        return dot < 0 ? key.length() : dot;
    }

    private static boolean is(char wildcard, String key, int from, int to) {
        return to - from == 1 && key.charAt(from) == wildcard;
    }

    /** The routes as a tree of words, so that a match follows the key and never looks at patterns that differ early. */
    record TopicRoutes(Node root) implements Routes {

        @Override
        public Routes with(Binding binding) {
            check(binding.key());
            return new TopicRoutes(root.with(binding, start(binding.key())));
        }

        @Override
        public Routes without(Binding binding) {
            return new TopicRoutes(root.without(binding, start(binding.key())));
        }

        @Override
        public void route(Message message, String routingKey, Consumer<Binding> matched) {
            walk(routingKey, matched);
        }

        /** Matches, and answers how many nodes of the tree it looked at. */
        int walk(String routingKey, Consumer<Binding> matched) {
            var walk = new Walk(routingKey, matched);
            walk.at(root, start(routingKey), false);
            return walk.visited;
        }

        @Override
        public boolean byKeyAlone() {
            return true;
        }

        private static void check(String pattern) {
            int words = 0;
            int hashes = 0;
            for (int from = start(pattern); from <= pattern.length(); ) {
                int to = end(pattern, from);
                words++;
                hashes += is('#', pattern, from, to) ? 1 : 0;
                from = to + 1;
            }
            if (words > MAX_WORDS) {
                throw new IllegalArgumentException(
                        "binding key '" + pattern + "' has " + words + " words; at most " + MAX_WORDS + " are allowed");
            }
            if (hashes > MAX_HASHES) {
                throw new IllegalArgumentException(
                        "binding key '" + pattern + "' has " + hashes + " '#'; at most " + MAX_HASHES + " are allowed");
            }
        }
    }

    /** The patterns that share their first words. */
    private record Node(
            PersistentMap<String, Node> words,
            @Nullable Node star,
            @Nullable Node hash,
            BindingSet bindings) {

        static final Node EMPTY = new Node(PersistentMap.empty(), null, null, BindingSet.EMPTY);

        private boolean isEmpty() {
            return words.isEmpty() && star == null && hash == null && bindings.isEmpty();
        }

        Node with(Binding binding, int from) {
            String key = binding.key();
            if (from > key.length()) {
                return new Node(words, star, hash, bindings.with(binding));
            }
            int to = end(key, from);
            if (is('*', key, from, to)) {
                return new Node(words, orEmpty(star).with(binding, to + 1), hash, bindings);
            }
            if (is('#', key, from, to)) {
                return new Node(words, star, orEmpty(hash).with(binding, to + 1), bindings);
            }
            String word = key.substring(from, to);
            return new Node(words.with(word, orEmpty(words.get(word)).with(binding, to + 1)), star, hash, bindings);
        }

        Node without(Binding binding, int from) {
            String key = binding.key();
            if (from > key.length()) {
                return new Node(words, star, hash, bindings.without(binding));
            }
            int to = end(key, from);
            if (is('*', key, from, to)) {
                return new Node(words, without(star, binding, to + 1), hash, bindings);
            }
            if (is('#', key, from, to)) {
                return new Node(words, star, without(hash, binding, to + 1), bindings);
            }
            String word = key.substring(from, to);
            Node left = without(words.get(word), binding, to + 1);
            return new Node(left == null ? words.without(word) : words.with(word, left), star, hash, bindings);
        }

        private static @Nullable Node without(@Nullable Node node, Binding binding, int from) {
            if (node == null) {
                return null;
            }
            Node left = node.without(binding, from);
            return left.isEmpty() ? null : left;
        }

        private static Node orEmpty(@Nullable Node node) {
            return node == null ? EMPTY : node;
        }
    }

    /** One match of one routing key. */
    private static final class Walk {

        private final String key;
        private final Consumer<Binding> matched;
        private @Nullable Set<Node> entered;
        private int visited;

        Walk(String key, Consumer<Binding> matched) {
            this.key = key;
            this.matched = matched;
        }

        /** Matches the words from a position on with what is below a node. */
        void at(Node node, int from, boolean belowHash) {
            visited++;
            if (node.hash != null) {
                anyWords(node.hash, from, belowHash);
            }
            if (from > key.length()) {
                node.bindings.forEach(matched);
                return;
            }
            next(node, from, belowHash);
        }

        private void next(Node node, int from, boolean belowHash) {
            int to = end(key, from);
            if (!node.words.isEmpty()) {
                Node child = PersistentMap.get(node.words, key, from, to);
                if (child != null) {
                    at(child, to + 1, belowHash);
                }
            }
            if (node.star != null) {
                at(node.star, to + 1, belowHash);
            }
        }

        /** Lets a {@code #} take none, one, two… of the words from a position on. */
        private void anyWords(Node hash, int from, boolean belowHash) {
            /*
             * A '#' below another '#' is reached again and again, each time at a later word than before, because the
             * outer one takes words in ascending order. What follows it was tried from the earlier word on already:
             * entering each '#' once keeps the walk at (nodes × words) where it would grow by a power per '#'.
             */
            if (belowHash && !entered().add(hash)) {
                return;
            }
            visited++;
            hash.bindings.forEach(matched);
            if (hash.hash != null) {
                anyWords(hash.hash, from, true);
            }
            if (hash.words.isEmpty() && hash.star == null) {
                return;
            }
            for (int at = from; at <= key.length(); at = end(key, at) + 1) {
                next(hash, at, true);
            }
        }

        private Set<Node> entered() {
            if (entered == null) {
                entered = Collections.newSetFromMap(new IdentityHashMap<>());
            }
            return entered;
        }
    }
}
