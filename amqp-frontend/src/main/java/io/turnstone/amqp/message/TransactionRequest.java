package io.turnstone.amqp.message;

import io.turnstone.amqp.codec.Encodings;
import io.turnstone.amqp.codec.MalformedException;
import io.turnstone.amqp.codec.ProtonCodec;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.jspecify.annotations.Nullable;

/** What the message on a control link asks for (part 4, sections 4.5.3 and 4.5.4). Immutable. */
public sealed interface TransactionRequest {

    /**
     * A transaction is to begin.
     *
     * @param global whether it is to be part of a distributed one
     */
    record Declare(boolean global) implements TransactionRequest {}

    /**
     * A transaction is to end.
     *
     * @param fail whether it is to be rolled back
     */
    record Discharge(Binary id, boolean fail) implements TransactionRequest {}

    /** It makes no sense. */
    record Malformed(String why) implements TransactionRequest {}

    /** Reads an encoded message; other sections than its amqp-value are passed over. */
    static TransactionRequest of(byte[] message) {
        var bytes = ByteBuffer.wrap(message);
        try {
            while (bytes.hasRemaining()) {
                int at = bytes.position();
                Encodings.skip(bytes);
                if (ProtonCodec.decode(bytes.duplicate().position(at)) instanceof AmqpValue value) {
                    return of(value.getValue());
                }
            }
        } catch (MalformedException | BufferUnderflowException malformed) {
            return new Malformed("the message cannot be decoded: " + malformed.getMessage());
        }
        return new Malformed("the message has no amqp-value section with a declare or a discharge");
    }

    private static TransactionRequest of(@Nullable Object value) {
        if (value instanceof org.apache.qpid.proton.amqp.transaction.Declare declare) {
            return new Declare(declare.getGlobalId() != null);
        }
        if (value instanceof org.apache.qpid.proton.amqp.transaction.Discharge discharge) {
            return discharge.getTxnId() == null
                    ? new Malformed("field txn-id of the discharge is missing")
                    : new Discharge(discharge.getTxnId(), Boolean.TRUE.equals(discharge.getFail()));
        }
        return new Malformed("the amqp-value of the message is neither a declare nor a discharge");
    }
}
