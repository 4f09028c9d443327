package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.Deduplication;
import io.turnstone.api.Durability;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.Topology.Owner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Queues, exchanges and bindings as bytes in the store. The first byte is the version. Enumerations are written as words
 * of their own, so that renaming a constant changes nothing on disk. Pure, any thread.
 */
final class DefinitionCodec {

    private static final int VERSION = 1;

    /** A stored queue: its number, what it is, whose it is. */
    record StoredQueueSpec(int id, QueueSpec spec, Owner owner) {}

    /** A stored exchange. */
    record StoredExchange(ExchangeSpec spec, Owner owner) {}

    /** A stored binding. */
    record StoredBinding(Binding binding, Owner owner) {}

    @FunctionalInterface
    private interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(DataInputStream in) throws IOException;
    }

    private DefinitionCodec() {}

    static byte[] queue(int id, QueueSpec spec, Owner owner) {
        return write(out -> {
            out.writeInt(id);
            out.writeByte(owner(owner));
            ValueCodec.writeText(out, spec.name());
            out.writeBoolean(spec.durable());
            out.writeShort(spec.priorities());
            out.writeLong(spec.ttlMs());
            out.writeLong(spec.expiresMs());
            out.writeLong(spec.limit().messages());
            out.writeLong(spec.limit().bytes());
            ValueCodec.writeText(out, spec.limit().overflow().key());
            retry(out, spec.retry());
            deadLetter(out, spec.deadLetter());
            out.writeBoolean(spec.autoDelete());
            ValueCodec.writeMap(out, spec.arguments());
            Durability durability = spec.durability();
            ValueCodec.writeText(out, durability == null ? "" : durability.key());
            out.writeBoolean(spec.singleActive());
            groups(out, spec.groups());
            deduplication(out, spec.deduplication());
            SubscriptionCodec.write(out, spec.subscription());
        });
    }

    /** @throws IllegalArgumentException when the bytes are not a queue */
    static StoredQueueSpec queue(byte[] bytes) {
        return queue(bytes, "", new SharedValues());
    }

    /**
     * One of many queues.
     *
     * @param known what it seems to be called
     * @param values what it may have in common with the others
     * @throws IllegalArgumentException when the bytes are not a queue
     */
    static StoredQueueSpec queue(byte[] bytes, String known, SharedValues values) {
        return read(bytes, in -> {
            int id = in.readInt();
            Owner owner = owner(in.readByte());
            String name = ValueCodec.readText(in);
            var spec = QueueSpec.named(name.equals(known) ? known : name)
                    .durable(in.readBoolean())
                    .priorities(in.readUnsignedShort())
                    .ttlMs(in.readLong())
                    .expiresMs(in.readLong())
                    .limit(values.one(new QueueLimit(in.readLong(), in.readLong(), overflow(in))))
                    .retry(values.one(retry(in)))
                    .deadLetter(values.one(deadLetter(in)))
                    .autoDelete(in.readBoolean())
                    .arguments(ValueCodec.readMap(in))
                    .durability(in.available() == 0 ? null : durability(ValueCodec.readText(in)))
                    .singleActive(in.available() > 0 && in.readBoolean())
                    .groups(in.available() == 0 ? null : groups(in))
                    .deduplication(in.available() == 0 ? null : deduplication(in))
                    .subscription(in.available() == 0 ? null : SubscriptionCodec.read(in))
                    .build();
            return new StoredQueueSpec(id, spec, owner);
        });
    }

    static byte[] exchange(ExchangeSpec spec, Owner owner) {
        return write(out -> {
            out.writeByte(owner(owner));
            ValueCodec.writeText(out, spec.name());
            ValueCodec.writeText(out, spec.type());
            out.writeBoolean(spec.durable());
            out.writeBoolean(spec.autoDelete());
            out.writeBoolean(spec.internal());
            String alternate = spec.alternate();
            ValueCodec.writeText(out, alternate == null ? "" : alternate);
            ValueCodec.writeMap(out, spec.arguments());
        });
    }

    /** @throws IllegalArgumentException when the bytes are not an exchange */
    static StoredExchange exchange(byte[] bytes) {
        return read(bytes, in -> {
            Owner owner = owner(in.readByte());
            String name = ValueCodec.readText(in);
            String type = ValueCodec.readText(in);
            boolean durable = in.readBoolean();
            boolean autoDelete = in.readBoolean();
            boolean internal = in.readBoolean();
            String alternate = ValueCodec.readText(in);
            Map<String, Object> arguments = ValueCodec.readMap(in);
            var spec = new ExchangeSpec(
                    name, type, durable, autoDelete, internal, alternate.isEmpty() ? null : alternate, arguments);
            return new StoredExchange(spec, owner);
        });
    }

    static byte[] binding(Binding binding, Owner owner) {
        return write(out -> {
            out.writeByte(owner(owner));
            ValueCodec.writeText(out, binding.exchange());
            ValueCodec.writeText(out, binding.destination());
            out.writeBoolean(binding.toExchange());
            ValueCodec.writeText(out, binding.key());
            ValueCodec.writeMap(out, binding.arguments());
        });
    }

    /** @throws IllegalArgumentException when the bytes are not a binding */
    static StoredBinding binding(byte[] bytes) {
        return read(bytes, in -> {
            Owner owner = owner(in.readByte());
            var binding = new Binding(
                    ValueCodec.readText(in),
                    ValueCodec.readText(in),
                    in.readBoolean(),
                    ValueCodec.readText(in),
                    ValueCodec.readMap(in));
            return new StoredBinding(binding, owner);
        });
    }

    static byte[] number(int number) {
        return write(out -> out.writeInt(number));
    }

    /** @throws IllegalArgumentException when the bytes are not a number */
    static int number(byte[] bytes) {
        return read(bytes, DataInputStream::readInt);
    }

    private static void retry(DataOutputStream out, RetrySpec retry) throws IOException {
        out.writeInt(retry.attempts());
        out.writeByte(
                switch (retry.backoff()) {
                    case FIXED -> 'f';
                    case LINEAR -> 'l';
                    case EXPONENTIAL -> 'e';
                });
        out.writeLong(retry.firstMs());
        out.writeLong(retry.maxMs());
        out.writeDouble(retry.jitter());
    }

    private static RetrySpec retry(DataInputStream in) throws IOException {
        return new RetrySpec(in.readInt(), backoff(in.readByte()), in.readLong(), in.readLong(), in.readDouble());
    }

    private static RetrySpec.Backoff backoff(int tag) {
        return switch (tag) {
            case 'e' -> RetrySpec.Backoff.EXPONENTIAL;
            case 'l' -> RetrySpec.Backoff.LINEAR;
            default -> RetrySpec.Backoff.FIXED;
        };
    }

    private static void deduplication(DataOutputStream out, @Nullable Deduplication rule) throws IOException {
        out.writeBoolean(rule != null);
        if (rule != null) {
            out.writeLong(rule.windowMs());
            ValueCodec.writeText(out, rule.by());
            out.writeInt(rule.max());
        }
    }

    private static @Nullable Deduplication deduplication(DataInputStream in) throws IOException {
        return in.readBoolean() ? new Deduplication(in.readLong(), ValueCodec.readText(in), in.readInt()) : null;
    }

    private static void deadLetter(DataOutputStream out, DeadLetter deadLetter) throws IOException {
        if (deadLetter instanceof DeadLetter.ToQueue to) {
            out.writeByte('q');
            ValueCodec.writeText(out, to.queue());
        } else if (deadLetter instanceof DeadLetter.ToExchange to) {
            out.writeByte('x');
            ValueCodec.writeText(out, to.exchange());
            ValueCodec.writeText(out, to.key());
        } else {
            out.writeByte('a');
        }
    }

    private static DeadLetter deadLetter(DataInputStream in) throws IOException {
        int tag = in.readByte();
        if (tag == 'q') {
            return new DeadLetter.ToQueue(ValueCodec.readText(in));
        }
        return tag == 'x'
                ? new DeadLetter.ToExchange(ValueCodec.readText(in), ValueCodec.readText(in))
                : new DeadLetter.Automatic();
    }

    private static void groups(DataOutputStream out, @Nullable GroupSpec groups) throws IOException {
        out.writeInt(groups == null ? 0 : groups.max());
        out.writeLong(groups == null ? 0 : groups.idleMs());
    }

    private static @Nullable GroupSpec groups(DataInputStream in) throws IOException {
        int max = in.readInt();
        long idleMs = in.readLong();
        return max == 0 ? null : new GroupSpec(max, idleMs);
    }

    private static Overflow overflow(DataInputStream in) throws IOException {
        return named("overflow", ValueCodec.readText(in), Overflow.values(), Overflow::key);
    }

    private static @Nullable Durability durability(String key) throws IOException {
        return key.isEmpty() ? null : named("durability", key, Durability.values(), Durability::key);
    }

    private static <E> E named(String what, String key, E[] values, Function<E, String> keyOf) throws IOException {
        for (E value : values) {
            if (keyOf.apply(value).equals(key)) {
                return value;
            }
        }
        throw new IOException("no " + what + " is called '" + key + "'");
    }

    private static int owner(Owner owner) {
        return owner == Owner.CONFIG ? 'f' : 'c';
    }

    private static Owner owner(int tag) {
        return tag == 'f' ? Owner.CONFIG : Owner.CLIENT;
    }

    private static byte[] write(Writer writer) {
        var bytes = new ByteArrayOutputStream(128);
        try {
            var out = new DataOutputStream(bytes);
            out.writeByte(VERSION);
            writer.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static <T> T read(byte[] bytes, Reader<T> reader) {
        try {
            var in = new DataInputStream(new ByteArrayInputStream(bytes));
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "a definition of version " + version + " needs a newer broker; this one knows " + VERSION);
            }
            return reader.read(in);
        } catch (IOException e) {
            throw new IllegalArgumentException("a definition cannot be read: " + e.getMessage(), e);
        }
    }
}
