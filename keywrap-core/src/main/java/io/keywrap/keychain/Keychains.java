package io.keywrap.keychain;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TimeSource;
import io.keywrap.proof.ReservedIds;
import io.keywrap.proof.Roles;
import io.keywrap.proof.SealedRecords;
import io.keywrap.proof.WrappedDeks;
import io.keywrap.proof.WrappedDeks.Owner;
import io.keywrap.provider.InFlight;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keychains in a store: the second of the three things a user of keywrap learns.
 *
 * <pre>{@code
 * Keychains keychains = Keychains.builder(store, providers).seal(KeychainSeal.wrappedBy(vendorKek)).build();
 * Keychain keychain = keychains.create("tenant-42", spec -> spec.control(customerKek).keyContext("tenant", "acme"));
 * }</pre>
 *
 * <p><b>Thread safety:</b> thread-safe. Calls block on the KMS and on the store.
 */
public final class Keychains {
    private final KeychainStore store;
    private final SealedRecords records;
    private final KeyProviders providers;
    private final WrappedDeks deks;
    private final OpenersReport openers;
    private final TimeSource time;
    private final Duration primaryAge;
    private final boolean wrapOnly;

    private Keychains(Builder builder, KeychainSeal seal) {
        this.store = builder.store;
        this.records = new SealedRecords(builder.store, builder.providers, seal.kekId());
        this.providers = builder.providers;
        this.deks = new WrappedDeks(providers, builder.inFlight);
        this.time = providers.time();
        this.openers = new OpenersReport(seal.kekId(), builder.vendorKeks, providers.deks(), time);
        this.primaryAge = builder.primaryAge;
        this.wrapOnly = builder.wrapOnly;
    }

    /**
     * Begins.
     *
     * @param store where the records are; stays the caller's
     * @param providers the KEKs; stay the caller's
     * @return a builder
     */
    public static Builder builder(KeychainStore store, KeyProviders providers) {
        return new Builder(store, providers);
    }

    /**
     * Makes a keychain with its first DEK, and commits it.
     *
     * @param keychainId its id: 1 to 256 UTF-8 bytes without control characters; {@code keywrap-store-export}, {@code tink}, and
     *     what begins with {@code azure-storage-2.} are reserved
     * @param content says what it shall be
     * @return the keychain
     * @throws io.keywrap.KeychainExistsException if there is one of that id
     * @throws io.keywrap.KekException if a KEK cannot be used; nothing was stored then
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     * @throws IllegalArgumentException if the id is reserved, or the specification breaks a rule
     */
    public Keychain create(String keychainId, Consumer<Spec> content) {
        ReservedIds.requireFree(keychainId);
        Spec spec = new Spec();
        content.accept(spec);
        Owner owner = new Owner(keychainId, spec.keyContext, spec.recipients.list(), spec.recipients.quorum());
        return keychain(records.create(keychainId, record -> {
            DekEntry first = deks.create(owner, Usage.ENVELOPES);
            Roles.requireRoom(spec.portable, first);
            return record.portable(spec.portable)
                    .keyManagement(spec.keyManagement)
                    .migratable(spec.migratable)
                    .keyContext(owner.keyContext())
                    .recipients(owner.recipients())
                    .writeQuorum(owner.writeQuorum())
                    .deks(List.of(first));
        }));
    }

    /**
     * Opens a keychain, checking its seal.
     *
     * @param keychainId its id
     * @return the keychain
     * @throws io.keywrap.KeychainNotFoundException if there is none
     * @throws io.keywrap.KeychainSealBrokenException if its record is not what keywrap wrote
     * @throws io.keywrap.UnsupportedEnvelopeException if a release wrote it whose records this one does not read
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public Keychain open(String keychainId) {
        return keychain(records.load(keychainId));
    }

    private Keychain keychain(KeychainRecord record) {
        return new Keychain(
                new HeldRecord(records, deks, providers.deks(), time, record),
                deks,
                openers,
                new PrimaryAge(primaryAge, time),
                wrapOnly);
    }

    /**
     * Lists keychains, a page at a time, without checking seals.
     *
     * @param filter which keychains
     * @param after the last id of the page before; empty for the first page
     * @param limit the most ids to give, 1 to {@value KeychainStore#MAX_PAGE}
     * @return their ids, in the store's order; fewer than the limit at the end
     * @throws io.keywrap.KeychainSealBrokenException if something kept is no record
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
        return store.list(filter, after, limit);
    }

    /** Options of {@link Keychains}. Not thread-safe. */
    public static final class Builder {
        private final KeychainStore store;
        private final KeyProviders providers;
        private @Nullable KeychainSeal seal;
        private Duration primaryAge = Duration.ofDays(90);
        private boolean wrapOnly;
        private InFlight inFlight = InFlight.ABORT;
        private Predicate<KekId> vendorKeks = kekId -> false;

        private Builder(KeychainStore store, KeyProviders providers) {
            this.store = store;
            this.providers = providers;
        }

        /**
         * Who vouches for the records. Required.
         *
         * @param seal the seal
         * @return this
         */
        public Builder seal(KeychainSeal seal) {
            if (this.seal != null) {
                throw new IllegalStateException("the seal was set before, to " + this.seal);
            }
            this.seal = seal;
            return this;
        }

        /**
         * How old the DEK for new data may become before another one takes its place; 90 days by default. It is looked at
         * whenever data is to be encrypted. Where no new one can be made then, the old one goes on.
         *
         * @param most 1 hour to 10 years, by the wall clock
         * @return this
         */
        public Builder primaryAge(Duration most) {
            if (most.compareTo(Duration.ofHours(1)) < 0 || most.compareTo(Duration.ofDays(3653)) > 0) {
                throw new IllegalArgumentException("the age of a primary DEK is 1 hour to 10 years, not " + most);
            }
            primaryAge = most;
            return this;
        }

        /**
         * For a host that may wrap under the customer's KEKs and not unwrap, such as an agent that only backs up. Each
         * {@link Keychain} that it opens makes a DEK of its own at the first {@link Keychain#primary()}: open one for each
         * job. The DEK is kept in memory while it is used, and proven again by wrapping. Needs {@link KeyProviders} that keep
         * DEKs: with others, which are for tests, each call makes another DEK, adds it to the record and unwraps it.
         *
         * @return this
         */
        public Builder wrapOnly() {
            wrapOnly = true;
            return this;
        }

        /**
         * What becomes of work under way when its KEK is revoked; {@link InFlight#ABORT} by default. It holds for leases and
         * whatever an {@code EnvelopeCipher} does with these keychains, but for readers at random, which always end.
         *
         * @param policy the policy
         * @return this
         */
        public Builder inFlight(InFlight policy) {
            inFlight = policy;
            return this;
        }

        /**
         * Which KEKs are the vendor's, beside that of the seal, for {@link Keychain#whoCanStillOpen()}; by default those of
         * keychains whose key management is the vendor's.
         *
         * @param vendors true for the vendor's, such as those of its own account
         * @return this
         */
        public Builder vendorKeks(Predicate<KekId> vendors) {
            vendorKeks = vendors;
            return this;
        }

        /**
         * Makes the keychains, without calling a KMS or the store.
         *
         * @return the keychains
         * @throws IllegalStateException if no seal was set
         */
        public Keychains build() {
            if (seal == null) {
                throw new IllegalStateException(
                        "say who seals the records: seal(KeychainSeal.wrappedBy(<the vendor's own KEK>))");
            }
            return new Keychains(this, seal);
        }
    }

    /** What a new keychain shall be. Not thread-safe. */
    public static final class Spec {
        private final Recipients recipients = new Recipients();
        private EncryptionContext keyContext = EncryptionContext.empty();
        private boolean portable;
        private KeyManagement keyManagement = KeyManagement.CUSTOMER;
        private boolean migratable;

        private Spec() {}

        /**
         * Adds a customer's KEK. Every CONTROL KEK must be usable, or the keychain is closed. At least one, at most 16.
         *
         * @param kekId the KEK
         * @return this
         */
        public Spec control(KekId kekId) {
            recipients.control(kekId);
            return this;
        }

        /**
         * Adds a KEK of the same owner in another region or cloud; see {@link Recipients#replica}.
         *
         * @param kekId the KEK
         * @return this
         */
        public Spec replica(KekId kekId) {
            recipients.replica(kekId);
            return this;
        }

        /**
         * How many CONTROL and REPLICA KEKs must have wrapped a new DEK; all by default. See {@link Recipients#writeQuorum}.
         *
         * @param wraps at least the number of CONTROL KEKs
         * @return this
         */
        public Spec writeQuorum(int wraps) {
            recipients.writeQuorum(wraps);
            return this;
        }

        /**
         * Adds a pair to the key context: bound to every wrap, and visible in a cloud's audit log. Never a secret.
         *
         * @param key the key
         * @param value the value
         * @return this
         */
        public Spec keyContext(String key, String value) {
            keyContext = keyContext.with(key, value);
            return this;
        }

        /**
         * Records whose KEKs these are; the customer's by default. For good, unless the keychain is {@link #migratable}.
         *
         * @param choice the tenant's choice
         * @return this
         */
        public Spec keyManagement(KeyManagement choice) {
            keyManagement = choice;
            return this;
        }

        /**
         * Lets {@link Keychain#changeKeyManagement} change that choice later. Without this it is refused for ever.
         *
         * @return this
         */
        public Spec migratable() {
            migratable = true;
            return this;
        }

        /**
         * Makes the keychain portable, for good: its envelopes carry their wraps, and open with the KEK alone.
         *
         * @return this
         */
        public Spec portable() {
            portable = true;
            return this;
        }
    }
}
