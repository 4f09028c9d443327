package io.turnstone.load;

import java.nio.ByteBuffer;

/**
 * Writes the frames of the hot path, disposition and flow, and the empty frame that keeps a connection alive;
 * the third hot frame, transfer, is {@link MessageTemplate}. What they write is what Proton-J's codec reads.
 */
final class HotFrames {

    /** No frame written here is longer. */
    static final int MAX_BYTES = 64;

    static final int EMPTY_FRAME_BYTES = 8;

    private HotFrames() {}

    /** Accepts and settles a range of deliveries, as receiver. */
    static void accept(ByteBuffer out, int channel, int first, int last) {
        int start = begin(out, channel, Code.DISPOSITION);
        int list = beginList(out);
        out.put((byte) Type.TRUE);
        uint(out, first);
        uint(out, last);
        out.put((byte) Type.TRUE);
        described(out, Code.ACCEPTED);
        out.put((byte) Type.LIST0);
        endList(out, list, 5);
        end(out, start);
    }

    /** Settles a range of deliveries, as sender: the answer to a receiver that left it to us. */
    static void settle(ByteBuffer out, int channel, int first, int last) {
        int start = begin(out, channel, Code.DISPOSITION);
        int list = beginList(out);
        out.put((byte) Type.FALSE);
        uint(out, first);
        uint(out, last);
        out.put((byte) Type.TRUE);
        endList(out, list, 4);
        end(out, start);
    }

    /** The state of a session, and of one of its links unless {@code handle} is negative. */
    static void flow(
            ByteBuffer out,
            int channel,
            SessionState session,
            int handle,
            int deliveryCount,
            int credit,
            boolean drain) {
        int start = begin(out, channel, Code.FLOW);
        int list = beginList(out);
        uint(out, session.nextIncomingId());
        uint(out, SessionState.INCOMING_WINDOW);
        uint(out, session.nextOutgoingId());
        uint(out, SessionState.OUTGOING_WINDOW);
        int fields = 4;
        if (handle >= 0) {
            uint(out, handle);
            uint(out, deliveryCount);
            uint(out, credit);
            out.put((byte) Type.NULL);
            out.put((byte) (drain ? Type.TRUE : Type.FALSE));
            fields = 9;
        }
        endList(out, list, fields);
        end(out, start);
    }

    static void empty(ByteBuffer out) {
        out.putInt(EMPTY_FRAME_BYTES).putInt(0x02000000);
    }

    static int begin(ByteBuffer out, int channel, int code) {
        int start = out.position();
        out.putInt(0).put((byte) 2).put((byte) 0).putShort((short) channel);
        described(out, code);
        return start;
    }

    static void end(ByteBuffer out, int start) {
        out.putInt(start, out.position() - start);
    }

    static void described(ByteBuffer out, int code) {
        out.put((byte) Type.DESCRIBED).put((byte) Type.SMALL_ULONG).put((byte) code);
    }

    static int beginList(ByteBuffer out) {
        out.put((byte) Type.LIST8).putShort((short) 0);
        return out.position();
    }

    static void endList(ByteBuffer out, int list, int fields) {
        out.put(list - 2, (byte) (out.position() - list + 1)).put(list - 1, (byte) fields);
    }

    static void uint(ByteBuffer out, int value) {
        if (value == 0) {
            out.put((byte) Type.UINT0);
        } else if (value > 0 && value < 256) {
            out.put((byte) Type.SMALL_UINT).put((byte) value);
        } else {
            out.put((byte) Type.UINT).putInt(value);
        }
    }
}
