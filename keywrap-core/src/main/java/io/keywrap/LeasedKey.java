package io.keywrap;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import javax.crypto.SecretKey;

/** The JCA's view of a lease: an AES key that ends with it. */
final class LeasedKey implements SecretKey {
    private static final long serialVersionUID = 1L;

    private final transient DekLease lease;

    LeasedKey(DekLease lease) {
        this.lease = lease;
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        return lease.withBytes(byte[]::clone);
    }

    @Override
    public boolean isDestroyed() {
        return lease.isWiped();
    }

    @Override
    public void destroy() {
        lease.close();
    }

    @Override
    public String toString() {
        return "LeasedKey[" + lease.dekId() + "]";
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("keys are never serialised");
    }
}
