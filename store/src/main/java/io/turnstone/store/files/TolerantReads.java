package io.turnstone.store.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Reading from a disk of which some sectors have gone bad: what cannot be read is zeros, which verify nowhere. */
public final class TolerantReads {

    private static final int PIECE = 4096;

    private TolerantReads() {}

    /**
     * Reads like {@link StoreFile#read}.
     *
     * @param damage told when something could not be read
     */
    public static int read(StoreFile file, ByteBuffer target, long offset, Consumer<String> damage) throws IOException {
        int start = target.position();
        try {
            return file.read(target, offset);
        } catch (IOException e) {
            target.position(start);
            int present = (int) Math.max(0, Math.min(target.remaining(), file.size() - offset));
            int lost = readPieces(file, target, offset, start + present);
            damage.accept(lost + " bytes from " + offset + " on cannot be read from the disk: " + e);
            return present;
        }
    }

    private static int readPieces(StoreFile file, ByteBuffer target, long offset, int end) {
        int start = target.position();
        int limit = target.limit();
        int lost = 0;
        for (int at = start; at < end; ) {
            int next = (int) Math.min(end, at + PIECE - (offset + at - start) % PIECE);
            try {
                target.limit(next).position(at);
                file.read(target, offset + at - start);
            } catch (IOException e) {
                for (int i = at; i < next; i++) {
                    target.put(i, (byte) 0);
                }
                lost += next - at;
            }
            at = next;
        }
        target.limit(limit).position(end);
        return lost;
    }
}
