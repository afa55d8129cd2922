package io.keywrap.azure.storage;

import com.azure.core.cryptography.KeyEncryptionKey;
import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.security.MessageDigest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One KEK, as Azure's clients ask for it; blocks on the KMS. Thread-safe. */
final class StorageKek implements KeyEncryptionKey {
    private static final Pattern ALGORITHM = Pattern.compile("[A-Za-z0-9._+-]{1,64}");

    private final KeyProviders providers;
    private final KekId kekId;
    private final Binding binding;
    private final boolean wrapOnly;

    StorageKek(KeyProviders providers, KekId kekId, Binding binding, boolean wrapOnly) {
        this.providers = providers;
        this.kekId = kekId;
        this.binding = binding;
        this.wrapOnly = wrapOnly;
    }

    /** What is bound to every wrap. */
    interface Binding {
        EncryptionContext keyContext(String version, DekId dekId);
    }

    Deadline deadline() {
        return providers.foregroundDeadline();
    }

    @Override
    public String getKeyId() {
        return kekId.uri();
    }

    @Override
    public byte[] wrapKey(String algorithm, byte[] key) {
        return wrap(algorithm, key, deadline());
    }

    @Override
    public byte[] unwrapKey(String algorithm, byte[] encryptedKey) {
        return unwrap(algorithm, encryptedKey, deadline());
    }

    byte[] wrap(@Nullable String algorithm, byte[] key, Deadline deadline) {
        if (!StorageKeks.ALGORITHM.equals(algorithm)) {
            throw new IllegalArgumentException("a KEK of keywrap wraps by the algorithm '" + StorageKeks.ALGORITHM
                    + "' alone, not by '" + algorithm + "'; give the builder StorageKeks.ALGORITHM");
        }
        String version = ContentKey.versionOf(key);
        DekId dekId = DekId.random();
        EncryptionContext keyContext = binding.keyContext(version, dekId);
        try (Dek dek = Dek.takeOwnershipOf(dekId, ContentKey.withoutPrefix(key))) {
            WrappedDek wrapped = provider().wrap(dek, keyContext, deadline);
            byte[] encoded = encoded(version, wrapped);
            if (!wrapOnly) {
                prove(dek, wrapped, keyContext, deadline);
            }
            return encoded;
        }
    }

    /** Unwraps what was wrapped just now: else nobody might ever open what the key has encrypted. Nothing is kept of it. */
    private void prove(Dek dek, WrappedDek wrapped, EncryptionContext keyContext, Deadline deadline) {
        try (Dek proof = provider().unwrap(wrapped, keyContext, deadline)) {
            if (!dek.<Boolean>withBytes(key -> proof.withBytes(back -> MessageDigest.isEqual(key, back)))) {
                throw new InvalidWrappedDekException(
                        Failure.of(kekId, "the wrap of a content key unwraps to another key than was wrapped")
                                .operatorAction("do not trust the KMS that gave it; report it to its operator"));
            }
        }
    }

    byte[] unwrap(@Nullable String algorithm, byte[] encryptedKey, Deadline deadline) {
        WrappedContentKey wrapped = read(algorithm, encryptedKey);
        try (DekLease lease = providers.lease(wrapped.dek(), keyContext(wrapped), deadline)) {
            return lease.withBytes(key -> ContentKey.withPrefix(wrapped.version(), key));
        }
    }

    /** Wraps a content key that is wrapped under this KEK by another one too, and proves that it did; all in one deadline. */
    byte[] rewrapped(String algorithm, byte[] encryptedKey, StorageKek target) {
        WrappedContentKey wrapped = read(algorithm, encryptedKey);
        EncryptionContext keyContext = keyContext(wrapped);
        Deadline deadline = deadline();
        try (Dek dek = provider().unwrap(wrapped.dek(), keyContext, deadline)) {
            WrappedDek moved = target.provider().wrap(dek, keyContext, deadline);
            byte[] encoded = target.encoded(wrapped.version(), moved);
            target.prove(dek, moved, keyContext, deadline);
            return encoded;
        }
    }

    private KeyProvider provider() {
        return providers.provider(kekId);
    }

    private EncryptionContext keyContext(WrappedContentKey wrapped) {
        return binding.keyContext(wrapped.version(), wrapped.dek().dekId());
    }

    private byte[] encoded(String version, WrappedDek wrapped) {
        byte[] bytes = new WrappedContentKey(version, wrapped).toBytes();
        if (bytes.length > WrappedContentKey.MAX_BYTES) {
            throw new KekConfigurationException(Failure.of(
                            kekId,
                            "its wraps are too long for the metadata of a blob: " + bytes.length
                                    + " bytes, the limit is " + WrappedContentKey.MAX_BYTES)
                    .operatorAction("use another KEK"));
        }
        return bytes;
    }

    /** Azure's client passes on what the metadata of the blob says, of which nothing is authenticated. */
    private WrappedContentKey read(@Nullable String algorithm, byte[] encryptedKey) {
        if (!StorageKeks.ALGORITHM.equals(algorithm)) {
            String named = algorithm != null && ALGORITHM.matcher(algorithm).matches() ? ": '" + algorithm + "'" : "";
            throw new InvalidWrappedDekException(
                    Failure.of(kekId, "the content key of a blob is not wrapped by " + StorageKeks.ALGORITHM + named)
                            .operatorAction("read the blob with the key that it was written with"));
        }
        return WrappedContentKey.parse(encryptedKey, kekId);
    }

    /** The id. */
    @Override
    public String toString() {
        return "StorageKek[" + kekId + "]";
    }
}
