package io.keywrap.azure.storage;

import io.keywrap.Dek;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The shape in which Azure's client gives a content key to be wrapped: the version of its encryption, such as {@code 2.1}, five
 * zeros, and the 32 bytes of the key. The client compares the version after every unwrap, so that nobody makes it decrypt by a
 * weaker version; so it is bound to the wrap and comes back with the key.
 */
final class ContentKey {
    static final int VERSION_BYTES = 3;
    private static final int PREFIX_BYTES = 8;
    private static final int BYTES = PREFIX_BYTES + Dek.BYTES;

    /** Version 1 is CBC without authentication, and its keys have no prefix. */
    private static final Pattern VERSION = Pattern.compile("[2-9]\\.[0-9]");

    private ContentKey() {}

    /**
     * Which version a key is for.
     *
     * @throws IllegalArgumentException if it does not have the shape; the message tells nothing of the bytes
     */
    static String versionOf(byte[] key) {
        if (key.length == Dek.BYTES) {
            throw new IllegalArgumentException(
                    "keywrap wraps no content key of version 1 of Azure's client-side encryption,"
                            + " which does not authenticate what it encrypts; use EncryptionVersion.V2 or V2_1");
        }
        String version = key.length == BYTES ? version(key) : "";
        int padding = 0;
        for (int i = VERSION_BYTES; i < PREFIX_BYTES && i < key.length; i++) {
            padding |= key[i];
        }
        if (padding != 0 || !isVersion(version)) {
            throw new IllegalArgumentException(
                    "keywrap wraps the content keys of Azure's client-side encryption alone: 3"
                            + " characters for its version, five zeros and 32 bytes; these " + key.length
                            + " bytes are none");
        }
        return version;
    }

    /** The version that some bytes begin with, which may be none. */
    static String version(byte[] bytes) {
        return new String(bytes, 0, VERSION_BYTES, StandardCharsets.US_ASCII);
    }

    static boolean isVersion(String version) {
        return VERSION.matcher(version).matches();
    }

    /** The key without its prefix, in a new array. */
    static byte[] withoutPrefix(byte[] key) {
        return Arrays.copyOfRange(key, PREFIX_BYTES, BYTES);
    }

    /** The key as the client gave it, in a new array. */
    static byte[] withPrefix(String version, byte[] key) {
        byte[] whole = Arrays.copyOf(version.getBytes(StandardCharsets.US_ASCII), BYTES);
        System.arraycopy(key, 0, whole, PREFIX_BYTES, Dek.BYTES);
        return whole;
    }
}
