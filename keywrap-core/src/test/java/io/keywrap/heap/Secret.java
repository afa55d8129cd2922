package io.keywrap.heap;

import java.util.Arrays;

/** A key that should not be found, and what it is. */
public final class Secret {
    private final String name;
    private final byte[] key;

    private Secret(String name, byte[] key) {
        if (key.length < 32) {
            throw new IllegalArgumentException("a key of fewer than 32 bytes may be found by chance");
        }
        this.name = name;
        this.key = key;
    }

    public static Secret of(String name, byte[] key) {
        return new Secret(name, key.clone());
    }

    /** What it is, such as "DEK 0f…". */
    public String name() {
        return name;
    }

    byte[] key() {
        return key.clone();
    }

    /** The key in pieces of 16 bytes, since half a key in memory is a finding too. */
    byte[][] pieces() {
        byte[][] pieces = new byte[key.length / 16][];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = Arrays.copyOfRange(key, 16 * i, 16 * i + 16);
        }
        return pieces;
    }

    @Override
    public String toString() {
        return name;
    }
}
