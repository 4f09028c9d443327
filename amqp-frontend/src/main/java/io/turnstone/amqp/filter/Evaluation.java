package io.turnstone.amqp.filter;

import io.turnstone.amqp.codec.Encodings;
import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.BrokerAnnotations;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One expression asked about one message: each section that it names is passed over once, at the first need, and values
 * are read where they are. One for each thread, used for one question after another.
 */
final class Evaluation {

    private static final ThreadLocal<Evaluation> OF_THREAD = ThreadLocal.withInitial(Evaluation::new);

    private static final int REGISTERS = 8;
    /** More are not kept for the next question. */
    private static final int KEPT = 256;

    private Value[] registers = {};
    private final KeyIndex applicationProperties = new KeyIndex();
    private final KeyIndex annotations = new KeyIndex();
    private final int[] fields = new int[Field.PROPERTIES];
    private boolean fieldsSeen;
    private @Nullable ByteBuffer properties;

    private @Nullable Needs needs;
    private @Nullable Message message;
    private @Nullable Overlay overlay;

    private Evaluation() {
        grow(REGISTERS);
    }

    /** Whether a formula is true of a message. */
    static boolean matches(Formula formula, Needs needs, Message message, Overlay overlay) {
        Evaluation evaluation = begin(needs, message, overlay);
        try {
            return formula.test(evaluation) == Formula.Truth.TRUE;
        } finally {
            evaluation.end(needs);
        }
    }

    /** The value of a term in a message, as {@link Value#comparable} has it. */
    static @Nullable Object comparable(Term term, Needs needs, Message message, Overlay overlay) {
        Evaluation evaluation = begin(needs, message, overlay);
        try {
            Value value = evaluation.registers[0];
            term.read(evaluation, value);
            return value.comparable();
        } finally {
            evaluation.end(needs);
        }
    }

    private static Evaluation begin(Needs needs, Message message, Overlay overlay) {
        Evaluation evaluation = OF_THREAD.get();
        evaluation.needs = needs;
        evaluation.message = message;
        evaluation.overlay = overlay;
        if (needs.registers() > evaluation.registers.length) {
            evaluation.grow(needs.registers());
        }
        return evaluation;
    }

    private void end(Needs used) {
        message = null;
        overlay = null;
        needs = null;
        fieldsSeen = false;
        properties = null;
        applicationProperties.forget();
        annotations.forget();
        if (registers.length > KEPT) {
            registers = Arrays.copyOf(registers, KEPT);
        }
        for (int i = 0; i < Math.min(registers.length, Math.max(1, used.registers())); i++) {
            registers[i].forget();
        }
    }

    private void grow(int count) {
        int old = registers.length;
        registers = Arrays.copyOf(registers, count);
        for (int i = old; i < count; i++) {
            registers[i] = new Value();
        }
    }

    Value register(int number) {
        return registers[number];
    }

    Message message() {
        return Objects.requireNonNull(message);
    }

    Overlay overlay() {
        return Objects.requireNonNull(overlay);
    }

    /** The header's first-acquirer, as the publisher set it. */
    boolean firstAcquirer() {
        return message instanceof AmqpMessage amqp && amqp.firstAcquirer();
    }

    /** A field of the properties section. */
    void property(Field field, Value out) {
        if (!(message instanceof AmqpMessage amqp)) {
            out.set(
                    field == Field.SUBJECT
                            ? message().subject()
                            : field == Field.TO ? message().to() : null);
            return;
        }
        ByteBuffer found = at(amqp, field);
        if (found == null) {
            out.clear();
        } else {
            out.read(found);
        }
    }

    /** An id in the properties section, as JMS shows it. */
    void id(Field field, Value out) {
        ByteBuffer found = message instanceof AmqpMessage amqp ? at(amqp, field) : null;
        if (found == null) {
            out.clear();
        } else {
            out.readId(found, field == Field.MESSAGE_ID);
        }
    }

    private @Nullable ByteBuffer at(AmqpMessage of, Field field) {
        if (!fieldsSeen) {
            fieldsSeen = true;
            properties = of.properties();
            if (properties != null) {
                index(properties);
            }
        }
        int place = fields[field.property()];
        return properties == null || place < 0 ? null : properties.position(place);
    }

    private void index(ByteBuffer list) {
        Arrays.fill(fields, -1);
        int count = Math.min(Encodings.enterList(list), Field.PROPERTIES);
        for (int i = 0; i < count; i++) {
            fields[i] = list.position();
            Encodings.skipShallow(list);
        }
    }

    void application(int number, Value out) {
        Needs.Keys wanted = Objects.requireNonNull(needs).applicationProperties();
        if (!(message instanceof AmqpMessage amqp)) {
            out.set(message().property(wanted.name(number)));
            return;
        }
        if (!applicationProperties.scanned()) {
            applicationProperties.scan(wanted, amqp.applicationProperties());
        }
        applicationProperties.read(number, out);
    }

    /** What the broker or a consumer added comes before what the publisher said, as it does on the way out. */
    void annotation(int number, Value out) {
        Needs.Keys wanted = Objects.requireNonNull(needs).annotations();
        Object added = BrokerAnnotations.get(overlay(), wanted.name(number));
        if (added != null || !(message instanceof AmqpMessage amqp)) {
            out.set(added);
            return;
        }
        if (!annotations.scanned()) {
            annotations.scan(wanted, amqp.annotations());
        }
        annotations.read(number, out);
    }
}
