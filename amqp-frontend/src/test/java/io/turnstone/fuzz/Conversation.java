package io.turnstone.fuzz;

import static io.turnstone.fuzz.Wire.uint;

import io.turnstone.amqp.MemoryChannel;
import io.turnstone.api.Choices;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.fuzz.Wire.Described;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.jspecify.annotations.Nullable;

/**
 * A peer that knows the protocol and says, as its choices are, what it may, what it may not, and what is nothing at all,
 * in reads of the socket that begin and end anywhere. Used by one thread.
 */
final class Conversation {

    private static final int MOST_STEPS = 400;
    private static final int CHANNELS = 2;
    private static final int HANDLES = 6;
    private static final int COORDINATOR = 4;
    private static final int MANAGEMENT = 5;
    private static final int ANSWERS = 3;

    private static final String[] ADDRESSES = {
        "q",
        "/queues/q",
        "/queues/priorities",
        "few",
        "full",
        "groups",
        "once",
        "one",
        "/exchanges/amq.topic/a.b",
        "/exchanges/amq.fanout",
        "amq.direct/k",
        "amq.topic",
        "/queues/none",
        "/queues/%zz",
        "a::b",
        "topic://t",
        "/queues/made%20here",
        "",
        "/exchanges//k",
        "/queues/q?consumer-priority=7",
        "amq.headers"
    };
    private static final String[] SELECTORS = {
        "color = 'red' AND i > 2", "JMSPriority BETWEEN 1 AND 5", "d * 2 >= i OR color IS NULL", "color LIKE 'r%'",
        "i IN ('a'", "NOT", "amqp.ttl > 5", "p.subject = 'a.b'"
    };

    private final Choices choices;
    private final FuzzBroker broker;
    private final MemoryChannel socket;
    private final Protocol.Connection connection;
    private final Witness witness = new Witness();
    private final Wire wire;
    /** What is said that may not be said. */
    private final Choices.Rarely rude;

    private final Messages messages;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
    private final int[] nextDelivery = new int[CHANNELS];

    Conversation(Choices choices, FuzzBroker broker) {
        this.choices = choices;
        this.broker = broker;
        socket = new MemoryChannel(broker.loop);
        connection = broker.accept(socket);
        wire = new Wire(choices, choices.of(0, 0, 0, 5_000, 1_000, 100));
        rude = choices.rarely(choices.of(0, 0, 500, 60));
        messages = new Messages(choices, wire);
    }

    Witness witness() {
        return witness;
    }

    /** From the headers to the loss of the socket. */
    void run() {
        handshake();
        for (int step = 0; step < MOST_STEPS && !choices.exhausted() && !socket.closed(); step++) {
            step();
        }
        send();
        socket.stuck(false);
        broker.loop.within(connection::drained);
        look();
        broker.loop.within(connection::closed);
        broker.settle();
    }

    private void handshake() {
        int kind = choices.nextInt(4);
        if (kind == 1) {
            header(3);
            Object mechanism = Symbol.valueOf(choices.of("PLAIN", "ANONYMOUS", "ASKING", "PLAIM", "DIGEST-MD5"));
            say(1, 0, Described.list(0x41, mechanism, "\0a\0b".getBytes(StandardCharsets.US_ASCII)));
            if (choices.nextBoolean()) {
                say(1, 0, Described.list(0x43, new byte[] {1}));
            }
        }
        header(rude() ? choices.nextInt(5) : 0);
        Object idle = choices.oneIn(4) ? uint(choices.of(0, 1_000, -1, rude() ? 50 : 100)) : null;
        say(
                0,
                0,
                Described.list(
                        0x10,
                        "peer",
                        null,
                        choices.oneIn(4) ? uint(choices.of(512, 4_096, -1, rude() ? 0 : 600)) : null,
                        UnsignedShort.valueOf((short) 9),
                        idle));
        begin(0);
        attach(0, 0);
        attach(0, 1);
        flow(0, 1);
        if (rude()) {
            flush();
        } else {
            send();
        }
    }

    private void header(int protocol) {
        unsent.writeBytes(new byte[] {'A', 'M', 'Q', 'P', (byte) protocol, 1, 0, 0});
    }

    private boolean rude() {
        return rude.now();
    }

    private void step() {
        int channel = rude() || (choices.oneIn(6) && witness.begun(1)) ? 1 : 0;
        int kind = witness.begun(channel) || rude() ? choices.nextInt(24) : 18;
        if (witness.handles(channel, false).isEmpty() && kind < 7 && !rude()) {
            kind = 14;
        }
        switch (kind) {
            case 0, 1, 2, 3, 4, 5, 6 -> transfer(channel, attached(channel, false));
            case 7, 8, 9 -> flow(channel, attached(channel, !choices.oneIn(10)));
            case 10, 11, 12, 13 -> disposition(channel);
            case 14, 15, 16 -> attach(channel, detached(channel));
            case 17 ->
                say(
                        0,
                        channel,
                        Described.list(0x16, uint(attached(channel, choices.nextBoolean())), !choices.oneIn(4)));
            case 18 -> begin(witness.begun(channel) ? 1 : channel);
            case 19 -> advance();
            case 20 -> broker.commit();
            case 21 -> {
                socket.stuck(!socket.stuck());
                if (!socket.stuck()) {
                    broker.loop.within(connection::drained);
                    broker.settle();
                }
            }
            case 22 -> sometimes(channel);
            default -> say(0, channel, null);
        }
        if (kind >= 14 && kind < 19 && !rude()) {
            send();
        } else {
            flush();
        }
    }

    /** The handle of a link, unless there is none. */
    private int attached(int channel, boolean brokerSends) {
        List<Integer> handles = witness.handles(channel, brokerSends);
        return handles.isEmpty() || rude() ? choices.nextInt(HANDLES) : handles.get(choices.nextInt(handles.size()));
    }

    /** A handle of no link, unless all are in use. */
    private int detached(int channel) {
        int handle = choices.nextInt(HANDLES);
        for (int i = 0; i < HANDLES && !rude(); i++, handle = (handle + 1) % HANDLES) {
            if (!witness.handles(channel, true).contains(handle)
                    && !witness.handles(channel, false).contains(handle)) {
                break;
            }
        }
        return handle;
    }

    private void sometimes(int channel) {
        switch (rude() ? choices.nextInt(8) : choices.nextInt(40) - 10) {
            case 0 -> say(0, channel, Described.list(0x17));
            case 1 -> say(0, 0, Described.list(0x18));
            case 2 -> header(choices.nextInt(4));
            case 3 -> say(1, channel, Described.list(0x41, Symbol.valueOf("PLAIN")));
            case 4 -> say(0, channel, Described.list(choices.nextInt(256), "x", 1));
            case 5 -> broker.loop.within(connection::stop);
            case 6 -> say(0, channel, new Described("amqp:flow:list", List.of(uint(0), uint(9))));
            default -> attach(channel, detached(channel));
        }
    }

    private void advance() {
        send();
        broker.advance(choices.of(1, 20, 500, 5_000, choices.oneIn(5) ? 31_000 : 2));
    }

    private void begin(int channel) {
        if (witness.begun(channel) && !rude()) {
            return;
        }
        nextDelivery[channel] = 0;
        say(0, channel, Described.list(0x11, null, uint(0), uint(choices.of(1_000, 1_000, 3, 0)), uint(1_000)));
    }

    private void attach(int channel, int handle) {
        boolean receives = handle == 1 || handle == 2 || handle == ANSWERS;
        boolean managing = handle == MANAGEMENT || handle == ANSWERS;
        Object properties = managing ? Map.of(Symbol.valueOf("paired"), true) : null;
        String address = managing
                ? "/management"
                : choices.oneIn(3) ? choices.of(ADDRESSES) : choices.of("q", "q", "few", "groups");
        say(
                0,
                channel,
                Described.list(
                        0x12,
                        managing ? "pair" : "link-" + (rude() ? 0 : 10 * channel + handle),
                        uint(handle),
                        receives,
                        UnsignedByte.valueOf((byte) (managing ? 1 : handle == COORDINATOR ? 0 : choices.of(2, 0, 1))),
                        UnsignedByte.valueOf((byte) (choices.oneIn(6) ? 1 : 0)),
                        receives
                                ? source(address)
                                : choices.oneIn(3) && !managing ? null : Described.list(0x28, "here"),
                        receives ? Described.list(0x29, "here") : target(handle, address),
                        choices.oneIn(20) ? Map.of(new byte[] {1}, Described.list(0x24)) : null,
                        null,
                        receives ? null : uint(choices.oneIn(10) ? -3 : 0),
                        null,
                        null,
                        null,
                        properties));
    }

    private @Nullable Object target(int handle, String address) {
        if (handle == COORDINATOR) {
            return Described.list(0x30, (Object) new Symbol[] {Symbol.valueOf("amqp:local-transactions")});
        } else if (handle != MANAGEMENT && choices.oneIn(12)) {
            return choices.of(Described.list(0x29), null, dynamic(0x29));
        }
        return Described.list(0x29, address);
    }

    private Described source(String address) {
        if (!address.equals("/management") && choices.oneIn(10)) {
            return dynamic(0x28);
        }
        Object mode = choices.oneIn(6) ? Symbol.valueOf(choices.of("copy", "move", "?")) : null;
        return Described.list(
                0x28,
                rude() ? null : address,
                null,
                null,
                null,
                null,
                null,
                mode,
                choices.oneIn(4) ? filters() : null,
                choices.oneIn(5) ? choices.of(Described.list(0x24), Described.list(0x26), state()) : null);
    }

    private static Described dynamic(long code) {
        return Described.list(code, null, null, null, null, true);
    }

    private Map<Object, Object> filters() {
        Object filter = switch (choices.nextInt(6)) {
            case 0, 1 -> new Described(Symbol.valueOf("apache.org:selector-filter:string"), choices.of(SELECTORS));
            case 2 -> new Described(UnsignedLong.valueOf(0x120), choices.of(SELECTORS));
            case 3 ->
                new Described(
                        Symbol.valueOf("amqp:application-properties-filter"),
                        Map.of("color", choices.of("red", "$p:r", "&s:d", 5)));
            case 4 -> new Described(Symbol.valueOf("amqp:properties-filter"), Map.of(Symbol.valueOf("subject"), "a.b"));
            default -> new Described(Symbol.valueOf("apache.org:no-local-filter:list"), choices.of(List.of(), 5));
        };
        return Map.of(Symbol.valueOf("f"), filter);
    }

    private void flow(int channel, int handle) {
        boolean ofLink = !choices.oneIn(4);
        say(
                0,
                channel,
                Described.list(
                        0x13,
                        uint(rude() ? choices.nextInt(5) : 0),
                        uint(choices.of(1_000, 1_000, 0, 5)),
                        uint(nextDelivery[channel]),
                        uint(1_000),
                        ofLink ? uint(handle) : null,
                        ofLink ? uint(choices.of(0, 0, 0, 0, 1, -1)) : null,
                        ofLink ? uint(choices.of(10, 10, 1, 0, 100, -1)) : null,
                        null,
                        choices.oneIn(5),
                        choices.oneIn(5)));
    }

    private void transfer(int channel, int handle) {
        byte[] message = handle == COORDINATOR
                ? messages.toCoordinator(witness.transactions)
                : handle == MANAGEMENT ? messages.request() : messages.any();
        boolean settled = handle == MANAGEMENT || (handle != COORDINATOR && choices.oneIn(4));
        int pieces = choices.oneIn(8) ? 1 + choices.nextInt(4) : 1;
        int id = rude() ? choices.nextInt(9) : nextDelivery[channel]++;
        for (int piece = 0; piece < pieces; piece++) {
            int from = piece * message.length / pieces;
            int to = (piece + 1) * message.length / pieces;
            boolean first = piece == 0;
            sayWith(
                    channel,
                    Described.list(
                            0x14,
                            uint(handle),
                            first ? uint(id) : null,
                            first ? new byte[] {(byte) id, (byte) (id >> 8)} : null,
                            first ? UnsignedInteger.ZERO : null,
                            settled,
                            piece < pieces - 1 && !rude(),
                            null,
                            choices.oneIn(12) ? transactional(null) : null,
                            null,
                            choices.oneIn(60)),
                    Arrays.copyOfRange(message, from, to));
        }
    }

    private void disposition(int channel) {
        var known = witness.unsettled;
        int first =
                known.isEmpty() || choices.oneIn(8) ? choices.nextInt(50) : known.get(choices.nextInt(known.size()));
        say(
                0,
                channel,
                Described.list(
                        0x15,
                        !rude(),
                        uint(first),
                        choices.oneIn(3) ? uint(first + choices.of(0, 3, 100, -1, Integer.MAX_VALUE)) : null,
                        choices.nextBoolean(),
                        choices.oneIn(6) ? transactional(state()) : state()));
    }

    private Described transactional(@Nullable Object outcome) {
        return Described.list(0x34, messages.transaction(witness.transactions), outcome);
    }

    private @Nullable Object state() {
        return switch (choices.nextInt(8)) {
            case 0, 1, 2 -> Described.list(0x24);
            case 3 ->
                Described.list(
                        0x25, Described.list(0x1d, Symbol.valueOf("amqp:x"), "why", Map.of(Symbol.valueOf("a"), 1)));
            case 4 -> Described.list(0x26);
            case 5 ->
                Described.list(
                        0x27,
                        choices.nextBoolean(),
                        choices.nextBoolean(),
                        Map.of(
                                Symbol.valueOf(choices.of("x-opt-delivery-delay", "x-a")),
                                choices.of(5, "b", List.of(1))));
            case 6 -> null;
            default -> Described.list(0x23, uint(0), UnsignedLong.valueOf(5));
        };
    }

    // ---- The socket

    private void say(int type, int channel, @Nullable Object body) {
        unsent.writeBytes(wire.frame(type, channel, body));
    }

    private void sayWith(int channel, Object body, byte... payload) {
        unsent.writeBytes(wire.frame(0, channel, body, payload));
    }

    /** Sends what there is, perhaps cut somewhere, perhaps only together with what follows. */
    private void flush() {
        if (choices.oneIn(4)) {
            return;
        }
        if (choices.oneIn(4) && unsent.size() > 1) {
            byte[] bytes = unsent.toByteArray();
            int cut = choices.nextInt(bytes.length);
            unsent.reset();
            unsent.write(bytes, 0, cut);
            send();
            unsent.write(bytes, cut, bytes.length - cut);
        }
        send();
    }

    private void send() {
        byte[] bytes = unsent.toByteArray();
        unsent.reset();
        if (bytes.length > 0 && !socket.closed()) {
            witness.in(ByteBuffer.wrap(bytes));
            broker.loop.within(() -> connection.received(ByteBuffer.wrap(bytes)));
            broker.settle();
        }
        look();
    }

    private void look() {
        witness.out(socket.look());
        for (Witness.Owed owed : witness.owed) {
            if (!rude()) {
                Long handle = owed.handle();
                say(
                        0,
                        owed.channel(),
                        handle == null ? Described.list(0x17) : Described.list(0x16, uint(handle), true));
            }
        }
        witness.owed.clear();
    }
}
