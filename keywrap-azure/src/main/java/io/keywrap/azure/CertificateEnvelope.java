package io.keywrap.azure;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Private keys in an envelope, with their certificates as its object context.
 *
 * @param cipher encrypts, under a keychain of the vendor's
 */
record CertificateEnvelope(EnvelopeCipher cipher) {

    /** Encrypts keys, which stay the caller's. */
    byte[] seal(CertificateStates states, List<byte[]> keys) {
        byte[] encoded = PrivateKeys.encode(keys);
        try {
            return cipher.encrypt(encoded, states.toContext());
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** Decrypts keys, and proves each with its certificate. */
    PrivateKeys open(CertificateStates states, byte[] sealed) {
        byte[] encoded = cipher.withContextMatch(ContextMatch.EXACT).decrypt(sealed, states.toContext());
        return PrivateKeys.parse(encoded, states.all());
    }

    /** Writes them to a file, encrypted anew. */
    void write(CertificateStates states, byte[] sealed, Path file) throws IOException {
        byte[] encoded;
        try (PrivateKeys keys = open(states, sealed)) {
            encoded = PrivateKeys.encode(keys.all());
        }
        try {
            cipher.encrypt(new ByteArrayInputStream(encoded), file, states.toContext());
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** What an envelope says of itself, which {@link #open} authenticates. */
    static CertificateStates statesOf(byte[] sealed, Application expected) {
        if (sealed.length > CertificateFile.MOST_BYTES) {
            throw new MalformedEnvelopeException("too long for application certificates");
        }
        try {
            EnvelopeHeader header = EnvelopeHeader.read(new ByteArrayInputStream(sealed));
            return CertificateStates.parse(header.objectContext(), expected);
        } catch (IOException e) {
            throw new UncheckedIOException("arrays do not fail", e);
        }
    }
}
