package io.keywrap.byok;

import io.keywrap.KekId;
import io.keywrap.crypto.Jca;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** What slots are called. */
final class Slots {
    static final int MAX_BYTES = 128;
    static final String SCHEME = "byok";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final String URI = SCHEME + "://";
    private static final int HASH_BYTES = 24;

    /** What the name of every note of a slot begins with. */
    static final String NOTES = SCHEME + "-";

    private Slots() {}

    static String require(String slot) {
        if (!NAME.matcher(slot).matches()) {
            throw new IllegalArgumentException("a slot has 1 to " + MAX_BYTES
                    + " letters, digits, dots, underscores and hyphens, and begins with a letter or digit");
        }
        return slot;
    }

    static KekId kekId(String slot) {
        return KekId.of(URI + require(slot));
    }

    /** The slot that a KEK is; empty if it is none. */
    static Optional<String> of(KekId kekId) {
        return Optional.of(kekId.uri())
                .filter(uri -> uri.startsWith(URI))
                .map(uri -> uri.substring(URI.length()))
                .filter(slot -> NAME.matcher(slot).matches());
    }

    /** The name of its note: no more than a note's name may have, and nothing of a tenant's name. */
    static String noteOf(String slot) {
        byte[] hash = Jca.platform().sha256(slot.getBytes(StandardCharsets.US_ASCII));
        return NOTES + HexFormat.of().formatHex(Arrays.copyOf(hash, HASH_BYTES));
    }
}
