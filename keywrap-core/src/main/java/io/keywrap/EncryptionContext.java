package io.keywrap;

import io.keywrap.codec.Canonical;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Non-secret pairs that are bound to a wrapped DEK (<em>key context</em>) or to one envelope (<em>object context</em>).
 *
 * <p><b>Security:</b> the pairs are authenticated, never encrypted. They stand in the clear in envelopes, and a cloud's
 * audit log shows the key context, so never put a secret into one. Values still stay out of keywrap's own messages,
 * logs and {@link #toString()}.
 *
 * <p><b>Shape and units:</b> keys of 1 to {@value #MAX_KEY_BYTES} UTF-8 bytes, values of 0 or more; the canonical
 * encoding, which is what limits count, has at most {@value #MAX_BYTES} bytes for an object context and
 * {@value #MAX_KEY_CONTEXT_BYTES} for a key context. Keys that begin with {@value #RESERVED_PREFIX} are keywrap's own.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * <p><b>Source:</b> docs/format.md, "Encryption context".
 */
public final class EncryptionContext {
    /** Longest key, in UTF-8 bytes. */
    public static final int MAX_KEY_BYTES = 256;

    /** Longest canonical encoding, in bytes. */
    public static final int MAX_BYTES = 8 * 1024;

    /** Longest canonical encoding of a key context, keywrap's own pairs included, in bytes. */
    public static final int MAX_KEY_CONTEXT_BYTES = 2 * 1024;

    /** How keywrap's own keys begin. */
    public static final String RESERVED_PREFIX = "kw:";

    /** Most bytes that a char becomes in UTF-8. */
    private static final long MAX_UTF_8 = 3;

    private static final Comparator<String> BY_UTF_8_BYTES =
            (a, b) -> Arrays.compareUnsigned(Canonical.utf8(a), Canonical.utf8(b));
    private static final EncryptionContext EMPTY = new EncryptionContext(Collections.emptySortedMap());

    private final SortedMap<String, String> pairs;
    private final byte[] encoded;
    private final boolean reserved;
    private int hash; // Computed once; a race computes the same.

    private EncryptionContext(SortedMap<String, String> pairs) {
        this.pairs = Collections.unmodifiableSortedMap(pairs);
        this.encoded = encode(pairs);
        SortedMap<String, String> from = pairs.tailMap(RESERVED_PREFIX);
        this.reserved = !from.isEmpty() && from.firstKey().startsWith(RESERVED_PREFIX);
    }

    /**
     * No pairs.
     *
     * @return the empty context
     */
    public static EncryptionContext empty() {
        return EMPTY;
    }

    /**
     * One pair.
     *
     * @param key the key
     * @param value the value
     * @return the context
     * @throws IllegalArgumentException if the pair breaks a limit; the message never quotes the value
     */
    public static EncryptionContext of(String key, String value) {
        return of(Map.of(key, value));
    }

    /**
     * Some pairs.
     *
     * @param pairs the pairs, copied; their order does not matter
     * @return the context
     * @throws IllegalArgumentException if a pair or the whole breaks a limit; the message never quotes a value
     */
    public static EncryptionContext of(Map<String, String> pairs) {
        pairs.keySet().forEach(EncryptionContext::requireUserKey);
        return sorted(pairs);
    }

    /**
     * The key context of a DEK: the tenant's own pairs, and {@code kw:keychain} and {@code kw:dek}.
     *
     * @param keychainId the keychain of the DEK
     * @param dekId the DEK
     * @param tenantPairs the tenant's own pairs
     * @return the context that the DEK is wrapped with
     * @throws IllegalArgumentException if it is over {@value #MAX_KEY_CONTEXT_BYTES} bytes
     */
    public static EncryptionContext ofDek(String keychainId, DekId dekId, EncryptionContext tenantPairs) {
        return reserved(keychainId, Map.of("kw:dek", dekId.hex()), tenantPairs);
    }

    /**
     * The key context of a keychain's seal key: {@code kw:keychain} and {@code kw:seal}.
     *
     * <p>It differs from every key context of a DEK, so that one can never be passed off as the other.
     *
     * @param keychainId the keychain
     * @param sealKeyId the id of the seal key
     * @return the context that the seal key is wrapped with
     */
    public static EncryptionContext ofSealKey(String keychainId, DekId sealKeyId) {
        return reserved(keychainId, Map.of("kw:seal", sealKeyId.hex()), EMPTY);
    }

    /**
     * The key context of the key that seals the note of a slot of uploaded keys: {@code kw:slot} and {@code kw:seal}.
     *
     * @param slot the slot
     * @param sealKeyId the id of the seal key
     * @return the context that the seal key is wrapped with
     */
    public static EncryptionContext ofSlotSeal(String slot, DekId sealKeyId) {
        return asKeyContext(Map.of("kw:slot", slot, "kw:seal", sealKeyId.hex()));
    }

    /**
     * The key context of a key that a customer has uploaded: {@code kw:slot} and {@code kw:secret}.
     *
     * @param slot the slot
     * @param secretId the id that the key was given when it was wrapped
     * @return the context that the uploaded key is wrapped with
     */
    public static EncryptionContext ofSlotSecret(String slot, DekId secretId) {
        return asKeyContext(Map.of("kw:slot", slot, "kw:secret", secretId.hex()));
    }

    /**
     * Reads a canonical encoding of a user's pairs.
     *
     * @param encoded what {@link #toBytes()} gave
     * @return the context
     * @throws IllegalArgumentException if these bytes are not exactly what {@link #toBytes()} gives for any context of
     *     a user
     */
    public static EncryptionContext parse(byte[] encoded) {
        if (encoded.length > MAX_BYTES) {
            throw new IllegalArgumentException("a context has at most " + MAX_BYTES + " bytes");
        }
        Canonical.Reader in = new Canonical.Reader(encoded);
        SortedMap<String, String> pairs = new TreeMap<>(BY_UTF_8_BYTES);
        try {
            int count = in.limited("context pair count", 2, MAX_BYTES);
            for (int i = 0; i < count; i++) {
                String key = in.text("context key", MAX_KEY_BYTES);
                requireUserKey(key);
                if (!pairs.isEmpty() && BY_UTF_8_BYTES.compare(pairs.lastKey(), key) >= 0) {
                    throw new Canonical.Malformed("context keys are not in order, or one stands twice");
                }
                pairs.put(key, in.text("context value", MAX_BYTES));
            }
            in.end();
        } catch (Canonical.Malformed e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return new EncryptionContext(pairs);
    }

    /**
     * This context with one pair more.
     *
     * @param key a key that is not there yet
     * @param value the value
     * @return a new context
     * @throws IllegalArgumentException if the key is there already, or the pair breaks a limit
     */
    public EncryptionContext with(String key, String value) {
        if (pairs.containsKey(key)) {
            throw new IllegalArgumentException("the context has the key '" + key + "' already");
        }
        requireUserKey(key);
        Map<String, String> more = new HashMap<>(pairs);
        more.put(key, value);
        return sorted(more);
    }

    /**
     * Whether every pair of another context is in this one, with the same value.
     *
     * @param other the other context
     * @return true if so, as for the empty context
     */
    public boolean contains(EncryptionContext other) {
        return pairs.entrySet().containsAll(other.pairs.entrySet());
    }

    /**
     * The pairs.
     *
     * @return an unmodifiable map, sorted by the UTF-8 bytes of the keys
     */
    public SortedMap<String, String> asMap() {
        return pairs;
    }

    /**
     * Whether there is no pair.
     *
     * @return true if empty
     */
    public boolean isEmpty() {
        return pairs.isEmpty();
    }

    /**
     * The canonical encoding, which is also the associated data.
     *
     * @return a new array
     */
    public byte[] toBytes() {
        return encoded.clone();
    }

    /**
     * Whether another context has the same pairs.
     *
     * @param other the other object
     * @return true if it does
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof EncryptionContext that && Arrays.equals(encoded, that.encoded);
    }

    /**
     * Whether there is one of keywrap's own pairs, which are never written.
     *
     * @return true for the key context of a DEK or of a seal key, false for every user's
     */
    public boolean hasReservedPairs() {
        return reserved;
    }

    /**
     * A hash of the pairs.
     *
     * @return the hash
     */
    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(encoded);
            hash = known;
        }
        return known;
    }

    /**
     * The keys without their values. A key may come from an envelope that nobody has authenticated, so control characters
     * are shown as question marks.
     *
     * @return such as {@code EncryptionContext[object, tenant]}
     */
    @Override
    public String toString() {
        return "EncryptionContext" + pairs.keySet().toString().replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
    }

    private static EncryptionContext reserved(
            String keychainId, Map<String, String> purpose, EncryptionContext tenantPairs) {
        Map<String, String> all = new HashMap<>(tenantPairs.pairs);
        all.put("kw:keychain", Canonical.requireKeychainId(keychainId));
        all.putAll(purpose);
        return asKeyContext(all);
    }

    private static EncryptionContext asKeyContext(Map<String, String> all) {
        EncryptionContext context = sorted(all);
        if (context.encoded.length > MAX_KEY_CONTEXT_BYTES) {
            throw new IllegalArgumentException("a key context has at most " + MAX_KEY_CONTEXT_BYTES
                    + " bytes with keywrap's own pairs, this one has " + context.encoded.length);
        }
        return context;
    }

    private static EncryptionContext sorted(Map<String, String> pairs) {
        SortedMap<String, String> copy = new TreeMap<>(BY_UTF_8_BYTES);
        copy.putAll(pairs);
        return new EncryptionContext(copy);
    }

    private static void requireUserKey(String key) {
        int length = Canonical.utf8(key).length;
        if (length == 0 || length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a context key has 1 to " + MAX_KEY_BYTES + " UTF-8 bytes, this one has " + length);
        }
        if (key.startsWith(RESERVED_PREFIX)) {
            throw new IllegalArgumentException("context keys that begin with '" + RESERVED_PREFIX + "' are reserved");
        }
    }

    private static void requireFits(SortedMap<String, String> pairs) {
        long length = 2;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            length += 4L + Canonical.utf8(pair.getKey()).length + Canonical.utf8(pair.getValue()).length;
        }
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException("a context has at most " + MAX_BYTES + " bytes, this one has " + length);
        }
    }

    private static byte[] encode(SortedMap<String, String> pairs) {
        long most = 2;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            most += 4
                    + MAX_UTF_8
                            * (pair.getKey().length() + (long) pair.getValue().length());
        }
        if (most > MAX_BYTES) {
            requireFits(pairs);
        }
        Canonical.Writer out = new Canonical.Writer().unsigned(pairs.size(), 2);
        pairs.forEach((key, value) -> out.text(key).text(value));
        return out.toBytes();
    }
}
