package io.keywrap.keystore;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Gcm;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.Jca.Slice;
import io.keywrap.provider.KeyProvider;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.security.UnrecoverableKeyException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Wraps under an AES-256 key of a key store with AES-256-GCM, the canonical key context as associated data.
 *
 * <p>A key that gives its bytes is never used twice: each wrap has a key of its own, derived from the KEK and a 32-byte
 * random salt, so that random IVs set no limit to the number of wraps. A key that stays inside of a token is used as it
 * is; NIST SP 800-38D, 8.3 allows it 2^32 wraps.
 */
final class KeystoreKeyProvider implements KeyProvider {
    /** Bytes: salt (32) ‖ IV (12) ‖ wrapped key (32) ‖ tag (16). */
    static final String DERIVED_KEY = "HKDF-SHA384-AES-256-GCM";

    /** Bytes: IV (12) ‖ wrapped key (32) ‖ tag (16). */
    static final String TOKEN_KEY = "AES-256-GCM";

    private static final byte[] DERIVATION = "keywrap-keystore-wrap".getBytes(StandardCharsets.US_ASCII);
    private static final int SALT_BYTES = 32;
    private static final int SEALED_BYTES = Dek.BYTES + Jca.GCM_OVERHEAD_BYTES;

    private final KekId kekId;
    private final String alias;
    private final KeyStoreSource source;
    private final Jca jca;
    private volatile boolean closed;

    KeystoreKeyProvider(KekId kekId, String alias, KeyStoreSource source, Jca jca) {
        this.kekId = kekId;
        this.alias = alias;
        this.source = source;
        this.jca = jca;
    }

    @Override
    public KekId kekId() {
        return kekId;
    }

    /** By the keystore: whoever has it can take any of its keys away. */
    @Override
    public Place place() {
        String uri = kekId.uri();
        String keystore = uri.substring(uri.indexOf(':') + 1, uri.indexOf('#'));
        return new Place(kekId.scheme() + '/' + keystore, keystore);
    }

    @Override
    public WrappedDek wrap(Dek dek, EncryptionContext keyContext, Deadline deadline) {
        try (Kek kek = kek(deadline)) {
            byte[] salt = kek.extractable() ? jca.random(SALT_BYTES) : new byte[0];
            byte[] wrapped = Arrays.copyOf(salt, salt.length + SEALED_BYTES);
            try (Gcm gcm = kek.gcm(jca, salt)) {
                dek.withBytes(key -> seal(gcm, key, keyContext, wrapped));
            }
            return WrappedDek.builder(dek.id(), kekId).build(kek.algorithm(), wrapped);
        } catch (ProviderException e) {
            throw tokenFailed(e);
        }
    }

    @Override
    public Dek unwrap(WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        if (!wrapped.kekId().equals(kekId)) {
            throw invalid("it was wrapped under another KEK", null);
        }
        try (Kek kek = kek(deadline)) {
            byte[] bytes = wrapped.wrappedBytes();
            int saltBytes = kek.extractable() ? SALT_BYTES : 0;
            if (!wrapped.algorithm().equals(kek.algorithm())) {
                throw invalid("its algorithm is not the one this key is used with, " + kek.algorithm(), null);
            }
            if (bytes.length != saltBytes + SEALED_BYTES) {
                throw invalid("it is cut, or too long", null);
            }
            byte[] key = new byte[Dek.BYTES];
            try (Gcm gcm = kek.gcm(jca, Arrays.copyOf(bytes, saltBytes))) {
                gcm.open(new Slice(bytes, saltBytes, SEALED_BYTES), keyContext.toBytes(), key, 0);
            }
            return Dek.takeOwnershipOf(wrapped.dekId(), key, jca.named());
        } catch (AEADBadTagException e) {
            throw invalid("key, key context and wrapped bytes do not belong together", e);
        } catch (GeneralSecurityException e) {
            throw notUsable(e);
        } catch (ProviderException e) {
            // SunPKCS11 reports a wrong tag as a failure of the token, with the PKCS#11 code in the message. SoftHSM2
            // gives CKR_GENERAL_ERROR for it, with which other tokens report that they failed.
            String code = pkcs11Code(e);
            if ("CKR_ENCRYPTED_DATA_INVALID".equals(code) || ("CKR_GENERAL_ERROR".equals(code) && works(deadline))) {
                throw invalid("the token refused key, key context and wrapped bytes together", e);
            }
            throw tokenFailed(e);
        }
    }

    /** Keys of key stores have no versions; whether there is one to use is known once it was looked up. */
    @Override
    public Status status(Deadline deadline) {
        try {
            kek(deadline).close();
            return Status.unknown();
        } catch (ProviderException e) {
            throw tokenFailed(e);
        }
    }

    /** The key stores belong to the factory, which opens no files that stay open. */
    @Override
    public void close() {
        closed = true;
    }

    private Void seal(Gcm gcm, byte[] key, EncryptionContext keyContext, byte[] wrapped) {
        try {
            gcm.seal(Slice.of(key), keyContext.toBytes(), wrapped, wrapped.length - SEALED_BYTES);
            return null;
        } catch (GeneralSecurityException e) {
            throw notUsable(e);
        }
    }

    /** Whether the key wraps and unwraps something fresh, so that what it refused must have been wrong. */
    private boolean works(Deadline deadline) {
        EncryptionContext context = EncryptionContext.empty();
        byte[] probe = jca.random(Dek.BYTES);
        try (Kek kek = kek(deadline);
                Gcm gcm = kek.gcm(jca, new byte[0])) {
            byte[] wrapped = new byte[SEALED_BYTES];
            seal(gcm, probe, context, wrapped);
            byte[] again = new byte[Dek.BYTES];
            gcm.open(Slice.of(wrapped), context.toBytes(), again, 0);
            boolean same = MessageDigest.isEqual(probe, again);
            Arrays.fill(again, (byte) 0);
            return same && !deadline.expired();
        } catch (GeneralSecurityException | ProviderException | KekException e) {
            return false;
        }
    }

    private Kek kek(Deadline deadline) {
        if (closed) {
            throw new IllegalStateException("the provider of " + kekId + " was closed");
        }
        if (deadline.expired()) {
            throw new KekUnreachableException(Failure.of(kekId, "the time for the call was over before it began")
                    .operatorAction("try again, or allow more time"));
        }
        KeyStore keyStore = source.open(kekId);
        char[] password = source.keyPassword();
        try {
            Key key = keyStore.getKey(alias, password);
            if (key == null && keyStore.isKeyEntry(alias)) {
                // The alias was there when the token was logged in to: no verdict on the key.
                throw new KekUnreachableException(Failure.of(kekId, "the token does not give the key any more")
                        .operatorAction("check that the token is connected and logged in, and still has the key"));
            }
            if (key == null) {
                throw new KekNotFoundException(Failure.of(kekId, "the key store has no secret key of this alias")
                        .operatorAction("check the alias, or put the key back"));
            }
            return Kek.of(key, keyStore, this);
        } catch (UnrecoverableKeyException e) {
            throw new KekConfigurationException(Failure.of(kekId, "the password does not open the key")
                    .operatorAction("give the key the password of its key store")
                    .cause(e));
        } catch (GeneralSecurityException e) {
            throw pkcs11Code(e) == null ? wrongKind("the key cannot be read", e) : tokenFailed(e);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    /** A token that was removed is an invalid key to SunPKCS11; only the PKCS#11 code tells. */
    private KekException notUsable(GeneralSecurityException e) {
        return pkcs11Code(e) == null ? wrongKind("the key cannot be used with AES-GCM", e) : tokenFailed(e);
    }

    KekConfigurationException wrongKind(String what, @Nullable Exception cause) {
        return new KekConfigurationException(Failure.of(kekId, what)
                .operatorAction("use an AES key of 256 bits that may encrypt and decrypt")
                .cause(cause));
    }

    private InvalidWrappedDekException invalid(String why, @Nullable Exception cause) {
        return new InvalidWrappedDekException(Failure.of(kekId, "the wrapped DEK cannot be unwrapped: " + why)
                .operatorAction("check that keychain, key context and KEK belong together")
                .cause(cause));
    }

    private KekUnreachableException tokenFailed(Exception cause) {
        return new KekUnreachableException(Failure.of(kekId, "the token did not do its work")
                .operatorAction("check that the token is connected and logged in")
                .rawCode(pkcs11Code(cause))
                .cause(cause));
    }

    private static @Nullable String pkcs11Code(Exception e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t.getMessage() != null && t.getMessage().startsWith("CKR_")) {
                return t.getMessage();
            }
        }
        return null;
    }

    /** The KEK for the length of one call. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; its bytes are wiped on close.
    private record Kek(Key key, KeyStore keyStore, byte @Nullable [] bytes) implements AutoCloseable {
        static Kek of(Key key, KeyStore keyStore, KeystoreKeyProvider provider) {
            byte[] bytes = key.getEncoded();
            if (!key.getAlgorithm().equals("AES") || (bytes != null && bytes.length != Jca.KEY_BYTES)) {
                if (bytes != null) {
                    Arrays.fill(bytes, (byte) 0);
                }
                throw provider.wrongKind("it is not an AES key of 256 bits", null);
            }
            return new Kek(key, keyStore, bytes);
        }

        boolean extractable() {
            return bytes != null;
        }

        String algorithm() {
            return extractable() ? DERIVED_KEY : TOKEN_KEY;
        }

        Gcm gcm(Jca jca, byte[] salt) {
            if (bytes == null) {
                return jca.gcm(key, keyStore.getProvider());
            }
            return jca.derivedGcm(bytes, DERIVATION, salt);
        }

        @Override
        public void close() {
            if (bytes != null) {
                Arrays.fill(bytes, (byte) 0);
            }
        }

        @Override
        public String toString() {
            return "Kek[" + algorithm() + "]";
        }
    }
}
