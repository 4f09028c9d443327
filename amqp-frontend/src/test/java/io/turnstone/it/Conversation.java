package io.turnstone.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** All that a client says from the first header to its close, as bytes; what a fuzzer starts from. */
final class Conversation {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final EncoderImpl encoder;

    private Conversation() {
        var decoder = new DecoderImpl();
        encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    /** Logs in, opens, begins, sends one message to a queue, takes from it, and closes. */
    static byte[] bytes(String queue) throws IOException {
        var said = new Conversation();
        said.out.write(RawPeer.SASL_HEADER);
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf("ANONYMOUS"));
        said.frame(1, init);
        said.out.write(RawPeer.AMQP_HEADER);
        var open = new Open();
        open.setContainerId("fuzzer");
        said.frame(0, open);
        said.frame(0, RawPeer.begin());
        said.frame(0, RawPeer.attach("out", 0, Role.SENDER, queue));
        said.frame(0, RawPeer.attach("in", 1, Role.RECEIVER, queue));
        said.frame(0, RawPeer.credit(1, 1));
        var transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.ZERO);
        transfer.setDeliveryId(UnsignedInteger.ZERO);
        transfer.setDeliveryTag(new Binary(new byte[] {1}));
        transfer.setSettled(true);
        said.frame(0, transfer, new AmqpValue("fuzz"));
        said.frame(0, new Close());
        return said.out.toByteArray();
    }

    private void frame(int type, Object... parts) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(2048).position(8);
        encoder.setByteBuffer(frame);
        for (Object part : parts) {
            encoder.writeObject(part);
        }
        frame.putInt(0, frame.position()).put(4, (byte) 2).put(5, (byte) type);
        out.write(frame.array(), 0, frame.position());
    }
}
