package io.keywrap.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** What was accepted is written again as it was. */
public final class Same {
    private Same() {}

    /** Fails unless both are the same bytes. */
    public static void bytes(byte[] written, byte[] read) {
        if (!Arrays.equals(written, read)) {
            throw new AssertionError("accepted, but written differently");
        }
    }

    /** Fails unless both are equal. */
    public static void value(Object one, Object other) {
        if (!Objects.equals(one, other)) {
            throw new AssertionError("not the same: " + one + " and " + other);
        }
    }

    /** The text of an input, in which bytes that are no UTF-8 are replaced. */
    public static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }
}
