package io.turnstone.load;

import java.nio.ByteBuffer;

/**
 * One producer's message as encoded transfer frames, as many as the broker's frame size asks for. Between two
 * messages only delivery id, tag and stamp differ, and those are overwritten in place. Owned by one connection.
 */
final class MessageTemplate {

    private static final int FRAME_OVERHEAD = HotFrames.MAX_BYTES;

    private final ByteBuffer bytes;
    private final int[] frameEnds;
    private int deliveryIdAt;
    private int tagAt;
    private final int stampAt;

    /**
     * @param maxFrameBytes the broker's limit, at least the 512 that each peer must take
     */
    MessageTemplate(Plan.Messages messages, int channel, int handle, int maxFrameBytes) {
        byte[] payload = payload(messages);
        int perFrame = maxFrameBytes - FRAME_OVERHEAD;
        int frames = (payload.length + perFrame - 1) / perFrame;
        frameEnds = new int[frames];
        bytes = ByteBuffer.allocate(payload.length + frames * FRAME_OVERHEAD);
        int stamp = 0;
        for (int i = 0; i < frames; i++) {
            int from = i * perFrame;
            int to = Math.min(payload.length, from + perFrame);
            int start = transfer(channel, handle, i == 0, i < frames - 1, messages.settled());
            if (i == 0) {
                stamp = bytes.position() + payload.length - messages.bytes();
            }
            bytes.put(payload, from, to - from);
            HotFrames.end(bytes, start);
            frameEnds[i] = bytes.position();
        }
        stampAt = stamp;
    }

    private static byte[] payload(Plan.Messages messages) {
        byte[] body = Stamp.fill(messages.bytes());
        ByteBuffer payload = ByteBuffer.allocate(FRAME_OVERHEAD + body.length);
        if (messages.durable()) {
            HotFrames.described(payload, Code.HEADER);
            int list = HotFrames.beginList(payload);
            payload.put((byte) Type.TRUE);
            HotFrames.endList(payload, list, 1);
        }
        HotFrames.described(payload, Code.DATA);
        if (body.length < 256) {
            payload.put((byte) Type.VBIN8).put((byte) body.length);
        } else {
            payload.put((byte) Type.VBIN32).putInt(body.length);
        }
        payload.put(body);
        var exact = new byte[payload.position()];
        payload.get(0, exact);
        return exact;
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
