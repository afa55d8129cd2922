package io.keywrap;

import io.keywrap.crypto.Jca;
import java.io.Serializable;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of a DEK: 16 random bytes, written as 32 lower-case hexadecimal digits. Not secret.
 *
 * @param hex the 32 digits
 */
public record DekId(String hex) implements Serializable {
    /** Length in bytes. */
    public static final int BYTES = 16;

    private static final Pattern HEX = Pattern.compile("[0-9a-f]{32}");

    /**
     * Checks the digits.
     *
     * @param hex the 32 digits
     * @throws IllegalArgumentException if they are not
     */
    public DekId {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("a DEK id has 32 lower-case hexadecimal digits");
        }
    }

    /**
     * Makes a new id.
     *
     * @return 16 fresh random bytes
     */
    public static DekId random() {
        return of(Jca.platform().random(BYTES));
    }

    /**
     * Takes an id from its bytes.
     *
     * @param bytes 16 bytes, copied
     * @return the id
     * @throws IllegalArgumentException if there are not 16
     */
    public static DekId of(byte[] bytes) {
        return new DekId(HexFormat.of().formatHex(bytes));
    }

    /**
     * Takes an id from its digits.
     *
     * @param hex 32 lower-case hexadecimal digits
     * @return the id
     * @throws IllegalArgumentException if they are not
     */
    public static DekId of(String hex) {
        return new DekId(hex);
    }

    /**
     * The id as bytes.
     *
     * @return 16 bytes, a new array
     */
    public byte[] toBytes() {
        return HexFormat.of().parseHex(hex);
    }

    /**
     * The digits.
     *
     * @return {@link #hex()}
     */
    @Override
    public String toString() {
        return hex;
    }
}
