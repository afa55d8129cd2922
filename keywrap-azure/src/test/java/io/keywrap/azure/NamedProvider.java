package io.keywrap.azure;

import java.security.MessageDigestSpi;
import java.security.Provider;
import java.util.Arrays;

/** A provider of the JCA whose SHA-256 is none, so that a digest tells who has made it. */
final class NamedProvider extends Provider {
    static final byte DIGEST_BYTE = 0x5a;
    private static final long serialVersionUID = 1L;

    NamedProvider() {
        super("Named", "1", "a digest that is always the same");
        put("MessageDigest.SHA-256", Digest.class.getName());
    }

    /** Made by the JCA. */
    public static final class Digest extends MessageDigestSpi {
        @Override
        protected void engineUpdate(byte input) {}

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {}

        @Override
        protected byte[] engineDigest() {
            byte[] digest = new byte[32];
            Arrays.fill(digest, DIGEST_BYTE);
            return digest;
        }

        @Override
        protected void engineReset() {}
    }
}
