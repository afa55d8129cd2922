package io.keywrap.azure;

import io.keywrap.MalformedEnvelopeException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Private keys while they are in use, in PKCS#8 (RFC 5958), in the order of their certificates. Encoded as a length of two bytes
 * before each. Closing wipes them.
 */
final class PrivateKeys implements AutoCloseable {
    private static final int MOST_BYTES = 8 * 1024;
    private static final int PROBE_BYTES = 32;

    private final List<byte[]> keys;

    private PrivateKeys(List<byte[]> keys) {
        this.keys = keys;
    }

    /** Takes keys over. */
    static PrivateKeys takeOwnershipOf(List<byte[]> keys) {
        return new PrivateKeys(new ArrayList<>(keys));
    }

    /** Reads the keys of certificates, and wipes the encoding. Each key must be that of its certificate. */
    static PrivateKeys parse(byte[] encoded, List<ApplicationCertificate> certificates) {
        PrivateKeys keys = new PrivateKeys(new ArrayList<>());
        boolean done = false;
        try {
            ByteBuffer in = ByteBuffer.wrap(encoded);
            for (ApplicationCertificate certificate : certificates) {
                keys.keys.add(next(in));
                requireMatch(certificate, keys.keys.get(keys.keys.size() - 1));
            }
            if (in.hasRemaining()) {
                throw new MalformedEnvelopeException("more follows the private keys than there are certificates");
            }
            done = true;
            return keys;
        } finally {
            Arrays.fill(encoded, (byte) 0);
            if (!done) {
                keys.close();
            }
        }
    }

    private static byte[] next(ByteBuffer in) {
        int length = in.remaining() < Short.BYTES ? 0 : Short.toUnsignedInt(in.getShort());
        if (length == 0 || length > MOST_BYTES || length > in.remaining()) {
            throw new MalformedEnvelopeException("a private key is missing, cut or too long");
        }
        byte[] key = new byte[length];
        in.get(key);
        return key;
    }

    /** Signs with the one and verifies with the other. */
    private static void requireMatch(ApplicationCertificate certificate, byte[] key) {
        byte[] probe = new byte[PROBE_BYTES];
        new SecureRandom().nextBytes(probe);
        boolean match;
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key)));
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.x509().getPublicKey());
            signature.update(probe);
            match = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            match = false; // And no cause: it might quote the key.
        }
        if (!match) {
            throw new MalformedEnvelopeException(
                    "the private key is not that of certificate " + certificate.sha1Thumbprint()
                            + "; to do: restore the file from a backup, or make a new certificate");
        }
    }

    /** The key of a certificate, by its place. Not copied, and wiped with this object. */
    byte[] get(int place) {
        return keys.get(place);
    }

    /** All of them. Not copied, and wiped with this object. */
    List<byte[]> all() {
        return keys;
    }

    /** The encoding of keys; the caller wipes it. */
    static byte[] encode(List<byte[]> keys) {
        ByteBuffer out = ByteBuffer.allocate(
                keys.stream().mapToInt(key -> Short.BYTES + key.length).sum());
        keys.forEach(key -> out.putShort((short) key.length).put(key));
        return out.array();
    }

    @Override
    public void close() {
        keys.forEach(key -> Arrays.fill(key, (byte) 0));
    }

    /** How many there are. */
    @Override
    public String toString() {
        return "PrivateKeys[" + keys.size() + "]";
    }
}
