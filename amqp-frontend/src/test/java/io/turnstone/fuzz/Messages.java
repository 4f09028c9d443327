package io.turnstone.fuzz;

import io.turnstone.api.Choices;
import io.turnstone.fuzz.Wire.Described;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.jspecify.annotations.Nullable;

/** Messages as clients send them and as none would: plain ones, requests to the management node, to a coordinator. */
final class Messages {

    private static final String[] PATHS = {
        "/queues/q",
        "/queues/new%20one",
        "/queues/q/messages",
        "/exchanges/x",
        "/exchanges/amq.topic",
        "/bindings",
        "/bindings?src=amq.topic&dstq=q&key=a.%23",
        "/bindings/src=amq.topic;dstq=q;key=a.%23;args=",
        "/auth/tokens",
        "/queues/%zz",
        "/queues/",
        "/",
        "",
        "/queues/few?if-unused=true",
        "/bindings?src=&dste=x"
    };

    private final Choices choices;
    private final Wire wire;

    Messages(Choices choices, Wire wire) {
        this.choices = choices;
        this.wire = wire;
    }

    byte[] any() {
        List<@Nullable Object> sections = new ArrayList<>();
        add(sections, 3, this::header);
        add(sections, 8, () -> new Described(code(0x71), Map.of(Symbol.valueOf("x-d"), 1)));
        add(sections, 4, this::annotations);
        add(sections, 3, () -> properties(null, null));
        add(sections, 3, () -> new Described(code(0x74), applicationProperties()));
        body(sections);
        add(sections, 12, () -> new Described(code(0x78), Map.of(Symbol.valueOf("crc"), 1)));
        if (choices.oneIn(40)) {
            Collections.swap(sections, 0, choices.nextInt(sections.size()));
        }
        return wire.values(sections.toArray());
    }

    byte[] request() {
        String method = choices.of("GET", "PUT", "DELETE", "POST", "PATCH");
        var body = switch (choices.nextInt(6)) {
            case 0, 1 -> null;
            case 2 -> Map.of("durable", choices.nextBoolean(), "exclusive", choices.oneIn(3), "arguments", arguments());
            case 3 -> Map.of("type", choices.of("direct", "topic", "headers", "fanout", "?"), "arguments", Map.of());
            case 4 ->
                Map.of(
                        "source", choices.of("amq.topic", "amq.direct", "x", ""),
                        "destination_queue", choices.of("q", "few", "?"),
                        "binding_key", choices.of("", "a.b", "a.*.#"),
                        "arguments", arguments());
            default -> List.of(1, "a");
        };
        return wire.values(properties(method, choices.of(PATHS)), new Described(code(0x77), body));
    }

    /** @param transactions ids that were declared */
    byte[] toCoordinator(List<byte[]> transactions) {
        return wire.values(new Described(
                code(0x77),
                choices.nextInt(3) == 0
                        ? Described.list(0x31)
                        : Described.list(0x32, transaction(transactions), choices.nextBoolean())));
    }

    byte[] transaction(List<byte[]> known) {
        return known.isEmpty() || choices.oneIn(10)
                ? new byte[choices.nextInt(33)]
                : known.get(choices.nextInt(known.size()));
    }

    private interface Section {
        Described make();
    }

    private void add(List<@Nullable Object> sections, int oneIn, Section section) {
        if (choices.oneIn(oneIn)) {
            sections.add(section.make());
        }
    }

    private static UnsignedLong code(long code) {
        return UnsignedLong.valueOf(code);
    }

    private Described header() {
        return Described.list(
                0x70,
                choices.nextBoolean(),
                choices.oneIn(2) ? UnsignedByte.valueOf((byte) choices.nextInt(12)) : null,
                choices.oneIn(2) ? UnsignedInteger.valueOf(choices.of(0, 1, 50, 100_000, -1)) : null,
                choices.oneIn(4),
                choices.oneIn(4) ? UnsignedInteger.valueOf(choices.of(0, 3, -1)) : null);
    }

    private Described annotations() {
        Map<Object, Object> annotations = new LinkedHashMap<>();
        for (int i = choices.nextInt(3); i >= 0; i--) {
            String name = choices.of(
                    "x-opt-delivery-delay",
                    "x-opt-delivery-time",
                    "x-opt-deaths",
                    "x-exchange",
                    "x-opt-a",
                    "x-qpid-not-valid-before");
            annotations.put(
                    Symbol.valueOf(name),
                    choices.of(
                            5, 30L, -1, Long.MAX_VALUE, Long.MIN_VALUE, "text", Instant.ofEpochMilli(5), 1_000_050L));
        }
        return new Described(code(0x72), annotations);
    }

    private Described properties(@Nullable String subject, @Nullable String to) {
        boolean request = subject != null;
        return Described.list(
                0x73,
                choices.of(new UUID(0, choices.nextInt(4)), "id-" + choices.nextInt(4), new byte[] {1}, code(7)),
                choices.oneIn(4) ? "fuzz".getBytes(StandardCharsets.UTF_8) : null,
                request ? to : choices.of(null, "/queues/q", "/exchanges/amq.topic/a.b", "few", "/queues/none", "?"),
                request ? subject : choices.of(null, "a.b", "k", ""),
                request ? "$me" : choices.of(null, "/queues/q"),
                choices.oneIn(4) ? "correlation" : null,
                choices.oneIn(4) ? Symbol.valueOf("text/plain") : null,
                null,
                choices.oneIn(4) ? Instant.ofEpochMilli(choices.of(0L, 1_000_100L, -1L, Long.MAX_VALUE)) : null,
                choices.oneIn(4) ? Instant.ofEpochMilli(5) : null,
                choices.oneIn(3) ? "group-" + choices.nextInt(3) : null,
                choices.oneIn(6) ? UnsignedInteger.valueOf(choices.nextInt(5)) : null,
                null);
    }

    private Map<Object, Object> applicationProperties() {
        Map<Object, Object> properties = new HashMap<>();
        for (int i = choices.nextInt(4); i >= 0; i--) {
            properties.put(
                    choices.of("color", "i", "d", "_AMQ_DUPL_ID", "JMSXGroupID"),
                    choices.of("red", 5, 2.5, true, Long.MIN_VALUE, "", UnsignedInteger.valueOf(-1)));
        }
        return properties;
    }

    private Map<String, Object> arguments() {
        Map<String, Object> arguments = new HashMap<>();
        for (int i = choices.nextInt(3); i > 0; i--) {
            arguments.put(
                    choices.of(
                            "x-message-ttl",
                            "x-max-length",
                            "x-expires",
                            "x-queue-type",
                            "x-dead-letter-exchange",
                            "x-overflow",
                            "x-max-priority",
                            "x-match",
                            "color"),
                    choices.of(10, -1L, "classic", "quorum", "drop-head", "all", "", 3, true));
        }
        return arguments;
    }

    private void body(List<@Nullable Object> sections) {
        var bytes = new byte[choices.oneIn(8) ? choices.nextInt(20_000) : choices.nextInt(200)];
        Arrays.fill(bytes, (byte) choices.nextInt(256));
        switch (choices.nextInt(6)) {
            case 0, 1, 2 -> sections.add(new Described(code(0x75), bytes));
            case 3 -> {
                for (int i = choices.nextInt(3); i >= 0; i--) {
                    sections.add(new Described(code(0x75), bytes));
                }
            }
            case 4 -> sections.add(new Described(code(0x76), List.of(1, "a", Map.of("k", 2L))));
            default -> sections.add(new Described(code(0x77), choices.of("text", 5, null, Map.of("a", List.of(1)))));
        }
    }
}
