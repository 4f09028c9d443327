package io.turnstone.store.tools;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.turnstone.api.Choices;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.zip.CRC32C;

/**
 * Exports with lines that are missing, repeated, exchanged or changed, most of them with a last line that is right again:
 * each is imported whole or refused whole, by a {@link StoreException}.
 */
public final class ExportFuzz {

    private static final ToolProgress SILENT = (what, done, total) -> {};
    private static final int LINES = 40;

    private static final String[] KEYS = {
        "type",
        "kind",
        "name",
        "value",
        "queue",
        "position",
        "level",
        "expiresAtMs",
        "format",
        "overlay",
        "body",
        "bodyBytes",
        "headBytes",
        "data",
        "version",
        "store",
        "messages",
        "definitions",
        "createdAtMs",
        "key",
        "keys",
        "atMs",
        "untilMs",
        "max"
    };
    private static final String[] VALUES = {
        "0", "-1", "1", "255", "256", "9223372036854775807", "9223372036854775808", "1e3", "\"\"", "\"orders\"",
        "\"queue\"", "\"AAAA\"", "\"%%\"", "\"\\u0000\"", "\"\\ud800\"", "null", "{}", "[]", "true", "\"message\"",
        "\"body\"", "\"definition\"", "\"key\"", "2147483647", "\"amqp-1.0\""
    };

    /** An export, made once. */
    private static final List<String> ORIGINAL = original();

    private ExportFuzz() {}

    /** One export. */
    public static void fuzzerTestOneInput(byte[] input) {
        var choices = new Choices(input);
        var lines = new ArrayList<>(ORIGINAL);
        for (int changes = choices.nextInt(4); changes >= 0 && !choices.exhausted(); changes--) {
            change(lines, choices);
        }
        Path folder = temporary();
        try {
            Path file = folder.resolve("fuzz.ndjson");
            boolean unchanged = lines.equals(ORIGINAL);
            Files.writeString(file, choices.oneIn(6) && !unchanged ? String.join("", lines) : whole(lines), ISO_8859_1);
            read(file, unchanged);
            if (choices.oneIn(30)) {
                take(folder.resolve("store"), file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            StoreFuzz.delete(folder);
        }
    }

    private static void change(List<String> lines, Choices choices) {
        int at = choices.nextInt(lines.size());
        int other = choices.nextInt(lines.size());
        String line = lines.get(at);
        switch (choices.nextInt(7)) {
            case 0 -> lines.remove(lines.size() > 1 ? at : 0);
            case 1 -> lines.add(other, line);
            case 2 -> lines.set(at, lines.set(other, line));
            case 3 -> {
                int cut = choices.nextInt(line.length());
                lines.set(at, line.substring(0, cut) + (char) choices.nextInt(256) + line.substring(cut + 1));
            }
            case 4, 5 -> {
                String key = "\"" + choices.of(KEYS) + "\":";
                String value = choices.of(VALUES);
                lines.set(
                        at,
                        line.contains(key)
                                ? line.replaceFirst(key + "(\"[^\"]*\"|[^,}]*)", quoted(key + value))
                                : line.replaceFirst("}\n$", quoted("," + key + value + "}\n")));
            }
            default -> lines.set(at, line.substring(0, choices.nextInt(line.length())) + "\n");
        }
        if (lines.isEmpty()) {
            lines.add("\n");
        }
    }

    private static String quoted(String replacement) {
        return Matcher.quoteReplacement(replacement);
    }

    /** With counts and checksum that fit what there is now. */
    private static String whole(List<String> lines) {
        var text = new StringBuilder();
        int definitions = 0;
        int messages = 0;
        for (String line : lines) {
            if (!line.contains("\"type\":\"end\"")) {
                text.append(line);
                definitions += line.contains("\"type\":\"definition\"") ? 1 : 0;
                messages += line.contains("\"type\":\"message\"") ? 1 : 0;
            }
        }
        var crc = new CRC32C();
        crc.update(text.toString().getBytes(ISO_8859_1));
        long bytes = bodyBytes(lines);
        return text + "{\"type\":\"end\",\"definitions\":" + definitions + ",\"messages\":" + messages
                + ",\"bodyBytes\":" + bytes + ",\"crc32c\":\"" + HexFormat.of().toHexDigits((int) crc.getValue())
                + "\"}\n";
    }

    private static long bodyBytes(List<String> lines) {
        long bytes = 0;
        for (String line : lines) {
            int at = line.indexOf("\"body\":\"");
            if (at > 0 && line.contains("\"type\":\"message\"")) {
                int end = line.indexOf('"', at + 8);
                String base64 = line.substring(at + 8, Math.max(at + 8, end));
                bytes += base64.length() / 4 * 3L
                        - base64.chars().filter(c -> c == '=').count();
            }
        }
        return bytes;
    }

    private static void read(Path file, boolean unchanged) throws IOException {
        try (var reader = new ExportReader(file)) {
            reader.read(new ExportReader.Visitor() {
                @Override
                public void definition(String kind, String name, byte[] value) {}

                @Override
                public void key(String queue, MessageKey key) {}

                @Override
                public void message(JsonLine line, byte[] body) {}

                @Override
                public void message(JsonLine line, int headBytes, InputStream body) throws IOException {
                    body.transferTo(OutputStream.nullOutputStream());
                }
            });
        } catch (StoreException refused) {
            says(refused);
            if (unchanged) {
                throw new AssertionError("a whole export is refused", refused);
            }
        }
    }

    private static void take(Path store, Path file) {
        try {
            StoreTools.importInto(store, file, new TestDefinitions(), SILENT);
        } catch (StoreException refused) {
            says(refused);
            return;
        }
        FilledStore.contents(store);
    }

    private static void says(StoreException refused) {
        if (!String.valueOf(refused.getMessage()).contains("export")) {
            throw new AssertionError("this does not say what is wrong: " + refused.getMessage(), refused);
        }
    }

    private static List<String> original() {
        Path folder = temporary();
        try {
            FilledStore.in(folder.resolve("store")).close();
            Path file = folder.resolve("all.ndjson");
            StoreTools.of(folder.resolve("store"), new TestDefinitions()).export(file, SILENT);
            var lines = new ArrayList<String>();
            for (String line : Files.readAllLines(file, ISO_8859_1)) {
                if (lines.size() < LINES || line.contains("\"type\":\"end\"")) {
                    lines.add(line + "\n");
                }
            }
            return List.copyOf(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            StoreFuzz.delete(folder);
        }
    }

    private static Path temporary() {
        return StoreFuzz.temporary();
    }
}
