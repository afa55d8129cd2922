package io.keywrap.codec;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The canonical encoding: big-endian unsigned integers of fixed width, and byte strings and UTF-8 text behind a length.
 *
 * <p>A value has exactly one encoding, so reading and writing again gives the same bytes; everything else is
 * {@link Malformed}. No length is trusted before it was held against the bytes that are there.
 */
public final class Canonical {
    /** Longest keychain id, in UTF-8 bytes. */
    public static final int MAX_KEYCHAIN_ID_BYTES = 256;

    private Canonical() {}

    /**
     * Encodes text as UTF-8 and refuses what has no exact encoding.
     *
     * @param text the text
     * @return its UTF-8 bytes
     * @throws IllegalArgumentException if the text has an unpaired surrogate; the message does not quote the text
     */
    public static byte[] utf8(String text) {
        if (!hasSurrogate(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text has an unpaired surrogate and so no UTF-8 encoding", e);
        }
    }

    /** Without one, the quick encoder of the JDK, which replaces what it cannot encode, is exact. */
    private static boolean hasSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Checks a keychain id: 1 to {@value #MAX_KEYCHAIN_ID_BYTES} UTF-8 bytes, no control characters.
     *
     * @param keychainId the id
     * @return the id
     * @throws IllegalArgumentException if it is not a valid id
     */
    public static String requireKeychainId(String keychainId) {
        int length = utf8(keychainId).length;
        if (length == 0 || length > MAX_KEYCHAIN_ID_BYTES) {
            throw new IllegalArgumentException(
                    "a keychain id has 1 to " + MAX_KEYCHAIN_ID_BYTES + " UTF-8 bytes, this one has " + length);
        }
        for (int i = 0; i < keychainId.length(); i++) {
            if (Character.isISOControl(keychainId.charAt(i))) {
                throw new IllegalArgumentException("a keychain id has no control characters");
            }
        }
        return keychainId;
    }

    /** Bytes that are not the canonical encoding of anything. The message names the field and never quotes data. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the exception.
         *
         * @param message what is wrong, without data
         */
        public Malformed(String message) {
            super(message);
        }
    }

    /** Appends canonical fields to a growing buffer. Not thread-safe. */
    public static final class Writer {
        private byte[] out = new byte[128];
        private int length;

        /** Makes an empty writer. */
        public Writer() {}

        /**
         * Appends an unsigned integer, most significant byte first.
         *
         * @param value the value, not negative
         * @param width its width in bytes, 1 to 8
         * @return this
         * @throws IllegalArgumentException if the value does not fit
         */
        public Writer unsigned(long value, int width) {
            if (value < 0 || (width < 8 && value >>> (8 * width) != 0)) {
                throw new IllegalArgumentException(value + " does not fit in " + width + " bytes");
            }
            for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
                room(1)[length++] = (byte) (value >>> shift);
            }
            return this;
        }

        /**
         * Appends bytes as they are.
         *
         * @param bytes the bytes
         * @return this
         */
        public Writer bytes(byte[] bytes) {
            System.arraycopy(bytes, 0, room(bytes.length), length, bytes.length);
            length += bytes.length;
            return this;
        }

        /**
         * Appends a length of two bytes and then the bytes.
         *
         * @param bytes at most 65,535 bytes
         * @return this
         */
        public Writer sized(byte[] bytes) {
            return unsigned(bytes.length, 2).bytes(bytes);
        }

        /**
         * Appends text as {@link #sized} UTF-8.
         *
         * @param text the text
         * @return this
         */
        public Writer text(String text) {
            return sized(utf8(text));
        }

        /**
         * What was written so far.
         *
         * @return a copy
         */
        public byte[] toBytes() {
            return Arrays.copyOf(out, length);
        }

        private byte[] room(int more) {
            if (more > out.length - length) {
                out = Arrays.copyOf(out, Math.max(2 * out.length, Math.addExact(length, more)));
            }
            return out;
        }
    }

    /** Takes canonical fields from a byte array, checking each bound before it allocates. Not thread-safe. */
    public static final class Reader {
        private final byte[] bytes;
        private int position;

        /**
         * Makes a reader over bytes that stay the caller's and are not changed.
         *
         * @param bytes the bytes
         */
        public Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        /**
         * Takes an unsigned integer.
         *
         * @param field its name, for the message
         * @param width its width in bytes, 1 to 8
         * @return the value
         * @throws Malformed if the bytes end before, or the value is over 2^63 − 1
         */
        public long unsigned(String field, int width) throws Malformed {
            require(field, width);
            long value = 0;
            for (int i = 0; i < width; i++) {
                value = (value << 8) | (bytes[position++] & 0xFF);
            }
            if (value < 0) {
                throw new Malformed(field + " is over 2^63 - 1");
            }
            return value;
        }

        /**
         * Takes an unsigned integer of at most four bytes that has an upper limit.
         *
         * @param field its name, for the message
         * @param width its width in bytes, 1 to 4
         * @param limit the largest value accepted
         * @return the value
         * @throws Malformed if the bytes end before, or the value is over the limit
         */
        public int limited(String field, int width, int limit) throws Malformed {
            long value = unsigned(field, width);
            if (value > limit) {
                throw new Malformed(field + " is " + value + ", the limit is " + limit);
            }
            return (int) value;
        }

        /**
         * Takes bytes as they are.
         *
         * @param field their name, for the message
         * @param length how many
         * @return a copy of them
         * @throws Malformed if the bytes end before
         */
        public byte[] bytes(String field, int length) throws Malformed {
            require(field, length);
            position += length;
            return Arrays.copyOfRange(bytes, position - length, position);
        }

        /**
         * Takes a length of two bytes and then the bytes.
         *
         * @param field their name, for the message
         * @param limit the largest length accepted
         * @return a copy of them
         * @throws Malformed if the length is over the limit or the bytes end before
         */
        public byte[] sized(String field, int limit) throws Malformed {
            return bytes(field, limited(field + " length", 2, limit));
        }

        /**
         * Takes {@link #sized} text in strict UTF-8.
         *
         * @param field its name, for the message
         * @param limit the largest length accepted, in bytes
         * @return the text
         * @throws Malformed if the length is over the limit, the bytes end before, or they are not UTF-8
         */
        public String text(String field, int limit) throws Malformed {
            byte[] encoded = sized(field, limit);
            if (isAscii(encoded)) {
                return new String(encoded, StandardCharsets.US_ASCII);
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(encoded))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new Malformed(field + " is not UTF-8");
            }
        }

        private static boolean isAscii(byte[] bytes) {
            int all = 0;
            for (byte each : bytes) {
                all |= each;
            }
            return all >= 0;
        }

        /**
         * Takes a keychain id.
         *
         * @return the id
         * @throws Malformed if it is cut or breaks the rules of {@link Canonical#requireKeychainId}
         */
        public String keychainId() throws Malformed {
            String id = text("keychain id", MAX_KEYCHAIN_ID_BYTES);
            try {
                return requireKeychainId(id);
            } catch (IllegalArgumentException e) {
                throw new Malformed(String.valueOf(e.getMessage()));
            }
        }

        /**
         * How many bytes are left.
         *
         * @return the count
         */
        public int remaining() {
            return bytes.length - position;
        }

        /**
         * Demands that nothing is left.
         *
         * @throws Malformed if there is
         */
        public void end() throws Malformed {
            if (remaining() != 0) {
                throw new Malformed(remaining() + " bytes too many");
            }
        }

        private void require(String field, int length) throws Malformed {
            if (length > remaining()) {
                throw new Malformed(field + " is cut");
            }
        }
    }
}
