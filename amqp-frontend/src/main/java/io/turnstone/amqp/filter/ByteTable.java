package io.turnstone.amqp.filter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts by their UTF-8 bytes, to be found in an array without copying them out of it. */
final class ByteTable {

    private static final int NONE = -1;

    private final List<byte[]> texts = new ArrayList<>();
    /** Indexes of texts by their hash, the next free place if that is taken; at most half full. */
    private int[] places = {NONE, NONE};

    /** Adds a text unless it is there; returns its index. */
    int add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int known = find(bytes, 0, bytes.length);
        if (known >= 0) {
            return known;
        }
        texts.add(bytes);
        if (2 * texts.size() > places.length) {
            places = new int[2 * places.length];
            Arrays.fill(places, NONE);
            for (int i = 0; i < texts.size(); i++) {
                place(i);
            }
        } else {
            place(texts.size() - 1);
        }
        return texts.size() - 1;
    }

    int size() {
        return texts.size();
    }

    private void place(int index) {
        byte[] bytes = texts.get(index);
        int at = hash(bytes, 0, bytes.length);
        while (places[at] != NONE) {
            at = (at + 1) & (places.length - 1);
        }
        places[at] = index;
    }

    /** The index of the text that these bytes are, or -1. */
    int find(byte[] array, int from, int length) {
        int at = hash(array, from, length);
        for (int index = places[at]; index != NONE; index = places[at]) {
            byte[] bytes = texts.get(index);
            if (Arrays.equals(bytes, 0, bytes.length, array, from, from + length)) {
                return index;
            }
            at = (at + 1) & (places.length - 1);
        }
        return NONE;
    }

    private int hash(byte[] array, int from, int length) {
        int hash = length;
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + array[i];
        }
        return (hash ^ (hash >>> 16)) & (places.length - 1);
    }
}
