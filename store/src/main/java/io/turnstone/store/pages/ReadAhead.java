package io.turnstone.store.pages;

import io.turnstone.store.files.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file in large pieces and keeps some of them, for the time in which a store opens: tens of thousands of small
 * records that lie beside each other are read then, and nothing is written. What cannot be read so is left to who reads it
 * alone. Owned by one thread.
 */
final class ReadAhead {

    private static final int PIECE = 64 << 10;

    /** Pieces that are kept: 4 MiB. */
    private static final int KEPT = 64;

    private final StoreFile file;
    private final long[] numbers = new long[KEPT];
    private final @Nullable ByteBuffer[] pieces = new ByteBuffer[KEPT];

    ReadAhead(StoreFile file) {
        this.file = file;
    }

    /** Whether the target has these bytes of the file now; they may go over the end of one piece, not of two. */
    boolean read(long offset, byte[] target, int from, int count) {
        int within = (int) (offset % PIECE);
        int here = Math.min(count, PIECE - within);
        ByteBuffer first = piece(offset / PIECE);
        ByteBuffer second = here == count ? first : piece(offset / PIECE + 1);
        if (first == null || second == null || count - here > PIECE) {
            return false;
        }
        first.get(within, target, from, here);
        second.get(0, target, from + here, count - here);
        return true;
    }

    /** Null when it is not all there, or cannot be read. */
    private @Nullable ByteBuffer piece(long number) {
        int place = (int) (number % KEPT);
        ByteBuffer piece = pieces[place];
        if (piece != null && numbers[place] == number) {
            return piece;
        }
        if (piece == null) {
            piece = ByteBuffer.allocate(PIECE);
        }
        pieces[place] = null;
        try {
            if (file.read(piece.clear(), number * PIECE) < PIECE) {
                return null;
            }
        } catch (IOException e) { // of all this perhaps nobody needs what cannot be read
            return null;
        }
        numbers[place] = number;
        pieces[place] = piece;
        return piece;
    }
}
