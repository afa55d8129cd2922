package io.keywrap.tink;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KmsClient;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProviders;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives Tink every KEK that keywrap reaches, Azure Key Vault among them: for encrypted keysets, {@code KmsEnvelopeAead},
 * and whatever else takes a {@code KmsClient}.
 *
 * <pre>{@code
 * KmsClient client = KeywrapKmsClient.of(providers);
 * Aead kek = client.getAead("azure-kms://https://acme.vault.azure.net/keys/tenant-42");
 * byte[] stored = TinkProtoKeysetFormat.serializeEncryptedKeyset(keyset, kek, associatedData);
 * }</pre>
 *
 * <p>An {@code Aead} of this client encrypts here, under a DEK whose wrap travels in the ciphertext; the KMS is asked for a
 * new DEK now and then, and for one that is not kept in memory. What is kept how long, and what a revocation means for it,
 * is decided by {@link KeyProviders} alone.
 *
 * <p><b>Shape and units:</b> a ciphertext is the wrap, 7 bytes, and 28 bytes of AES-GCM longer than the plaintext;
 * {@code docs/guides/tink.md} has every byte. Tink's own clients of the clouds cannot read it, nor this one theirs.
 *
 * <p><b>Security:</b> the header and the associated data are authenticated. A ciphertext never chooses its KEK. Under a KEK
 * that anybody can wrap under, which is an RSA key, anybody who has the public key can make a ciphertext that decrypts. Tink
 * makes a copy of the DEK for each call, which nobody wipes.
 *
 * <p><b>Errors:</b> what fails is a {@link GeneralSecurityException}, as Tink declares; its cause is the exception of
 * keywrap, its message names the KEK and what to do. That is so too after the {@link KeyProviders} were closed, as the message
 * says then, and where a provider of cryptography or an observer of the product's own fails; its cause is an
 * {@link IllegalStateException} then. After {@link #close()} of this client, to go on using it or its {@code Aead}s is a mistake
 * of its owner's, and an {@link IllegalStateException} itself. A keyset of Tink's whose keys name KEKs tells nothing of the cause
 * when it does not decrypt; the {@code Aead} of the KEK does.
 *
 * <p><b>Thread safety:</b> thread-safe, and so are its {@code Aead}s. They block on the network where the KMS must be asked,
 * at most for the budget of the foreground, or twice that where a DEK was revoked and a new one is made.
 *
 * <p><b>Source:</b> NIST SP 800-38D, 8.3, for how long a DEK encrypts.
 */
public final class KeywrapKmsClient implements KmsClient, AutoCloseable {
    private final KeyProviders providers;
    private final EncryptionContext keyContext;
    private final Optional<Set<KekId>> allowed;
    private final DekLimits limits;
    private final Map<KekId, KekAead> aeads = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private KeywrapKmsClient(Builder builder) {
        this.providers = builder.providers;
        this.keyContext = builder.keyContext;
        this.allowed = builder.allowed;
        this.limits = new DekLimits(builder.maxMessages, builder.maxAge);
    }

    /**
     * A client for all KEKs of some providers, with the default options.
     *
     * @param providers the KEKs; stay the caller's, and are never closed by this client
     * @return the client
     * @throws IllegalArgumentException if these providers name a provider of cryptography
     */
    public static KeywrapKmsClient of(KeyProviders providers) {
        return builder(providers).build();
    }

    /**
     * Begins a client.
     *
     * @param providers the KEKs; stay the caller's, and are never closed by this client
     * @return a builder
     */
    public static Builder builder(KeyProviders providers) {
        return new Builder(providers);
    }

    /**
     * Whether this client has that KEK. Calls no KMS; the provider of the KEK is made if it is the first to ask for it.
     *
     * @param keyUri a KEK id, such as {@code aws-kms://arn:aws:kms:…}, which is also what Tink calls its KEKs
     * @return true if a provider is registered that takes it, and it is allowed; false once this client or its providers were
     *     closed, so that it stands in the way of no other client in Tink's registry
     */
    @Override
    public boolean doesSupport(String keyUri) {
        if (closed) {
            return false;
        }
        try {
            kek(keyUri);
            return true;
        } catch (KekException | IllegalStateException e) {
            return false;
        }
    }

    /**
     * Not here: credentials belong to the providers.
     *
     * @param credentialPath is not read
     * @return never
     * @throws GeneralSecurityException always
     */
    @Override
    public KmsClient withCredentials(String credentialPath) throws GeneralSecurityException {
        throw new GeneralSecurityException(
                "credentials are not read by this client; to do: give them to the provider that"
                        + " was registered with KeyProviders");
    }

    /**
     * The credentials of the providers, which are used anyway.
     *
     * @return this
     */
    @Override
    public KmsClient withDefaultCredentials() {
        return this;
    }

    /**
     * The {@code Aead} of a KEK. Calls no KMS.
     *
     * @param keyUri a KEK from configuration, never from a ciphertext
     * @return the same object for the same KEK, so that all its users share a DEK
     * @throws GeneralSecurityException if this client does not have that KEK, or its providers were closed
     * @throws IllegalStateException if this client was closed
     */
    @Override
    public Aead getAead(String keyUri) throws GeneralSecurityException {
        requireOpen();
        try {
            return aeads.computeIfAbsent(kek(keyUri), this::aead);
        } catch (KekException e) {
            throw new GeneralSecurityException("there is no Aead of a KEK: " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            throw closed("there is no Aead of the KEK " + keyUri, e);
        }
    }

    /** Callers of Tink know nothing of providers, nor who has closed them. */
    static GeneralSecurityException closed(String what, IllegalStateException cause) {
        return new GeneralSecurityException(
                what + ": " + cause.getMessage() + "; to do: close KeyProviders after all that use them", cause);
    }

    private KekAead aead(KekId kekId) {
        return new KekAead(new KekDeks(providers, kekId, keyContext, limits), this::requireOpen);
    }

    private KekId kek(String keyUri) {
        KekId kekId = id(keyUri);
        if (allowed.isPresent() && !allowed.get().contains(kekId)) {
            throw new KekConfigurationException(Failure.of(kekId, "this client may not use it")
                    .operatorAction("allow it, if your configuration names it"));
        }
        return providers.provider(kekId).kekId();
    }

    private static KekId id(String keyUri) {
        try {
            return KekId.of(keyUri);
        } catch (IllegalArgumentException e) {
            throw new KekConfigurationException(Failure.ofUnknownKek("this is no KEK id")
                    .operatorAction("write the KEK as its provider has it, with the scheme in lower case")
                    .cause(e));
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this client of Tink was closed");
        }
    }

    /**
     * Ends this client and its {@code Aead}s; calls that are under way go on. It holds no key: kept DEKs are wiped by
     * {@link KeyProviders#close()}. Harmless when repeated.
     */
    @Override
    public void close() {
        closed = true;
        aeads.clear();
    }

    /** Options of {@link KeywrapKmsClient}. Not thread-safe. */
    public static final class Builder {
        private final KeyProviders providers;
        private EncryptionContext keyContext = EncryptionContext.empty();
        private Optional<Set<KekId>> allowed = Optional.empty();
        private long maxMessages = DekLimits.DEFAULT_MESSAGES;
        private Duration maxAge = DekLimits.DEFAULT_AGE;

        private Builder(KeyProviders providers) {
            this.providers = providers;
        }

        /**
         * Pairs that are bound to each wrap beside keywrap's own; none by default. Clouds that have such pairs can demand them
         * in the policy of the key, and log them. They are not in the ciphertext: what decrypts must have the same.
         *
         * @param pairs the tenant's own pairs, not secret, at most 2 KiB encoded together with keywrap's
         * @return this
         * @throws IllegalArgumentException if they are too long
         */
        public Builder keyContext(EncryptionContext pairs) {
            KekDeks.contextOf(DekId.of(new byte[DekId.BYTES]), pairs);
            keyContext = pairs;
            return this;
        }

        /**
         * The only KEKs that this client has; by default all that its providers know. For applications that are told by others
         * which KEK to use, such as by a schema registry.
         *
         * @param keks their ids, copied
         * @return this
         */
        public Builder allowed(Set<KekId> keks) {
            allowed = Optional.of(Set.copyOf(keks));
            return this;
        }

        /**
         * How many messages one DEK encrypts; 1,048,576 by default. Whatever this is, it encrypts at most 64 GiB.
         *
         * @param messages 1 to 4,294,967,296 (NIST SP 800-38D, 8.3)
         * @return this
         */
        public Builder maxMessages(long messages) {
            if (messages < 1 || messages > DekLimits.MOST_MESSAGES) {
                throw new IllegalArgumentException(
                        "messages of a DEK are 1 to " + DekLimits.MOST_MESSAGES + ", not " + messages);
            }
            maxMessages = messages;
            return this;
        }

        /**
         * How long one DEK encrypts; 24 hours by default. It decrypts for ever.
         *
         * @param age 1 minute to 90 days
         * @return this
         */
        public Builder maxAge(Duration age) {
            if (age.compareTo(DekLimits.LEAST_AGE) < 0 || age.compareTo(DekLimits.MOST_AGE) > 0) {
                throw new IllegalArgumentException(
                        "the age of a DEK is " + DekLimits.LEAST_AGE + " to " + DekLimits.MOST_AGE + ", not " + age);
            }
            maxAge = age;
            return this;
        }

        /**
         * Makes the client. Calls no KMS.
         *
         * @return the client
         * @throws IllegalArgumentException if these providers name a provider of cryptography: Tink has its own choice
         */
        public KeywrapKmsClient build() {
            providers.cryptoProvider().ifPresent(named -> {
                throw new IllegalArgumentException("these providers name " + named.getName()
                        + " as the only one for cryptography, which Tink's AES-GCM does not obey; to do: give Tink"
                        + " KeyProviders of its own, without cryptoProvider(…)");
            });
            return new KeywrapKmsClient(this);
        }
    }
}
