package io.turnstone.broker.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The kinds of values that keys have. */
final class Types {

    /** An alias may contain itself. */
    private static final int MAX_DEPTH = 32;

    private Types() {}

    /** Any text. */
    static final Type<String> TEXT =
            scalar("text", Map.of("type", List.of("string", "number", "boolean")), text -> text);

    /** {@code true} or {@code false}. */
    static final Type<Boolean> BOOL = scalar("true or false", Map.of("type", "boolean"), text -> switch (text) {
        case "true" -> Boolean.TRUE;
        case "false" -> Boolean.FALSE;
        default -> null;
    });

    /** A path; relative ones start from the file's folder. */
    static final Type<Path> PATH = new Type<>() {
        @Override
        public @Nullable Path read(Node node, String label, Reading reading) {
            String text = TEXT.read(node, label, reading);
            try {
                return text == null ? null : reading.base().resolve(text).normalize();
            } catch (java.nio.file.InvalidPathException e) {
                reading.problem(node, label, "is not a path: " + e.getReason());
                return null;
            }
        }

        @Override
        public Map<String, Object> schema() {
            return Map.of("type", "string");
        }
    };

    /** Anything, as strings, numbers, booleans, lists and maps. */
    static final Type<Object> ANY = new Type<>() {
        @Override
        public @Nullable Object read(Node node, String label, Reading reading) {
            return any(node, label, reading, 0);
        }

        @Override
        public Map<String, Object> schema() {
            return Map.of();
        }
    };

    /** A mapping with keys that only a plugin or store knows. */
    static final Type<Map<String, Object>> ANY_MAP = mapOf(ANY, name -> "'" + name + "'", Map.of());

    /** A whole number. */
    static Type<Integer> integer(int min, int max) {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("type", List.of("integer", "string"));
        schema.put("minimum", min);
        schema.put("maximum", max);
        return scalar("a whole number from " + min + " to " + max, schema, text -> {
            long value = Long.parseLong(text);
            return value < min || value > max ? null : (int) value;
        });
    }

    /** A large whole number. */
    static Type<Long> count(long min) {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("type", List.of("integer", "string"));
        schema.put("minimum", min);
        return scalar("a whole number of at least " + min, schema, text -> {
            long value = Long.parseLong(text);
            return value < min ? null : value;
        });
    }

    /** A share. */
    static Type<Double> share() {
        return scalar(
                "a number from 0 to 1",
                Map.of("type", List.of("number", "string"), "minimum", 0, "maximum", 1),
                text -> {
                    double value = Double.parseDouble(text);
                    return value >= 0 && value <= 1 ? value : null;
                });
    }

    /** A duration in milliseconds. */
    static Type<Long> duration(long minMs) {
        return new Type<>() {
            @Override
            public @Nullable Long read(Node node, String label, Reading reading) {
                return Units.duration(node, label, reading, minMs);
            }

            @Override
            public Map<String, Object> schema() {
                return Map.of("type", List.of("string", "integer"), "pattern", "^(0|[0-9]+(ms|s|m|h|d)|\\$\\{.*)$");
            }
        };
    }

    /** A size in bytes. */
    static Type<Long> size(long min, long max) {
        return new Type<>() {
            @Override
            public @Nullable Long read(Node node, String label, Reading reading) {
                return Units.size(node, label, reading, min, max);
            }

            @Override
            public Map<String, Object> schema() {
                return Map.of(
                        "type", List.of("string", "integer"), "pattern", "^([0-9]+(B|KiB|MiB|GiB|TiB)?|\\$\\{.*)$");
            }
        };
    }

    /** One of a few words. */
    static <E> Type<E> oneOf(Map<String, E> words) {
        var copy = new LinkedHashMap<>(words);
        return new Type<>() {
            @Override
            public @Nullable E read(Node node, String label, Reading reading) {
                String text = TEXT.read(node, label, reading);
                if (text == null) {
                    return null;
                }
                E value = copy.get(text);
                if (value == null) {
                    reading.problem(
                            node, label, "must not be '" + text + "'; " + Suggestion.among(text, copy.keySet()));
                }
                return value;
            }

            @Override
            public Map<String, Object> schema() {
                return Map.of("enum", List.copyOf(copy.keySet()));
            }
        };
    }

    /** A list; problems name its items by number, from 1. */
    static <T> Type<List<T>> listOf(Type<T> item, String itemName) {
        return new Type<>() {
            @Override
            public @Nullable List<T> read(Node node, String label, Reading reading) {
                if (isNull(node)) {
                    return List.of();
                }
                if (!(node instanceof SequenceNode sequence)) {
                    reading.problem(node, label, "must be a list: start each item with '-'");
                    return null;
                }
                String outer = label.substring(0, label.lastIndexOf(": ") < 0 ? 0 : label.lastIndexOf(": ") + 2);
                var items = new ArrayList<T>();
                int number = 0;
                for (Node child : sequence.getValue()) {
                    T value = item.read(child, outer + itemName + " " + ++number, reading);
                    if (value != null) {
                        items.add(value);
                    }
                }
                return items;
            }

            @Override
            public Map<String, Object> schema() {
                return Map.of("type", List.of("array", "null"), "items", item.schema());
            }
        };
    }

    /** One value or a list of values. */
    static <T> Type<List<T>> oneOrMore(Type<T> item) {
        return new Type<>() {
            @Override
            public @Nullable List<T> read(Node node, String label, Reading reading) {
                List<Node> children = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
                var items = new ArrayList<T>();
                for (Node child : children) {
                    T value = item.read(child, label, reading);
                    if (value != null) {
                        items.add(value);
                    }
                }
                if (children.isEmpty()) {
                    reading.problem(node, label, "must name at least one");
                    return null;
                }
                return items;
            }

            @Override
            public Map<String, Object> schema() {
                var many = Map.of("type", "array", "items", item.schema(), "minItems", 1);
                return Map.of("anyOf", List.of(item.schema(), many));
            }
        };
    }

    /** A mapping whose keys are names that the user chooses. */
    static <T> Type<Map<String, T>> mapOf(Type<T> value, Function<String, String> label, Map<String, Object> names) {
        return new NamedMap<>(value, label, names);
    }

    private static <T> Type<T> scalar(String what, Map<String, Object> schema, Function<String, @Nullable T> parse) {
        return new Type<>() {
            @Override
            public @Nullable T read(Node node, String label, Reading reading) {
                if (!(node instanceof ScalarNode scalar) || isNull(node)) {
                    reading.problem(node, label, "must be " + what + (isNull(node) ? "; it has no value" : ""));
                    return null;
                }
                String text = reading.text(scalar, label);
                if (text == null) {
                    return null;
                }
                T value = null;
                try {
                    value = parse.apply(text);
                } catch (NumberFormatException e) {
                    // reported below like any other text that does not fit
                }
                if (value == null) {
                    reading.problem(node, label, "must be " + what + ", not '" + text + "'");
                }
                return value;
            }

            @Override
            public Map<String, Object> schema() {
                return schema;
            }
        };
    }

    static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && Tag.NULL.equals(scalar.getTag());
    }

    private static @Nullable Object any(Node node, String label, Reading reading, int depth) {
        if (depth > MAX_DEPTH) {
            reading.problem(node, label, "is nested more than " + MAX_DEPTH + " levels deep");
            return null;
        }
        if (node instanceof MappingNode mapping) {
            var map = new LinkedHashMap<String, Object>();
            for (NodeTuple entry : mapping.getValue()) {
                Object value = any(entry.getValueNode(), label, reading, depth + 1);
                if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                    reading.problem(entry.getKeyNode(), label, "has a key that is not a plain word");
                } else if (value != null && map.put(key.getValue(), value) != null) {
                    reading.problem(key, label, "has '" + key.getValue() + "' twice; keep one of them");
                }
            }
            return map;
        }
        if (node instanceof SequenceNode sequence) {
            var list = new ArrayList<Object>();
            for (Node child : sequence.getValue()) {
                Object value = any(child, label, reading, depth + 1);
                if (value != null) {
                    list.add(value);
                }
            }
            return list;
        }
        if (!(node instanceof ScalarNode scalar) || isNull(node)) {
            return null;
        }
        String text = reading.text(scalar, label);
        return text == null ? null : plain(scalar, text);
    }

    private static Object plain(ScalarNode scalar, String text) {
        if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
            return text;
        }
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        if (text.matches("[-+]?[0-9]{1,30}")) {
            var number = new BigInteger(text);
            return number.bitLength() < 64 ? (Object) number.longValue() : text;
        }
        if (text.matches("[-+]?[0-9]{1,30}\\.[0-9]{1,30}")) {
            return new BigDecimal(text).doubleValue();
        }
        return text;
    }
}
