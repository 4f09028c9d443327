package io.turnstone.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Header, properties and body of one producer's message, encoded once, and where in it the things stand that differ
 * from message to message. Immutable.
 *
 * @param priorityAt where the priority is; -1 without priorities
 * @param keysAt where the digits of the key are, each time it occurs
 * @param stampAt where the body begins
 */
record EncodedMessage(byte[] bytes, int priorityAt, List<Integer> keysAt, int stampAt) {

    /** What stands before a body at most: it fits the first frame together with the stamp, however small frames are. */
    private static final int MAX_BEFORE_BODY = 320;

    static EncodedMessage of(Plan.Messages messages) {
        byte[] body = Stamp.fill(messages.bytes());
        ByteBuffer out = ByteBuffer.allocate(MAX_BEFORE_BODY + body.length);
        Plan.Envelope envelope = messages.envelope();
        int priorityAt = header(out, messages.durable(), envelope);
        List<Integer> keysAt = properties(out, envelope);
        HotFrames.described(out, Code.DATA);
        if (body.length < 256) {
            out.put((byte) Type.VBIN8).put((byte) body.length);
        } else {
            out.put((byte) Type.VBIN32).putInt(body.length);
        }
        int stampAt = out.position();
        out.put(body);
        var exact = new byte[out.position()];
        out.get(0, exact);
        return new EncodedMessage(exact, priorityAt, keysAt, stampAt);
    }

    private static int header(ByteBuffer out, boolean durable, Plan.Envelope envelope) {
        int fields = envelope.ttlMs() > 0 ? 3 : envelope.priorities() > 1 ? 2 : durable ? 1 : 0;
        int priorityAt = -1;
        if (fields > 0) {
            HotFrames.described(out, Code.HEADER);
            int list = HotFrames.beginList(out);
            out.put((byte) (durable ? Type.TRUE : Type.FALSE));
            if (envelope.priorities() > 1) {
                out.put((byte) Type.UBYTE).put((byte) 0);
                priorityAt = out.position() - 1;
            } else if (fields > 1) {
                out.put((byte) Type.NULL);
            }
            if (fields > 2) {
                out.put((byte) Type.UINT).putInt((int) envelope.ttlMs());
            }
            HotFrames.endList(out, list, fields);
        }
        return priorityAt;
    }

    private static List<Integer> properties(ByteBuffer out, Plan.Envelope envelope) {
        var keysAt = new ArrayList<Integer>();
        if (envelope.to() != null || envelope.subject() != null) {
            HotFrames.described(out, Code.PROPERTIES);
            int list = HotFrames.beginList(out);
            out.put((byte) Type.NULL).put((byte) Type.NULL);
            text(out, envelope.to(), envelope, keysAt);
            text(out, envelope.subject(), envelope, keysAt);
            HotFrames.endList(out, list, 4);
        }
        return List.copyOf(keysAt);
    }

    private static void text(ByteBuffer out, @Nullable String text, Plan.Envelope envelope, List<Integer> keysAt) {
        if (text == null) {
            out.put((byte) Type.NULL);
            return;
        }
        int lengthAt = out.put((byte) Type.STR8).put((byte) 0).position() - 1;
        String[] parts = text.split("%k", -1);
        for (int i = 0; i < parts.length; i++) {
            if (i > 0) {
                keysAt.add(out.position());
                out.put(envelope.key(0).getBytes(StandardCharsets.US_ASCII));
            }
            out.put(parts[i].getBytes(StandardCharsets.UTF_8));
        }
        out.put(lengthAt, (byte) (out.position() - lengthAt - 1));
    }
}
