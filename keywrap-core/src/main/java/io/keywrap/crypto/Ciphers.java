package io.keywrap.crypto;

/**
 * Where the ciphers and derivations of a message come from.
 *
 * <p><b>Thread safety:</b> thread-safe, except for what it hands out.
 */
public sealed interface Ciphers permits Jca, Workbench {
    /**
     * Random bytes for keys, ids and salts.
     *
     * @param length how many
     * @return a new array
     */
    byte[] random(int length);

    /**
     * HKDF-Expand with SHA-384 (RFC 5869, 2.3).
     *
     * @param key the pseudorandom key, copied; stays the caller's
     * @return derivations for one thread, to be closed
     */
    Hkdf hkdfSha384(byte[] key);

    /**
     * AES-256-GCM, still without a key.
     *
     * @return a cipher for one thread, to be closed
     */
    Gcm gcm();
}
