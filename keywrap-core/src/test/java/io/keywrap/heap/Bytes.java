package io.keywrap.heap;

/** Arithmetic of patterns. */
final class Bytes {
    private Bytes() {}

    /** Reverses the order within every group of so many bytes. */
    static byte[] reversedBy(int group, byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[i - i % group + group - 1 - i % group];
        }
        return reversed;
    }

    static byte[] xor(byte[] bytes, int with) {
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            result[i] = (byte) (bytes[i] ^ with);
        }
        return result;
    }

    /** InvMixColumns of AES (FIPS 197, 5.3.3), which the equivalent inverse cipher applies to its round keys. */
    static byte[] inverseMixColumns(byte[] block) {
        int[] factors = {0x0E, 0x0B, 0x0D, 0x09};
        byte[] mixed = new byte[block.length];
        for (int i = 0; i < block.length; i++) {
            int sum = 0;
            for (int j = 0; j < 4; j++) {
                sum ^= times(factors[(j - i % 4 + 4) % 4], block[i - i % 4 + j] & 0xFF);
            }
            mixed[i] = (byte) sum;
        }
        return mixed;
    }

    /** Multiplication in the field of AES. */
    private static int times(int a, int b) {
        int product = 0;
        for (int left = a, power = b; left > 0; left >>= 1) {
            product ^= (left & 1) == 1 ? power : 0;
            power = power << 1 ^ (power >= 0x80 ? 0x11B : 0);
        }
        return product;
    }
}
