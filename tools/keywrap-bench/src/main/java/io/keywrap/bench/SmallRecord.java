package io.keywrap.bench;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import com.amazonaws.encryptionsdk.caching.LocalCryptoMaterialsCache;
import com.google.crypto.tink.Aead;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeWriter;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A record of 1 KiB, end to end, where the key is kept; Tink's envelope encryption keeps none. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class SmallRecord {
    private static final byte[] RECORD = LocalKms.random(1024);
    private static final byte[] AAD = "accounts/42".getBytes(StandardCharsets.UTF_8);
    private static final int IV_BYTES = 12;

    /** Made by JMH. */
    public SmallRecord() {}

    /**
     * Makes an envelope.
     *
     * @param its the subject
     * @return the envelope
     */
    @Benchmark
    public byte[] envelopeEncrypt(Keywrap its) {
        return its.cipher.encrypt(RECORD, its.context);
    }

    /**
     * Opens an envelope.
     *
     * @param its the subject
     * @return the record
     */
    @Benchmark
    public byte[] envelopeDecrypt(Keywrap its) {
        return its.cipher.decrypt(its.envelope, its.context);
    }

    /**
     * Makes an envelope while another one under the same DEK is being written, so that its lease is held.
     *
     * @param its the subject
     * @return the envelope
     */
    @Benchmark
    public byte[] heldEncrypt(Held its) {
        return its.keywrap.cipher.encrypt(RECORD, its.keywrap.context);
    }

    /**
     * Opens an envelope while the lease of its DEK is held.
     *
     * @param its the subject
     * @return the record
     */
    @Benchmark
    public byte[] heldDecrypt(Held its) {
        return its.keywrap.cipher.decrypt(its.keywrap.envelope, its.keywrap.context);
    }

    /**
     * The cryptography of an envelope alone.
     *
     * @param its the subject
     * @return the payload
     */
    @Benchmark
    public byte[] floeEncrypt(Floe its) {
        return its.floe.encrypt(RECORD);
    }

    /**
     * The cryptography of an envelope alone.
     *
     * @param its the subject
     * @return the record
     */
    @Benchmark
    public byte[] floeDecrypt(Floe its) {
        return its.floe.decrypt(its.payload);
    }

    /**
     * The key of a lease, in a cipher of the JCA.
     *
     * @param its the subject
     * @return IV, ciphertext and tag
     */
    @Benchmark
    public byte[] leaseEncrypt(Keywrap its) {
        try (DekLease lease = its.keychain.primary()) {
            return encrypt(lease.secretKey());
        }
    }

    /**
     * Decrypts with the key of a lease.
     *
     * @param its the subject
     * @return the record
     * @throws GeneralSecurityException never
     */
    @Benchmark
    public byte[] leaseDecrypt(Keywrap its) throws GeneralSecurityException {
        try (DekLease lease = its.keychain.lease(its.dekId)) {
            return decrypt(lease.secretKey(), its.sealed);
        }
    }

    /**
     * Tink, a DEK for each record.
     *
     * @param its the subject
     * @return the ciphertext
     * @throws GeneralSecurityException never
     */
    @Benchmark
    public byte[] tinkEnvelopeEncrypt(Tink its) throws GeneralSecurityException {
        return its.envelope.encrypt(RECORD, AAD);
    }

    /**
     * Tink, a DEK for each record.
     *
     * @param its the subject
     * @return the record
     * @throws GeneralSecurityException never
     */
    @Benchmark
    public byte[] tinkEnvelopeDecrypt(Tink its) throws GeneralSecurityException {
        return its.envelope.decrypt(its.enveloped, AAD);
    }

    /**
     * Tink, under a key in memory.
     *
     * @param its the subject
     * @return the ciphertext
     * @throws GeneralSecurityException never
     */
    @Benchmark
    public byte[] tinkAeadEncrypt(Tink its) throws GeneralSecurityException {
        return its.aead.encrypt(RECORD, AAD);
    }

    /**
     * Tink, under a key in memory.
     *
     * @param its the subject
     * @return the record
     * @throws GeneralSecurityException never
     */
    @Benchmark
    public byte[] tinkAeadDecrypt(Tink its) throws GeneralSecurityException {
        return its.aead.decrypt(its.sealed, AAD);
    }

    /**
     * The AWS Encryption SDK with its cache.
     *
     * @param its the subject
     * @return the message
     */
    @Benchmark
    public byte[] awsCachedEncrypt(Aws its) {
        return its.sdk.encryptData(its.cached, RECORD, its.context).getResult();
    }

    /**
     * The AWS Encryption SDK with its cache.
     *
     * @param its the subject
     * @return the record
     */
    @Benchmark
    public byte[] awsCachedDecrypt(Aws its) {
        return its.sdk.decryptData(its.cached, its.message).getResult();
    }

    /**
     * The AWS Encryption SDK without its cache.
     *
     * @param its the subject
     * @return the message
     */
    @Benchmark
    public byte[] awsUncachedEncrypt(Aws its) {
        return its.sdk.encryptData(its.uncached, RECORD, its.context).getResult();
    }

    /**
     * The JCA alone, with a new cipher for each record.
     *
     * @param its the subject
     * @return IV, ciphertext and tag
     */
    @Benchmark
    public byte[] jcaEncrypt(Bare its) {
        return encrypt(its.key);
    }

    /**
     * The JCA alone, with a new cipher for each record.
     *
     * @param its the subject
     * @return the record
     * @throws GeneralSecurityException never
     */
    @Benchmark
    public byte[] jcaDecrypt(Bare its) throws GeneralSecurityException {
        return decrypt(its.key, its.sealed);
    }

    private static byte[] encrypt(Key key) {
        byte[] iv = LocalKms.random(IV_BYTES);
        byte[] sealed = new byte[IV_BYTES + RECORD.length + 16];
        System.arraycopy(iv, 0, sealed, 0, IV_BYTES);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, iv));
            cipher.updateAAD(AAD);
            cipher.doFinal(RECORD, 0, RECORD.length, sealed, IV_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] decrypt(Key key, byte[] sealed) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, sealed, 0, IV_BYTES));
        cipher.updateAAD(AAD);
        return cipher.doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
    }

    /** A keychain, with the defaults. */
    @State(Scope.Benchmark)
    public static class Keywrap {
        private final EncryptionContext context = EncryptionContext.of("object", "accounts/42");
        private final Keychain keychain;
        private final EnvelopeCipher cipher;
        private final byte[] envelope;
        private final byte[] sealed;
        private final DekId dekId;

        /** Made by JMH. */
        public Keywrap() {
            KekId kekId = KekId.of("local:customer");
            KeyProviders providers = KeyProviders.builder()
                    .register(LocalKeyProvider.factory(new LocalKms()))
                    .build();
            keychain = Keychains.builder(new InMemoryKeychainStore(), providers)
                    .seal(KeychainSeal.wrappedBy(kekId))
                    .build()
                    .create("tenant-42", spec -> spec.control(kekId).keyContext("tenant", "acme"));
            cipher = EnvelopeCipher.using(keychain);
            envelope = cipher.encrypt(RECORD, context);
            try (DekLease lease = keychain.primary()) {
                dekId = lease.dekId();
                sealed = SmallRecord.encrypt(lease.secretKey());
            }
        }
    }

    /** The same, and a lease that is held. */
    @State(Scope.Benchmark)
    public static class Held {
        private final Keywrap keywrap = new Keywrap();
        private final EnvelopeWriter holder;

        /** Made by JMH. */
        public Held() {
            try {
                holder = keywrap.cipher.writer(OutputStream.nullOutputStream(), keywrap.context);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Ends the lease. */
        @TearDown
        public void letGo() {
            holder.close();
        }
    }

    /** FLOE alone. */
    @State(Scope.Thread)
    public static class Floe {
        private static final int AAD_BYTES = 80;

        private final BareFloe floe = new BareFloe(AAD_BYTES);
        private final byte[] payload;

        /** Made by JMH. */
        public Floe() {
            payload = floe.encrypt(RECORD);
        }
    }

    /** Tink. */
    @State(Scope.Benchmark)
    public static class Tink {
        private final Aead envelope = Peers.tinkEnvelope(new LocalKms());
        private final Aead aead = Peers.tinkAead();
        private final byte[] enveloped;
        private final byte[] sealed;

        /** Made by JMH. */
        public Tink() {
            enveloped = Peers.encrypted(envelope, RECORD, AAD);
            sealed = Peers.encrypted(aead, RECORD, AAD);
        }
    }

    /** The AWS Encryption SDK. */
    @State(Scope.Benchmark)
    public static class Aws {
        private final Map<String, String> context = Map.of("tenant", "acme");
        private final AwsCrypto sdk = Peers.awsUnsigned();
        private final CryptoMaterialsManager uncached;
        private final CryptoMaterialsManager cached;
        private final byte[] message;

        /** Made by JMH. */
        public Aws() {
            LocalMasterKey masterKey = new LocalMasterKey("customer", new LocalKms());
            uncached = Peers.awsUncached(masterKey);
            cached = Peers.awsCached(masterKey, new LocalCryptoMaterialsCache(1_000), Duration.ofMinutes(5));
            message = sdk.encryptData(cached, RECORD, context).getResult();
        }
    }

    /** The JCA. */
    @State(Scope.Benchmark)
    public static class Bare {
        private final Key key = new SecretKeySpec(LocalKms.random(32), "AES");
        private final byte[] sealed;

        /** Made by JMH. */
        public Bare() {
            sealed = SmallRecord.encrypt(key);
        }
    }
}
