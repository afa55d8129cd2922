package io.keywrap.crypto;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * A secret key whose bytes can be wiped, which {@link javax.crypto.spec.SecretKeySpec} does not allow.
 *
 * <p>The providers of the JDK take a copy through {@link #getEncoded()} and wipe that copy themselves.
 */
final class TransientKey implements SecretKey {
    private static final long serialVersionUID = 1L;

    private final String algorithm;
    private final transient byte[] key;
    private transient boolean destroyed;

    private TransientKey(String algorithm, byte[] key) {
        this.algorithm = algorithm;
        this.key = key;
    }

    static TransientKey takeCopyOf(byte[] key, String algorithm) {
        return new TransientKey(algorithm, key.clone());
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public synchronized byte[] getEncoded() {
        if (destroyed) {
            throw new IllegalStateException("the key was destroyed");
        }
        return key.clone();
    }

    @Override
    public synchronized void destroy() {
        destroyed = true;
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public synchronized boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "TransientKey[" + algorithm + "]";
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("keys are never serialised");
    }
}
