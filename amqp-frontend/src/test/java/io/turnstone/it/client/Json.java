package io.turnstone.it.client;

import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** As much JSON as the scripts need. */
final class Json {

    private Json() {}

    static String write(Map<String, ?> object) {
        var out = new StringBuilder("{");
        String separator = "";
        for (var field : object.entrySet()) {
            out.append(separator);
            string(field.getKey(), out);
            out.append(':');
            value(field.getValue(), out);
            separator = ",";
        }
        return out.append('}').toString();
    }

    private static void value(Object value, StringBuilder out) {
        if (value instanceof String text) {
            string(text, out);
        } else if (value instanceof Map<?, ?> map) {
            @SuppressWarnings("unchecked")
            Map<String, ?> object = (Map<String, ?>) map;
            out.append(write(object));
        } else if (value instanceof Iterable<?> list) {
            String separator = "[";
            for (Object item : list) {
                out.append(separator);
                value(item, out);
                separator = ",";
            }
            out.append(separator.equals("[") ? "[]" : "]");
        } else {
            out.append(value);
        }
    }

    private static void string(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** JSON is YAML. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> read(String text) {
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(text);
    }
}
