package io.turnstone.store.bench;

import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.core.persistence.CoreMessageObjectPools;
import org.apache.activemq.artemis.core.persistence.Persister;
import org.jspecify.annotations.Nullable;

/** Bytes as they are, in the form that an Artemis journal takes. */
final class ArrayPersister implements Persister<byte[]> {

    static final ArrayPersister INSTANCE = new ArrayPersister();

    @Override
    public byte getID() {
        return 0;
    }

    @Override
    public int getEncodeSize(byte[] record) {
        return record.length;
    }

    @Override
    public void encode(ActiveMQBuffer buffer, byte[] record) {
        buffer.writeBytes(record);
    }

    @Override
    public byte[] decode(ActiveMQBuffer buffer, byte @Nullable [] record, @Nullable CoreMessageObjectPools pools) {
        throw new AssertionError("only Artemis's paging decodes, and there is none; its journal hands out arrays");
    }
}
