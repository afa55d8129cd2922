package io.keywrap.byok;

import io.keywrap.MalformedEnvelopeException;
import io.keywrap.crypto.RsaOaep;
import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Private transport keys while they are in use, in PKCS#8 (RFC 5958), in the order of their public halves. Encoded as a length
 * of two bytes before each. Closing wipes them.
 */
final class TransportPrivateKeys implements AutoCloseable {
    private static final int MOST_BYTES = 8 * 1024;

    private final RsaOaep rsa;
    private final List<byte[]> keys = new ArrayList<>();

    private TransportPrivateKeys(RsaOaep rsa) {
        this.rsa = rsa;
    }

    /** Reads the private halves of keys, and wipes the encoding. Each must be that of its public half. */
    static TransportPrivateKeys parse(RsaOaep rsa, byte[] encoded, List<TransportKey> publics) {
        TransportPrivateKeys keys = new TransportPrivateKeys(rsa);
        boolean done = false;
        try {
            ByteBuffer in = ByteBuffer.wrap(encoded);
            for (TransportKey one : publics) {
                byte[] key = next(in);
                keys.keys.add(key);
                requirePair(rsa, one, key);
            }
            if (in.hasRemaining()) {
                throw new MalformedEnvelopeException("more follows the private keys than there are transport keys");
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

    private static void requirePair(RsaOaep rsa, TransportKey one, byte[] key) {
        boolean pair;
        try {
            pair = RsaOaep.pair(rsa.publicKey(one.spki()), rsa.privateKey(key));
        } catch (InvalidKeySpecException e) {
            pair = false; // And no cause: it might quote the key.
        }
        if (!pair) {
            throw new MalformedEnvelopeException("the private key is not that of transport key " + one.fingerprint()
                    + "; to do: restore the file from a backup, or make new transport keys");
        }
    }

    /** Tries the keys in their order; empty if none of them opens it to something of the right form. */
    Optional<byte[]> decrypt(byte[] encrypted, Predicate<byte[]> form) {
        for (byte[] key : keys) {
            Optional<byte[]> opened = rsa.decrypt(read(key), encrypted);
            if (opened.filter(form).isPresent()) {
                return opened;
            }
            opened.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        }
        return Optional.empty();
    }

    private PrivateKey read(byte[] key) {
        try {
            return rsa.privateKey(key);
        } catch (InvalidKeySpecException e) {
            throw new IllegalStateException("a key that was read cannot be read again");
        }
    }

    /** The key of a place. Not copied, and wiped with this object. */
    byte[] get(int place) {
        return keys.get(place);
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
        return "TransportPrivateKeys[" + keys.size() + "]";
    }
}
