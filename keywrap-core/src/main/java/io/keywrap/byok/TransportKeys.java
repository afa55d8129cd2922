package io.keywrap.byok;

import io.keywrap.EncryptionContext;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TimeSource;
import io.keywrap.byok.TransportKeyFile.Origin;
import io.keywrap.crypto.Jca;
import io.keywrap.crypto.RsaOaep;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.stream.EnvelopeCipher.ContextMatch;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Provider;
import java.security.ProviderException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.security.auth.DestroyFailedException;
import org.jspecify.annotations.Nullable;

/**
 * The key pairs of one region that customers encrypt a key under before they upload it.
 *
 * <pre>{@code
 * TransportKeys made = TransportKeys.builder(EnvelopeCipher.using(vendorKeychain)).region("eu-west-1").create();
 * made.save(file);                                 // encrypted
 * String download = made.current().toPem();        // for customers
 * }</pre>
 *
 * <p><b>States:</b> there is always a {@link #current()} key, which customers get; beside it there may be the {@link #next()},
 * which {@link #renew()} makes, and the {@link #previous()}, which was the current one before {@link #activate()}. Each of them
 * opens uploads, so that a rotation refuses none that is on its way. Nothing but {@link #without} takes a key away.
 *
 * <p><b>Security:</b> private keys are stored encrypted alone, in an envelope that binds region and public keys; they are decrypted
 * for as long as a call takes, and their arrays are wiped after it. The JVM's own key objects are copies that cannot be wiped
 * and last until they are collected. The keychain of the cipher should be under a KEK of the vendor's in that region.
 *
 * <p><b>Shape and units:</b> RSA keys of 4,096 bits; an envelope of under 16 KB, at most 128 KiB.
 *
 * <p><b>Errors:</b> those of {@link EnvelopeCipher}. A private key that does not belong to its public half is a
 * {@link MalformedEnvelopeException}, another region an {@link io.keywrap.AuthenticationFailedException}.
 *
 * <p><b>Thread safety:</b> immutable; changes give a new object, which is lost unless it is saved. Calls block on the KMS of the
 * keychain.
 *
 * <p><b>Source:</b> docs/customers/byok.md; RSAES-OAEP (RFC 8017, 7.1), PKCS#8 (RFC 5958).
 */
public final class TransportKeys {
    private static final Pattern REGION = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    private final Setup setup;
    private final TransportKeyStates states;
    private final byte[] sealed;
    private final Origin origin;

    private TransportKeys(Setup setup, TransportKeyStates states, byte[] sealed, Origin origin) {
        this.setup = setup;
        this.states = states;
        this.sealed = sealed;
        this.origin = origin;
    }

    /**
     * Begins to make or open transport keys.
     *
     * @param cipher encrypts the private keys, under a keychain of the vendor's
     * @return a builder
     */
    public static Builder builder(EnvelopeCipher cipher) {
        return new Builder(cipher);
    }

    /**
     * Whose keys these are.
     *
     * @return the region
     */
    public String region() {
        return states.current().region();
    }

    /**
     * The key that customers get.
     *
     * @return the key
     */
    public TransportKey current() {
        return states.current();
    }

    /**
     * The key that was made to follow the current one.
     *
     * @return the key; empty if there is none
     */
    public Optional<TransportKey> next() {
        return Optional.ofNullable(states.next());
    }

    /**
     * The key before the current one, under which uploads may still come.
     *
     * @return the key; empty if there is none
     */
    public Optional<TransportKey> previous() {
        return Optional.ofNullable(states.previous());
    }

    /**
     * Makes a next key beside the current one. Takes some seconds.
     *
     * @return with the next key, to be saved before customers get it
     * @throws IllegalStateException if there is a next one already
     */
    public TransportKeys renew() {
        if (states.next() != null) {
            throw new IllegalStateException("there is a next transport key already; to do: activate it");
        }
        Made made = setup.make();
        try {
            return changed(states.withNext(made.key()), made);
        } finally {
            Arrays.fill(made.pkcs8(), (byte) 0);
        }
    }

    /**
     * Puts the next key in the place of the current one, which becomes the previous one.
     *
     * @return with the next key as the current one, to be saved
     * @throws IllegalStateException if there is no next one, or still a previous one
     */
    public TransportKeys activate() {
        return changed(states.activated(), null);
    }

    /**
     * Takes the next or the previous key away. Uploads under it are refused from then on; a customer makes the encrypted file
     * again with the current key.
     *
     * @param key the key
     * @return without it, to be saved
     * @throws IllegalStateException if it is the current one, or none of these
     */
    public TransportKeys without(TransportKey key) {
        return changed(states.without(key), null);
    }

    private TransportKeys changed(TransportKeyStates to, @Nullable Made made) {
        try (TransportPrivateKeys keys = setup.open(states, sealed)) {
            List<byte[]> kept = to.all().stream()
                    .map(key -> made != null && key.equals(made.key())
                            ? made.pkcs8()
                            : keys.get(states.all().indexOf(key)))
                    .toList();
            return new TransportKeys(setup, to, setup.seal(to, kept), origin.and(sealed));
        }
    }

    /**
     * The keys, encrypted, for a store of the caller's. Replace them there only if they are still what this was made from.
     *
     * @return an envelope, a new array
     */
    public byte[] toBytes() {
        return sealed.clone();
    }

    /**
     * Writes them to a file, whole or not at all. Nothing is replaced but what these were made from: after {@code create()} the
     * file must be missing, after a change it must have what was opened. What is there already is not written again.
     *
     * @param file the file, which its owner alone may read; a hidden file for the lock stays beside it
     * @throws java.nio.file.FileAlreadyExistsException if there is another file
     * @throws java.nio.file.FileSystemException if the file has other keys by now
     * @throws IOException if it cannot be written; the file is as it was
     */
    public void save(Path file) throws IOException {
        TransportKeyFile.write(file, sealed, origin);
    }

    /** Opens what was encrypted under any of the keys; empty if that gives nothing of the right form. */
    Optional<byte[]> decrypt(byte[] encrypted, Predicate<byte[]> form) {
        try (TransportPrivateKeys keys = setup.open(states, sealed)) {
            return keys.decrypt(encrypted, form);
        }
    }

    Jca jca() {
        return setup.jca();
    }

    /**
     * Which keys.
     *
     * @return the public halves; no private key
     */
    @Override
    public String toString() {
        return "TransportKeys" + states.all();
    }

    /** A key and its private half, in PKCS#8; whoever takes it wipes it. */
    @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared.
    private record Made(TransportKey key, byte[] pkcs8) {
        /** Without the private half. */
        @Override
        public String toString() {
            return "Made[" + key + "]";
        }
    }

    private record Setup(
            EnvelopeCipher cipher, String region, Jca jca, RsaOaep rsa, TimeSource time, Supplier<KeyPair> keyPairs) {

        Made make() {
            KeyPair pair = keyPairs.get();
            Instant now = time.now().truncatedTo(ChronoUnit.SECONDS);
            TransportKey key = new TransportKey(region, now, pair.getPublic().getEncoded());
            String format = pair.getPrivate().getFormat();
            byte[] pkcs8 = pair.getPrivate().getEncoded();
            try {
                pair.getPrivate().destroy();
            } catch (DestroyFailedException | RuntimeException e) {
                // The JDK's keys cannot be destroyed; this one is garbage from here on.
            }
            if (pkcs8 != null && "PKCS#8".equals(format)) {
                return new Made(key, pkcs8);
            }
            if (pkcs8 != null) {
                Arrays.fill(pkcs8, (byte) 0); // The key, in another form.
            }
            throw new ProviderException("the provider of RSA does not give its private keys out");
        }

        byte[] seal(TransportKeyStates states, List<byte[]> keys) {
            byte[] encoded = TransportPrivateKeys.encode(keys);
            try {
                return cipher.encrypt(encoded, states.toContext());
            } finally {
                Arrays.fill(encoded, (byte) 0);
            }
        }

        TransportPrivateKeys open(TransportKeyStates states, byte[] sealed) {
            byte[] encoded = cipher.withContextMatch(ContextMatch.EXACT).decrypt(sealed, states.toContext());
            return TransportPrivateKeys.parse(rsa, encoded, states.all());
        }
    }

    /** How transport keys are made or opened. Not thread-safe. */
    public static final class Builder {
        private final EnvelopeCipher cipher;
        private @Nullable String region;
        private Jca jca = Jca.platform();
        private TimeSource time = TimeSource.system();
        private @Nullable Supplier<KeyPair> keyPairs;

        private Builder(EnvelopeCipher cipher) {
            this.cipher = Objects.requireNonNull(cipher, "cipher");
        }

        /**
         * The region that uploads come to. Required.
         *
         * @param name 1 to 64 lower-case letters, digits and hyphens, such as {@code eu-west-1}
         * @return this
         * @throws IllegalArgumentException if it is none
         */
        public Builder region(String name) {
            if (!REGION.matcher(name).matches()) {
                throw new IllegalArgumentException("a region has 1 to 64 lower-case letters, digits and hyphens");
            }
            region = name;
            return this;
        }

        /**
         * One provider of cryptography for RSA, AES and PBKDF2, and for the secrets that are opened. Those of the JVM by default.
         *
         * @param provider the provider
         * @return this
         * @throws ProviderException if keywrap cannot use it
         */
        public Builder cryptoProvider(Provider provider) {
            jca = Jca.of(Optional.of(provider));
            return this;
        }

        /**
         * The time. The machine's by default.
         *
         * @param source the time source
         * @return this
         */
        public Builder time(TimeSource source) {
            time = Objects.requireNonNull(source, "source");
            return this;
        }

        /** For tests: making keys takes long. */
        Builder keyPairs(Supplier<KeyPair> other) {
            keyPairs = other;
            return this;
        }

        /**
         * Makes a first key pair. Takes some seconds.
         *
         * @return the keys, to be saved before customers get one
         * @throws IllegalStateException if the region is missing
         */
        public TransportKeys create() {
            Setup setup = setup();
            Made made = setup.make();
            try {
                TransportKeyStates states = new TransportKeyStates(made.key(), null, null);
                return new TransportKeys(setup, states, setup.seal(states, List.of(made.pkcs8())), Origin.NEW);
            } finally {
                Arrays.fill(made.pkcs8(), (byte) 0);
            }
        }

        /**
         * Opens what {@link TransportKeys#toBytes()} gave, and proves that each private key is that of its public half.
         *
         * @param sealed the envelope, at most 128 KiB; stays the caller's
         * @return the keys
         * @throws IllegalStateException if the region is missing
         */
        public TransportKeys open(byte[] sealed) {
            Setup setup = setup();
            byte[] own = TransportKeyFile.requireLength(sealed).clone();
            TransportKeyStates states = TransportKeyStates.parse(contextOf(own), setup.region());
            setup.open(states, own).close();
            return new TransportKeys(setup, states, own, Origin.of(own));
        }

        /**
         * Opens a file that {@link TransportKeys#save} wrote.
         *
         * @param file the file
         * @return the keys
         * @throws IOException if it cannot be read
         * @throws IllegalStateException if the region is missing
         */
        public TransportKeys open(Path file) throws IOException {
            return open(TransportKeyFile.read(file));
        }

        private static EncryptionContext contextOf(byte[] sealed) {
            try {
                return EnvelopeHeader.read(new ByteArrayInputStream(sealed)).objectContext();
            } catch (IOException e) {
                throw new UncheckedIOException("arrays do not fail", e);
            }
        }

        private Setup setup() {
            if (region == null) {
                throw new IllegalStateException("set region");
            }
            RsaOaep rsa = RsaOaep.of(jca);
            return new Setup(cipher, region, jca, rsa, time, keyPairs == null ? rsa::generate : keyPairs);
        }
    }
}
