package io.keywrap.envelope;

import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.codec.Canonical;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The bytes of a header before they are parsed: whether it is one, how long it is, and what is wrong with it if not. */
final class HeaderBytes {
    private HeaderBytes() {}

    static byte[] bytes(InputStream envelope) throws IOException {
        // Not readNBytes(int): in Java 17 a FileInputStream then asks for its position, which a pipe does not have.
        byte[] fixed = new byte[EnvelopeHeader.FIXED_BYTES];
        int rest = restLength(Arrays.copyOf(fixed, envelope.readNBytes(fixed, 0, EnvelopeHeader.FIXED_BYTES)));
        byte[] header = Arrays.copyOf(fixed, EnvelopeHeader.FIXED_BYTES + rest);
        if (envelope.readNBytes(header, EnvelopeHeader.FIXED_BYTES, rest) != rest) {
            throw cut();
        }
        return header;
    }

    /** How many bytes follow the fixed ones; checked before anything of that size is allocated. */
    static int restLength(byte[] fixed) {
        int magic = Math.min(fixed.length, EnvelopeHeader.MAGIC.length);
        if (!Arrays.equals(fixed, 0, magic, EnvelopeHeader.MAGIC, 0, magic)) {
            throw malformed("it does not begin with KWRP, so it is no envelope");
        }
        if (fixed.length > EnvelopeHeader.MAGIC.length
                && fixed[EnvelopeHeader.MAGIC.length] != EnvelopeHeader.VERSION) {
            throw new UnsupportedEnvelopeException(
                    "the envelope has version " + (fixed[EnvelopeHeader.MAGIC.length] & 0xFF) + ", this release reads "
                            + EnvelopeHeader.VERSION + "; to do: use a newer release");
        }
        if (fixed.length < EnvelopeHeader.FIXED_BYTES) {
            throw cut();
        }
        Canonical.Reader in = new Canonical.Reader(
                Arrays.copyOfRange(fixed, EnvelopeHeader.MAGIC.length + 1, EnvelopeHeader.FIXED_BYTES));
        try {
            long rest = in.unsigned("bound part length", 4) + in.unsigned("recipients part length", 4);
            if (rest > EnvelopeHeader.MAX_BYTES - EnvelopeHeader.FIXED_BYTES) {
                throw malformed("it claims " + (EnvelopeHeader.FIXED_BYTES + rest) + " bytes, the limit is "
                        + EnvelopeHeader.MAX_BYTES);
            }
            return (int) rest;
        } catch (Canonical.Malformed e) {
            throw new AssertionError("eight bytes are always there", e);
        }
    }

    /** Refuses pairs that no reader would take. */
    static EncryptionContext requireUsers(EncryptionContext pairs) {
        if (pairs.hasReservedPairs()) {
            throw new IllegalArgumentException("pairs whose keys begin with '" + EncryptionContext.RESERVED_PREFIX
                    + "' are reserved, and never written");
        }
        return pairs;
    }

    static long number(byte[] bytes, int at, int width) {
        long value = 0;
        for (int i = at; i < at + width; i++) {
            value = (value << 8) | (bytes[i] & 0xFF);
        }
        return value;
    }

    static MalformedEnvelopeException malformed(@Nullable String why) {
        return new MalformedEnvelopeException("the envelope's header is malformed: " + why
                + "; to do: check that this is the right file, or restore it from another copy");
    }

    static TruncatedEnvelopeException cut() {
        return new TruncatedEnvelopeException(
                "the envelope ends inside of its header; to do: restore it from another copy");
    }
}
