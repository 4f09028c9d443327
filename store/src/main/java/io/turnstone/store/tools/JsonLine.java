package io.turnstone.store.tools;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** A line of an export: a JSON object of texts and whole numbers, nothing nested. Owned by one thread. */
final class JsonLine {

    private final Map<String, Object> fields;

    private JsonLine(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** A line of a type. */
    static JsonLine of(String type) {
        return new JsonLine(new LinkedHashMap<>()).put("type", type);
    }

    JsonLine put(String key, String value) {
        fields.put(key, value);
        return this;
    }

    JsonLine put(String key, long value) {
        fields.put(key, value);
        return this;
    }

    JsonLine put(String key, byte[] bytes, int from, int count) {
        var piece =
                from == 0 && count == bytes.length ? bytes : java.util.Arrays.copyOfRange(bytes, from, from + count);
        return put(key, Base64.getEncoder().encodeToString(piece));
    }

    String type() {
        return text("type");
    }

    boolean has(String key) {
        return fields.containsKey(key);
    }

    /** @throws IllegalArgumentException when there is none */
    String text(String key) {
        if (fields.get(key) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("'" + key + "' is missing or no text");
    }

    /** @throws IllegalArgumentException when there is none */
    long number(String key) {
        if (fields.get(key) instanceof Long number) {
            return number;
        }
        throw new IllegalArgumentException("'" + key + "' is missing or no whole number");
    }

    /** @throws IllegalArgumentException when there are none */
    byte[] bytes(String key) {
        return Base64.getDecoder().decode(text(key));
    }

    /** The line with its line feed, in UTF-8. */
    byte[] encode() {
        var out = new ByteArrayOutputStream(256);
        char before = '{';
        for (var field : fields.entrySet()) {
            out.write(before);
            quote(field.getKey(), out);
            out.write(':');
            if (field.getValue() instanceof String text) {
                quote(text, out);
            } else {
                out.writeBytes(field.getValue().toString().getBytes(StandardCharsets.US_ASCII));
            }
            before = ',';
        }
        out.writeBytes(new byte[] {'}', '\n'});
        return out.toByteArray();
    }

    private static void quote(String text, ByteArrayOutputStream out) {
        out.write('"');
        boolean plain =
                text.chars().allMatch(c -> c >= ' ' && c != '"' && c != '\\' && !Character.isSurrogate((char) c));
        if (plain) {
            out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        } else {
            var escaped = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '"' || c == '\\') {
                    escaped.append('\\').append(c);
                } else if (c < ' ' || Character.isSurrogate(c)) {
                    escaped.append(String.format("\\u%04x", (int) c));
                } else {
                    escaped.append(c);
                }
            }
            out.writeBytes(escaped.toString().getBytes(StandardCharsets.UTF_8));
        }
        out.write('"');
    }

    /**
     * Reads a line without its line feed.
     *
     * @throws IllegalArgumentException when it is none
     */
    static JsonLine parse(String line) {
        try {
            return new Parser(line).object();
        } catch (StringIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a line ends early", e);
        }
    }

    private static final class Parser {
        private final String line;
        private int at;

        Parser(String line) {
            this.line = line;
        }

        JsonLine object() {
            var read = new LinkedHashMap<String, Object>();
            expect('{');
            while (peek() != '}') {
                if (!read.isEmpty()) {
                    expect(',');
                }
                peek();
                String key = text();
                expect(':');
                read.put(key, peek() == '"' ? text() : (Object) number());
            }
            expect('}');
            if (!line.substring(at).isBlank()) {
                throw new IllegalArgumentException("there is something behind '}'");
            }
            return new JsonLine(read);
        }

        private char peek() {
            while (line.charAt(at) == ' ' || line.charAt(at) == '\t' || line.charAt(at) == '\r') {
                at++;
            }
            return line.charAt(at);
        }

        private void expect(char wanted) {
            if (peek() != wanted) {
                throw new IllegalArgumentException("'" + wanted + "' expected at " + at);
            }
            at++;
        }

        private Long number() {
            int from = at;
            while (line.charAt(at) == '-' || Character.isDigit(line.charAt(at))) {
                at++;
            }
            return Long.parseLong(line.substring(from, at));
        }

        private String text() {
            expect('"');
            int end = at;
            while (line.charAt(end) != '"' && line.charAt(end) != '\\') {
                end++;
            }
            if (line.charAt(end) == '"') {
                String plain = line.substring(at, end);
                at = end + 1;
                return plain;
            }
            var text = new StringBuilder();
            while (line.charAt(at) != '"') {
                char c = line.charAt(at++);
                text.append(c == '\\' ? escaped() : c);
            }
            at++;
            return text.toString();
        }

        private char escaped() {
            char c = line.charAt(at++);
            return switch (c) {
                case 'u' -> {
                    at += 4;
                    yield (char) Integer.parseInt(line.substring(at - 4, at), 16);
                }
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'b' -> '\b';
                case 'f' -> '\f';
                default -> c;
            };
        }
    }
}
