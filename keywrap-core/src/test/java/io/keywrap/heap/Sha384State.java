package io.keywrap.heap;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/** What SHA-384 has in memory after its first block (FIPS 180-4, 6.4), which no digest of the JCA shows. */
final class Sha384State {
    private static final long[] ROUND_CONSTANTS = new long[80];
    private static final long[] INITIAL = new long[8];

    static {
        // The first 64 bits of the fractions of the cube roots of the first 80 primes; of the square roots of the 9th
        // to
        // the 16th prime.
        int prime = 1;
        for (int i = 0; i < 80; i++) {
            prime = BigInteger.valueOf(prime).nextProbablePrime().intValueExact();
            ROUND_CONSTANTS[i] =
                    cubeRoot(BigInteger.valueOf(prime).shiftLeft(192)).longValue();
            if (i >= 8 && i < 16) {
                INITIAL[i - 8] = BigInteger.valueOf(prime).shiftLeft(128).sqrt().longValue();
            }
        }
    }

    private Sha384State() {}

    /** The 64 bytes of the state after one block of 128 bytes. */
    static byte[] after(byte[] block) {
        long[] w = schedule(block);
        long[] s = INITIAL.clone();
        for (int i = 0; i < 80; i++) {
            long one = s[7] + rotations(s[4], 14, 18, 41) + (s[4] & s[5] ^ ~s[4] & s[6]) + ROUND_CONSTANTS[i] + w[i];
            long two = rotations(s[0], 28, 34, 39) + (s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]);
            System.arraycopy(s, 0, s, 1, 7);
            s[4] += one;
            s[0] = one + two;
        }
        ByteBuffer state = ByteBuffer.allocate(64);
        for (int i = 0; i < 8; i++) {
            state.putLong(s[i] + INITIAL[i]);
        }
        return state.array();
    }

    private static long[] schedule(byte[] block) {
        long[] w = new long[80];
        ByteBuffer.wrap(block).asLongBuffer().get(w, 0, 16);
        for (int i = 16; i < 80; i++) {
            long before = Long.rotateRight(w[i - 15], 1) ^ Long.rotateRight(w[i - 15], 8) ^ w[i - 15] >>> 7;
            long later = Long.rotateRight(w[i - 2], 19) ^ Long.rotateRight(w[i - 2], 61) ^ w[i - 2] >>> 6;
            w[i] = w[i - 16] + before + w[i - 7] + later;
        }
        return w;
    }

    private static long rotations(long word, int first, int second, int third) {
        return Long.rotateRight(word, first) ^ Long.rotateRight(word, second) ^ Long.rotateRight(word, third);
    }

    private static BigInteger cubeRoot(BigInteger of) {
        BigInteger root = BigInteger.ZERO;
        for (int bit = of.bitLength() / 3; bit >= 0; bit--) {
            BigInteger larger = root.setBit(bit);
            root = larger.pow(3).compareTo(of) <= 0 ? larger : root;
        }
        return root;
    }
}
