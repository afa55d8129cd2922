package io.keywrap.keystore;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.crypto.Jca;
import io.keywrap.provider.KeyProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Provider;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * KEKs in Java key stores, each key store registered under a name: {@code keystore:<name>#<alias>}.
 *
 * <p>The name is part of the KEK's identity; the file or token behind it is configuration and may move, but not from a
 * file to a token or back: the algorithm follows from whether a key gives its bytes. A KEK is an
 * AES-256 key. PKCS#12 files and PKCS#11 tokens (through SunPKCS11) are both meant for real use.
 *
 * <p><b>Security:</b> AES-256-GCM with a random IV, the canonical key context as associated data. For a key that gives
 * its bytes, each wrap uses a key of its own: HKDF-Expand-SHA-384 (RFC 5869, 2.3) of the KEK and a 32-byte random salt. A
 * key inside of a token is used directly, for at most 2^32 wraps (NIST SP 800-38D, 8.3). The JCA does not tell its length:
 * whoever makes it in the token sees to the 256 bits.
 *
 * <p><b>Errors:</b> a missing alias is {@link io.keywrap.KekNotFoundException}; a missing file, a wrong password or a key
 * of another kind {@link KekConfigurationException}; a token that fails {@link io.keywrap.KekUnreachableException}.
 *
 * <p><b>Thread safety:</b> thread-safe.
 */
public final class Keystores implements KeyProvider.Factory {
    /** The scheme of these KEKs. */
    public static final String SCHEME = "keystore";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern ID = Pattern.compile(SCHEME + ":(?<name>" + NAME + ")#(?<alias>.+)");

    private final Map<String, KeyStoreSource> sources;

    private Keystores(Builder builder) {
        this.sources = Map.copyOf(builder.sources);
    }

    /**
     * Begins a set of key stores.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Adds a new random AES-256 KEK to a PKCS#12 file, which is made if it is missing, readable by its owner alone.
     *
     * <p>Threads and processes that add keys to one file take turns by a lock on {@code .<file>.lock} beside it, which
     * stays there.
     *
     * @param file the file; replaced in one step
     * @param kekId the KEK to be; its alias is used
     * @param password gives the password as a new array, which is wiped
     * @throws java.nio.file.FileAlreadyExistsException if the alias is taken
     * @throws IOException if the file cannot be read or written; it is then as it was before
     * @throws KekConfigurationException if the file exists and the password does not open it
     */
    public static void createKek(Path file, KekId kekId, Supplier<char[]> password) throws IOException {
        new Pkcs12File(file, password).addKey(kekId, parse(kekId).group("alias"));
    }

    /**
     * The scheme.
     *
     * @return {@value #SCHEME}
     */
    @Override
    public String scheme() {
        return SCHEME;
    }

    /**
     * Makes the provider of one KEK; its key store is opened at the first call.
     *
     * @param kekId {@code keystore:<name>#<alias>}
     * @return the provider
     * @throws KekConfigurationException if no key store has that name, or the id has another form
     */
    @Override
    public KeyProvider create(KekId kekId) {
        return create(kekId, Optional.empty());
    }

    /**
     * Makes the provider of one KEK that wraps by a certain provider of the JCA; a key inside of a token is used by the
     * token's own.
     *
     * @param kekId {@code keystore:<name>#<alias>}
     * @param cryptoProvider the provider that the user named
     * @return the provider
     * @throws KekConfigurationException if no key store has that name, or the id has another form
     */
    @Override
    public KeyProvider create(KekId kekId, Provider cryptoProvider) {
        return create(kekId, Optional.of(cryptoProvider));
    }

    private KeyProvider create(KekId kekId, Optional<Provider> cryptoProvider) {
        Matcher parts = parse(kekId);
        KeyStoreSource source = sources.get(parts.group("name"));
        if (source == null) {
            throw new KekConfigurationException(Failure.of(kekId, "no key store is registered under its name")
                    .operatorAction("register it; there are " + new TreeSet<>(sources.keySet())));
        }
        return new KeystoreKeyProvider(kekId, parts.group("alias"), source, Jca.of(cryptoProvider));
    }

    private static Matcher parse(KekId kekId) {
        Matcher parts = ID.matcher(kekId.uri());
        if (!parts.matches()) {
            throw new KekConfigurationException(Failure.of(kekId, "not a KEK id of a key store")
                    .operatorAction("write it as keystore:<name>#<alias>"));
        }
        return parts;
    }

    /** Collects key stores. Not thread-safe. */
    public static final class Builder {
        private final Map<String, KeyStoreSource> sources = new TreeMap<>();

        private Builder() {}

        /**
         * Adds a PKCS#12 file, which is read at first use and again whenever it has changed.
         *
         * @param name 1 to 63 characters of letters, digits, dot, underscore and hyphen
         * @param file the file
         * @param password gives the password of the file and its keys as a new array, which is wiped after use
         * @return this
         */
        public Builder pkcs12(String name, Path file, Supplier<char[]> password) {
            return add(name, new Pkcs12File(file, password));
        }

        /**
         * Adds a key store that is open already, such as a PKCS#11 token that is logged in to.
         *
         * @param name 1 to 63 characters of letters, digits, dot, underscore and hyphen
         * @param keyStore the key store; stays the caller's
         * @param keyPassword gives the password of its keys as a new array, which is wiped after use; a token's keys
         *     have none, so an empty array
         * @return this
         */
        public Builder keyStore(String name, KeyStore keyStore, Supplier<char[]> keyPassword) {
            return add(name, new KeyStoreSource() {
                @Override
                public KeyStore open(KekId kekId) {
                    return keyStore;
                }

                @Override
                public char[] keyPassword() {
                    return keyPassword.get();
                }
            });
        }

        private Builder add(String name, KeyStoreSource source) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("not a name for a key store: '" + name + "'");
            }
            if (sources.putIfAbsent(name, source) != null) {
                throw new IllegalArgumentException("a key store named '" + name + "' is registered already");
            }
            return this;
        }

        /**
         * Makes the factory, without opening any key store.
         *
         * @return the factory, for {@code KeyProviders}
         */
        public Keystores build() {
            return new Keystores(this);
        }
    }
}
