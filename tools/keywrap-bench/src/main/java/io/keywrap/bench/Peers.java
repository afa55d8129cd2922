package io.keywrap.bench;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import com.amazonaws.encryptionsdk.DefaultCryptoMaterialsManager;
import com.amazonaws.encryptionsdk.caching.CachingCryptoMaterialsManager;
import com.amazonaws.encryptionsdk.caching.CryptoMaterialsCache;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The peers, set up as their documentation has it. */
final class Peers {
    private Peers() {}

    /** Tink's envelope encryption: a new DEK for every message, wrapped by a call each. */
    static Aead tinkEnvelope(LocalKms kms) {
        try {
            AeadConfig.register();
            return KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, new RemoteAead(kms));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tink's AES-256-GCM under a key that lies in memory. */
    static Aead tinkAead() {
        try {
            AeadConfig.register();
            return KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get())
                    .getPrimitive(RegistryConfiguration.get(), Aead.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] encrypted(Aead aead, byte[] plaintext, byte[] associatedData) {
        try {
            return aead.encrypt(plaintext, associatedData);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The AWS Encryption SDK with the suite that binds the key and does not sign. */
    static AwsCrypto awsUnsigned() {
        return AwsCrypto.builder()
                .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
                .build();
    }

    static CryptoMaterialsManager awsUncached(LocalMasterKey masterKey) {
        return new DefaultCryptoMaterialsManager(masterKey);
    }

    static CryptoMaterialsManager awsCached(LocalMasterKey masterKey, CryptoMaterialsCache cache, Duration maxAge) {
        return CachingCryptoMaterialsManager.newBuilder()
                .withMasterKeyProvider(masterKey)
                .withCache(cache)
                .withMaxAge(maxAge.toMillis(), TimeUnit.MILLISECONDS)
                .build();
    }

    /** How Tink comes to a KMS. */
    private record RemoteAead(LocalKms kms) implements Aead {
        @Override
        public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
            return kms.encrypt(plaintext, associatedData);
        }

        @Override
        public byte[] decrypt(byte[] ciphertext, byte[] associatedData) {
            return kms.decrypt(ciphertext, associatedData);
        }
    }
}
