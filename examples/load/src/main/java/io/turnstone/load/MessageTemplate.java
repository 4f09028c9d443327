package io.turnstone.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One producer's message as encoded transfer frames, as many as the broker's frame size asks for. Between two
 * messages only delivery id, tag, stamp, priority and key differ, and those are overwritten in place. Owned by one connection.
 */
final class MessageTemplate {

    private static final int FRAME_OVERHEAD = HotFrames.MAX_BYTES;

    private final ByteBuffer bytes;
    private final int[] frameEnds;
    private final int priorities;
    private final byte[][] keys;
    private int[] keysAt = {};
    private int priorityAt;
    private int deliveryIdAt;
    private int tagAt;
    private int stampAt;

    /**
     * @param maxFrameBytes the broker's limit, at least the 512 that each peer must take
     */
    MessageTemplate(Plan.Messages messages, int channel, int handle, int maxFrameBytes) {
        var message = EncodedMessage.of(messages);
        byte[] payload = message.bytes();
        int perFrame = maxFrameBytes - FRAME_OVERHEAD;
        int frames = (payload.length + perFrame - 1) / perFrame;
        frameEnds = new int[frames];
        bytes = ByteBuffer.allocate(payload.length + frames * FRAME_OVERHEAD);
        for (int i = 0; i < frames; i++) {
            int from = i * perFrame;
            int to = Math.min(payload.length, from + perFrame);
            int start = transfer(channel, handle, i == 0, i < frames - 1, messages.settled());
            if (i == 0) {
                int begin = bytes.position();
                stampAt = begin + message.stampAt();
                priorityAt = begin + message.priorityAt();
                keysAt = message.keysAt().stream().mapToInt(at -> begin + at).toArray();
            }
            bytes.put(payload, from, to - from);
            HotFrames.end(bytes, start);
            frameEnds[i] = bytes.position();
        }
        priorities = messages.envelope().priorities();
        keys = new byte[messages.envelope().keys()][];
        Arrays.setAll(keys, i -> messages.envelope().key(i).getBytes(StandardCharsets.US_ASCII));
    }

    private int transfer(int channel, int handle, boolean first, boolean more, boolean settled) {
        int start = HotFrames.begin(bytes, channel, Code.TRANSFER);
        int list = HotFrames.beginList(bytes);
        HotFrames.uint(bytes, handle);
        if (first) {
            bytes.put((byte) Type.UINT).putInt(0);
            deliveryIdAt = bytes.position() - 4;
            bytes.put((byte) Type.VBIN8).put((byte) 4).putInt(0);
            tagAt = bytes.position() - 4;
            bytes.put((byte) Type.UINT0);
        } else {
            bytes.put((byte) Type.NULL).put((byte) Type.NULL).put((byte) Type.NULL);
        }
        bytes.put((byte) (settled ? Type.TRUE : Type.FALSE));
        bytes.put((byte) (more ? Type.TRUE : Type.FALSE));
        HotFrames.endList(bytes, list, 6);
        return start;
    }

    /** Makes this the next message. */
    void stamp(int deliveryId, long run, int producer, int phase, long sequence, long dueNanos) {
        bytes.putInt(deliveryIdAt, deliveryId);
        bytes.putInt(tagAt, deliveryId);
        bytes.putLong(stampAt + Stamp.RUN, run);
        bytes.putInt(stampAt + Stamp.PRODUCER, producer);
        bytes.putInt(stampAt + Stamp.PHASE, phase);
        bytes.putLong(stampAt + Stamp.SEQUENCE, sequence);
        bytes.putLong(stampAt + Stamp.DUE, dueNanos);
        if (priorities > 1) {
            bytes.put(priorityAt, (byte) (sequence % priorities));
        }
        for (int i = 0; i < keysAt.length; i++) {
            bytes.put(keysAt[i], keys[(int) (sequence % keys.length)]);
        }
    }

    int frames() {
        return frameEnds.length;
    }

    int frameBytes(int frame) {
        return frameEnds[frame] - frameStart(frame);
    }

    void copy(int frame, ByteBuffer out) {
        out.put(bytes.array(), frameStart(frame), frameBytes(frame));
    }

    private int frameStart(int frame) {
        return frame == 0 ? 0 : frameEnds[frame - 1];
    }
}
