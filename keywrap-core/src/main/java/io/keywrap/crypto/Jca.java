package io.keywrap.crypto;

import java.lang.ref.WeakReference;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All cryptography of keywrap, from the providers that the JVM is configured with, or from one that the user names.
 *
 * <p><b>Thread safety:</b> thread-safe, except for the {@link Gcm} and {@link Hkdf} instances that it hands out.
 */
public final class Jca implements Ciphers {
    /** Length of an AES-256 key, in bytes. */
    public static final int KEY_BYTES = 32;

    /** Length of a GCM initialisation vector, in bytes (NIST SP 800-38D, 5.2.1.1: the recommended 96 bits). */
    public static final int GCM_IV_BYTES = 12;

    /** Length of a GCM tag, in bytes. */
    public static final int GCM_TAG_BYTES = 16;

    /** What {@link Gcm#seal} adds to a plaintext, in bytes. */
    public static final int GCM_OVERHEAD_BYTES = GCM_IV_BYTES + GCM_TAG_BYTES;

    private static final Jca PLATFORM = choosing();

    /** Each provider is tested once, for as long as somebody uses it. */
    private static final List<WeakReference<Jca>> NAMED = new ArrayList<>();

    private final @Nullable Provider named;
    private volatile Suite suite;

    Jca(@Nullable Provider named, Suite suite) {
        this.named = named;
        this.suite = suite;
    }

    /** With a random source of its own, so that published vectors can be met byte for byte. */
    static Jca withRandom(SecureRandom random) {
        return new Jca(null, PLATFORM.suite.withRandom(random));
    }

    private static Jca choosing() {
        Suite first = Suites.ofThisJvm();
        Jca jca = new Jca(null, first);
        Faster faster = new Faster(first, Faster::accp, other -> jca.suite = other, System::nanoTime);
        first.coldStart().whenFast(faster::lookInBackground);
        return jca;
    }

    /**
     * The providers of this JVM in their configured order. Those that do not pass their self-test are left out, and
     * AES-GCM of SunJCE gives way to a provider that proves faster.
     *
     * @return the shared instance
     */
    public static Jca platform() {
        return PLATFORM;
    }

    /**
     * One provider for everything, or the JVM's.
     *
     * @param provider the provider that the user named, if he named one
     * @return the instance for it
     * @throws ProviderException if it does not offer everything, or does not pass its self-test
     */
    public static Jca of(Optional<Provider> provider) {
        if (provider.isEmpty()) {
            return PLATFORM;
        }
        synchronized (NAMED) {
            for (WeakReference<Jca> reference : NAMED) {
                @Nullable Jca jca = reference.get();
                if (jca != null && Suite.same(jca.named, provider.get())) {
                    return jca;
                }
            }
            Jca jca = new Jca(provider.get(), Suites.of(provider.get()));
            NAMED.removeIf(reference -> reference.get() == null);
            NAMED.add(new WeakReference<>(jca));
            return jca;
        }
    }

    /**
     * A provider that is installed.
     *
     * @param name its name
     * @return the provider
     * @throws ProviderException if there is none of that name
     */
    public static Provider installed(String name) {
        @Nullable Provider provider = Security.getProvider(name);
        if (provider == null) {
            throw new ProviderException("no crypto provider named " + name + " is installed in this JVM; to do: install"
                    + " it in java.security or by Security.addProvider, or give the provider itself");
        }
        return provider;
    }

    /**
     * Which provider the user named.
     *
     * @return the provider; empty if it is the JVM's choice
     */
    public Optional<Provider> named() {
        return Optional.ofNullable(named);
    }

    @Override
    public byte[] random(int length) {
        byte[] bytes = new byte[length];
        suite.random().nextBytes(bytes);
        return bytes;
    }

    @Override
    public Hkdf hkdfSha384(byte[] key) {
        return new Hkdf(HmacSha384.keyedBy(suite, null, key));
    }

    /**
     * HKDF-Expand with SHA-384 (RFC 5869, 2.3), once.
     *
     * @param key the pseudorandom key; stays the caller's
     * @param length the length of the output in bytes, 1 to 12,240
     * @param info the parts of the info, taken as one concatenation
     * @return the output keying material; the caller wipes it
     */
    public byte[] hkdfExpandSha384(byte[] key, int length, byte[]... info) {
        try (Hkdf hkdf = hkdfSha384(key)) {
            return hkdf.expand(length, info);
        }
    }

    /**
     * AES-256-GCM under a key that is derived by HKDF-Expand with SHA-384 (RFC 5869, 2.3) and is kept nowhere.
     *
     * @param key the pseudorandom key; stays the caller's
     * @param info the parts of the info, taken as one concatenation
     * @return the cipher, to be closed
     */
    public Gcm derivedGcm(byte[] key, byte[]... info) {
        byte[] derived = hkdfExpandSha384(key, KEY_BYTES, info);
        try {
            return gcm(derived);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    /**
     * HMAC-SHA-384 (RFC 2104, FIPS 198-1).
     *
     * @param key the key; stays the caller's
     * @param data the data
     * @return the 48-byte tag
     */
    public byte[] hmacSha384(byte[] key, byte[] data) {
        byte[] tag = new byte[HmacSha384.TAG_BYTES];
        try (HmacSha384 hmac = HmacSha384.keyedBy(suite, null, key)) {
            hmac.update(data);
            hmac.tag(tag);
            return tag;
        }
    }

    /**
     * SHA-256 (FIPS 180-4).
     *
     * @param data the data
     * @return the 32-byte digest
     */
    public byte[] sha256(byte[] data) {
        try {
            return suite.sha256().digest(data);
        } catch (GeneralSecurityException e) {
            throw failed(Suite.SHA_256, e);
        }
    }

    @Override
    public Gcm gcm() {
        return new Gcm(suite, null);
    }

    /**
     * A place where ciphers keep their keys between messages under one DEK.
     *
     * @return a new one, to be closed
     */
    public Workbench workbench() {
        return new Workbench(this);
    }

    Suite suite() {
        return suite;
    }

    /**
     * AES-256-GCM under a key of 32 bytes.
     *
     * @param key the key, copied; stays the caller's
     * @return a cipher for one thread, to be closed
     */
    public Gcm gcm(byte[] key) {
        Gcm gcm = gcm();
        try {
            gcm.rekey(key);
            return gcm;
        } catch (RuntimeException e) {
            gcm.close();
            throw e;
        }
    }

    /**
     * AES-256-GCM under a key that a certain provider holds, such as a key of a PKCS#11 token.
     *
     * @param key the key; stays the caller's and is not destroyed
     * @param provider the provider whose key it is
     * @return a cipher for one thread, to be closed
     */
    public Gcm gcm(Key key, Provider provider) {
        return new Gcm(suite, key, provider);
    }

    static IllegalStateException failed(String algorithm, Exception cause) {
        return new IllegalStateException("the crypto provider failed to do " + algorithm, cause);
    }

    /**
     * A part of an array.
     *
     * @param array the array, not copied
     * @param offset where the part begins
     * @param length how long it is
     */
    @SuppressWarnings("ArrayRecordComponent") // A view of an array, never compared.
    public record Slice(byte[] array, int offset, int length) {
        /**
         * Checks the bounds.
         *
         * @param array the array, not copied
         * @param offset where the part begins
         * @param length how long it is
         */
        public Slice {
            Objects.checkFromIndexSize(offset, length, array.length);
        }

        /**
         * A whole array.
         *
         * @param array the array, not copied
         * @return all of it
         */
        public static Slice of(byte[] array) {
            return new Slice(array, 0, array.length);
        }
    }
}
