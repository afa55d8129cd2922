package io.keywrap.store;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.codec.Canonical;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Everything that is kept of one keychain: its settings, its DEKs with their wraps, and the seal over it all.
 *
 * <p><b>Security:</b> holds no plaintext key. The seal is an HMAC-SHA-384 under a key that is wrapped by the vendor's own
 * KEK; whoever reads a record from a store calls {@link #isSealedBy} before believing any of it.
 *
 * <p><b>Shape and units:</b> one canonical binary encoding of at most {@value #MAX_BYTES} bytes; at most
 * {@value #MAX_DEKS} DEKs, each with at most {@value #MAX_WRAPS} wraps.
 *
 * <p><b>Thread safety:</b> immutable.
 *
 * <p><b>Source:</b> docs/format.md, "Keychain record".
 */
public final class KeychainRecord extends RecordContent {
    /** Longest canonical encoding, in bytes. */
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    /** Most DEKs of a keychain. */
    public static final int MAX_DEKS = 65_535;

    /** Most recipients of a keychain, and most wraps of a DEK. */
    public static final int MAX_WRAPS = 16;

    /** Length of a seal, in bytes. */
    public static final int SEAL_BYTES = 48;

    private final byte[] seal;

    private KeychainRecord(KeychainRecordBody body, byte[] seal) {
        super(body);
        this.seal = seal;
    }

    /**
     * Begins the first record of a keychain.
     *
     * @param keychainId the keychain
     * @param createdAt when it is made, kept to the millisecond
     * @return a builder, with revision 1
     * @throws IllegalArgumentException if the id breaks its rules
     */
    public static Builder builder(String keychainId, Instant createdAt) {
        return new Builder(Canonical.requireKeychainId(keychainId), createdAt);
    }

    /**
     * Reads the canonical encoding.
     *
     * @param encoded what {@link #toBytes()} gave
     * @return the record, whose seal is not checked
     * @throws IllegalArgumentException if these bytes are not exactly what {@link #toBytes()} gives for any record
     * @throws io.keywrap.UnsupportedEnvelopeException if they are a record of another version
     */
    public static KeychainRecord parse(byte[] encoded) {
        if (encoded.length > MAX_BYTES || encoded.length < SEAL_BYTES) {
            throw new IllegalArgumentException(
                    "a record has " + SEAL_BYTES + " to " + MAX_BYTES + " bytes, this one has " + encoded.length);
        }
        int end = encoded.length - SEAL_BYTES;
        KeychainRecordBody body = KeychainRecordBody.parse(Arrays.copyOf(encoded, end));
        return new KeychainRecord(body, Arrays.copyOfRange(encoded, end, encoded.length));
    }

    /**
     * Begins the record that follows this one.
     *
     * @return a builder with the same content and the next revision
     */
    public Builder next() {
        return new Builder(body);
    }

    /**
     * Whether this record carries the right seal; compared in constant time.
     *
     * @param sealer computes the seal over the encoding without it
     * @return true if it gives the seal that is there
     */
    public boolean isSealedBy(UnaryOperator<byte[]> sealer) {
        return MessageDigest.isEqual(sealer.apply(body.toBytes()), seal);
    }

    /**
     * The canonical encoding.
     *
     * @return a new array of at most {@value #MAX_BYTES} bytes
     */
    public byte[] toBytes() {
        return new Canonical.Writer().bytes(body.toBytes()).bytes(seal).toBytes();
    }

    /**
     * Id, revision and the number of DEKs.
     *
     * @return such as {@code KeychainRecord[tenant-42, revision 3, 2 DEKs]}
     */
    @Override
    public String toString() {
        return "KeychainRecord[" + keychainId() + ", revision " + revision() + ", " + deks().size() + " DEKs]";
    }

    /** What a KEK is to a DEK. */
    public enum Role {
        /** The customer's KEK: if it is revoked the DEK is closed, whatever else could open it. */
        CONTROL,
        /** The same owner's KEK elsewhere; for when CONTROL is out of reach, never when it is revoked. */
        REPLICA,
        /** An old KEK, kept for a time after a re-wrap; never used by itself, never a veto. */
        RETAINED
    }

    /** What a DEK may be used for; one never serves both. */
    public enum Usage {
        /** Envelopes of keywrap. */
        ENVELOPES,
        /** A format that is not keywrap's. */
        OUTSIDE
    }

    /** The life of a DEK. */
    public enum State {
        /** Encrypts and decrypts. */
        PRIMARY,
        /** Decrypts what it encrypted before. */
        DECRYPT_ONLY,
        /** Its wraps are gone. */
        DESTROYED
    }

    /**
     * A KEK, and what it is to the DEKs. New ones are wrapped to those of the roles CONTROL and REPLICA.
     *
     * @param role what it is to them
     * @param kekId the KEK
     * @param until how long wraps under a RETAINED KEK are kept, to the millisecond; empty if without an end, and for
     *     other roles
     */
    public record Recipient(Role role, KekId kekId, Optional<Instant> until) {
        /**
         * Checks the shape.
         *
         * @param role what it is to them
         * @param kekId the KEK
         * @param until how long its wraps are kept
         * @throws IllegalArgumentException if a time is given for another role than RETAINED, or one before 1970
         */
        public Recipient {
            until = until.map(time -> Instant.ofEpochMilli(time.toEpochMilli()));
            if (until.isPresent() && (role != Role.RETAINED || until.get().toEpochMilli() < 1)) {
                throw new IllegalArgumentException("a time is that of a RETAINED KEK, and after 1970");
            }
        }

        /**
         * Without a time.
         *
         * @param role what it is to them
         * @param kekId the KEK
         */
        public Recipient(Role role, KekId kekId) {
            this(role, kekId, Optional.empty());
        }
    }

    /**
     * One wrap of a DEK.
     *
     * @param role what its KEK is to the DEK
     * @param wrapped the wrap
     */
    public record Wrap(Role role, WrappedDek wrapped) {}

    /** Collects what a record consists of. Not thread-safe. */
    public static final class Builder {
        private final KeychainRecordBody.Draft draft;

        private Builder(String keychainId, Instant createdAt) {
            draft = new KeychainRecordBody.Draft(keychainId, createdAt);
        }

        private Builder(KeychainRecordBody body) {
            draft = new KeychainRecordBody.Draft(body);
        }

        /**
         * Whether envelopes carry their wraps; false by default. For a first record only.
         *
         * @param portable true if they do
         * @return this
         */
        public Builder portable(boolean portable) {
            draft.portable = portable;
            return this;
        }

        /**
         * Whose KEKs wrap the DEKs; the customer's by default.
         *
         * @param choice the choice
         * @return this
         */
        public Builder keyManagement(KeyManagement choice) {
            draft.keyManagement = choice;
            return this;
        }

        /**
         * Whether that choice may change later; false by default. For a first record only.
         *
         * @param migratable true if it may
         * @return this
         */
        public Builder migratable(boolean migratable) {
            draft.migratable = migratable;
            return this;
        }

        /**
         * The tenant's own pairs; none by default.
         *
         * @param pairs the pairs
         * @return this
         */
        public Builder keyContext(EncryptionContext pairs) {
            draft.keyContext = pairs;
            return this;
        }

        /**
         * Which KEKs the DEKs are wrapped to.
         *
         * @param recipients 1 to {@value KeychainRecord#MAX_WRAPS} recipients, no KEK twice
         * @return this
         */
        public Builder recipients(List<Recipient> recipients) {
            draft.recipients = List.copyOf(recipients);
            return this;
        }

        /**
         * How many of them must have wrapped a new DEK before it is used; all by default.
         *
         * @param wraps at least the CONTROL KEKs, at most those and the REPLICA KEKs; 0 for all
         * @return this
         */
        public Builder writeQuorum(int wraps) {
            draft.writeQuorum = wraps;
            return this;
        }

        /**
         * All DEKs, oldest first.
         *
         * @param entries the entries; no id twice, at most one primary for each use
         * @return this
         */
        public Builder deks(List<DekEntry> entries) {
            draft.deks = List.copyOf(entries);
            return this;
        }

        /**
         * The wrapped seal key.
         *
         * @param wrapped the wrap
         * @return this
         */
        public Builder sealKey(WrappedDek wrapped) {
            draft.sealKey = wrapped;
            return this;
        }

        /**
         * Makes the record and seals it.
         *
         * @param sealer computes the {@value KeychainRecord#SEAL_BYTES} bytes of seal over the encoding without it
         * @return the record
         * @throws IllegalArgumentException if a rule or limit is broken, or something is missing
         */
        public KeychainRecord build(UnaryOperator<byte[]> sealer) {
            KeychainRecordBody body = new KeychainRecordBody(draft);
            byte[] encoded = body.toBytes();
            byte[] seal = sealer.apply(encoded);
            if (seal.length != SEAL_BYTES || encoded.length > MAX_BYTES - SEAL_BYTES) {
                throw new IllegalArgumentException(
                        "a seal has " + SEAL_BYTES + " bytes, a record at most " + MAX_BYTES);
            }
            return new KeychainRecord(body, seal.clone());
        }
    }
}
