package io.keywrap.recovery;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.KeywrapException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.crypto.Jca;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.proof.SealedRecords;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.recovery.Summary.Counter;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Checks a store of keychains, exports it, and puts it right after a loss or after it was restored from an old copy.
 *
 * <pre>{@code
 * StoreRecovery recovery = StoreRecovery.of(store, providers, KeychainSeal.wrappedBy(vendorKek));
 * recovery.exportTo(Path.of("keychains.kwsx"));                             // every night
 * recovery.compareWith(Path.of("keychains.kwsx"), finding -> log(finding)); // after a restore
 * recovery.importFrom(Path.of("keychains.kwsx"), finding -> log(finding));
 * }</pre>
 *
 * <p><b>Security:</b> an export is encrypted and authenticated under the KEK of the seal; it is accepted whole or not at
 * all. No work here takes a DEK out of a store, makes a destroyed DEK usable, or replaces a record by an older one.
 *
 * <p><b>Errors:</b> what concerns one keychain or envelope is a {@link Finding}, and the work goes on. What concerns all
 * is an exception: a KEK that cannot be used, a store that is unavailable, an export that is not genuine. Work that failed
 * may be done again; what was done stays.
 *
 * <p><b>Thread safety:</b> thread-safe. Calls block on the KMS and on the store, for as long as the store is large; the
 * memory they need does not grow with it, but for the ids of the keychains in a comparison and the DEKs in a rebuild.
 *
 * <p><b>Source:</b> docs/guides/recovery.md; docs/format.md, "Store export".
 */
public final class StoreRecovery {
    private static final int PAGE = 1000;

    private final KeychainStore store;
    private final KeyProviders providers;
    private final KekId sealKek;
    private final SealedRecords records;

    private StoreRecovery(KeychainStore store, KeyProviders providers, KeychainSeal seal) {
        this.store = store;
        this.providers = providers;
        this.sealKek = seal.kekId();
        this.records = new SealedRecords(store, providers, sealKek);
    }

    /**
     * Recovery of one store.
     *
     * @param store the store; stays the caller's
     * @param providers the KEKs; stay the caller's
     * @param seal who vouches for the records; also the export's KEK
     * @return the recovery
     */
    public static StoreRecovery of(KeychainStore store, KeyProviders providers, KeychainSeal seal) {
        return new StoreRecovery(store, providers, seal);
    }

    /**
     * Reads every record and checks its seal.
     *
     * @param findings gets each record that cannot be read or believed
     * @return the counts; {@link Summary#examined()} are keychains
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public Summary check(Consumer<Finding> findings) {
        requireSealKek();
        Counter counter = new Counter(findings);
        reportUnreadable(counter);
        forEachId(KeychainFilter.all().leavingOutUnreadable(), id -> believed(id, counter));
        return counter.summary();
    }

    /**
     * Writes every record to one sealed file. The keychains are those of the moments in which each is read: what is made
     * or changed meanwhile may be there or not.
     *
     * @param target the file, which appears whole or not at all; an older one is replaced
     * @return the counts
     * @throws KeychainSealBrokenException if a record cannot be believed: {@link #check} first, or {@link #exportSound}
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     * @throws IOException if the file cannot be written
     */
    public Summary exportTo(Path target) throws IOException {
        Counter counter = new Counter(finding -> {});
        try (StoreExport.Writer export = StoreExport.write(target, providers, sealKek)) {
            forEachId(KeychainFilter.all(), id -> {
                KeychainRecord record = store.load(id).orElseThrow(() -> lost(id));
                records.requireSealed(record, id);
                export.add(record);
                counter.examined();
            });
            export.commit();
        }
        return counter.summary();
    }

    /**
     * As {@link #exportTo}, but leaves out what cannot be believed: to save the rest of a damaged store. Such an export
     * is not complete; keep the last complete one too. If nothing can be believed, nothing is written.
     *
     * @param target the file, which appears whole or not at all; an older one is replaced
     * @param findings gets what was left out
     * @return the counts
     * @throws IOException if the file cannot be written
     */
    public Summary exportSound(Path target, Consumer<Finding> findings) throws IOException {
        Counter counter = new Counter(findings);
        try (StoreExport.Writer export = StoreExport.write(target, providers, sealKek)) {
            reportUnreadable(counter);
            forEachId(KeychainFilter.all().leavingOutUnreadable(), id -> {
                Optional<KeychainRecord> record = believed(id, counter);
                if (record.isPresent()) {
                    export.add(record.get());
                }
            });
            if (!export.isEmpty()) {
                export.commit();
            }
        }
        return counter.summary();
    }

    /**
     * Holds the store against an export, and changes nothing: after the store was restored from an old copy, what is
     * missing, and what is there again that should not be.
     *
     * @param export the file
     * @param findings gets the differences; void if the call fails
     * @return the counts; {@link Summary#examined()} are keychains of the export
     * @throws io.keywrap.DataException if the export is not whole and genuine under the KEK of the seal
     * @throws io.keywrap.KekException if that KEK cannot be used
     * @throws IOException if the file cannot be read
     */
    public Summary compareWith(Path export, Consumer<Finding> findings) throws IOException {
        Counter counter = new Counter(findings);
        Set<String> exported = new HashSet<>();
        List<Finding> unreadable = new ArrayList<>();
        forEachRecord(export, record -> {
            counter.examined();
            exported.add(record.keychainId());
            compare(record, counter, unreadable);
        });
        if (reportUnreadable(counter) < unreadable.size()) {
            unreadable.forEach(counter::add); // The store does not name all of them, or could not be read for a while.
        }
        forEachId(KeychainFilter.all().leavingOutUnreadable(), id -> {
            if (!exported.contains(id)) {
                counter.add(
                        Finding.of(Kind.KEYCHAIN_NOT_IN_EXPORT, id, "it was made after the export, or deleted before"));
            }
        });
        return counter.summary();
    }

    /**
     * Gives the store what an export has and it lacks. A copy of the export is read to its end before anything is
     * changed.
     *
     * <p>A missing keychain is added, an older record replaced. Where both went on from a common
     * record, the store gets the DEKs of both in a record that is later than either, each in the later of its states; if
     * they name different KEKs, that is refused, and so is what may take away the veto of a CONTROL KEK. A DEK that either side
     * has destroyed stays destroyed.
     *
     * @param export the file
     * @param findings gets what was done to each keychain, and what was refused
     * @return the counts; {@link Summary#examined()} are keychains of the export
     * @throws io.keywrap.DataException if the export is not whole and genuine under the KEK of the seal; nothing has
     *     changed then
     * @throws io.keywrap.KekException if that KEK cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     * @throws IOException if the file cannot be read
     */
    public Summary importFrom(Path export, Consumer<Finding> findings) throws IOException {
        Path copy = Files.createTempFile("keywrap-import", ".kwsx"); // What was checked is what is imported.
        try {
            Files.copy(export, copy, StandardCopyOption.REPLACE_EXISTING);
            return importChecked(copy, findings);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private Summary importChecked(Path export, Consumer<Finding> findings) throws IOException {
        forEachRecord(export, record -> {});
        store.list(KeychainFilter.all().leavingOutUnreadable(), Optional.empty(), 1); // Fails if all of it is away.
        Counter counter = new Counter(findings);
        RecordImport work = new RecordImport(store, records);
        forEachRecord(export, record -> {
            counter.examined();
            counter.add(work.apply(record));
        });
        return counter.summary();
    }

    /**
     * Looks up the DEK of every envelope, without a KEK of a customer: which backups a restored store cannot open.
     *
     * @param envelopes the envelopes; only the beginning of each is read, and nothing of it is authenticated
     * @param findings gets each envelope whose DEK the store does not have
     * @return the counts; {@link Summary#examined()} are envelopes
     * @throws io.keywrap.KekException if the KEK of the seal cannot be used
     * @throws io.keywrap.StoreUnavailableException if the store cannot be read
     */
    public Summary checkEnvelopes(Iterable<? extends EnvelopeSource> envelopes, Consumer<Finding> findings) {
        Counter counter = new Counter(findings);
        EnvelopeCheck check = new EnvelopeCheck(this::recordOf);
        for (EnvelopeSource envelope : envelopes) {
            counter.examined();
            check.check(envelope).ifPresent(counter::add);
        }
        return counter.summary();
    }

    /**
     * Makes keychains again from their portable envelopes, or adds to them the DEKs that they lack. Such DEKs decrypt;
     * new data gets new ones, under the KEKs that are named here.
     *
     * <p>A DEK is taken only from an envelope that carries a wrap of it under <em>each</em> KEK named for its keychain, since
     * whoever can change an envelope can take wraps away. Where a keychain had other KEKs before, rebuild once with the
     * present ones, and again with those of that time: what is there already keeps its recipients.
     *
     * <p>A keychain whose id is reserved is never made: it is {@link Finding.Kind#REFUSED}, as envelopes that contradict each other are.
     *
     * <p><b>Security:</b> this believes whoever can wrap under the KEKs that are named. Every wrap is unwrapped, and proves
     * the header of its envelope, before it is taken. What only the lost record knew is gone: DEKs for outside use, roles,
     * dates, the choice of key management, and that a DEK was destroyed.
     *
     * @param controlKeks for the id of each keychain that shall be rebuilt, the customer's KEKs, 1 to 16; never the KEKs of
     *     several customers for one keychain
     * @param envelopes the envelopes, of other keychains too; only the beginning of each is read
     * @param findings gets what was recovered, and what was refused
     * @return the counts; {@link Summary#examined()} are envelopes
     * @throws io.keywrap.KekException if a KEK is throttled, out of reach or not configured, or the KEK of the seal cannot
     *     be used; DEKs that were proven before are kept
     * @throws io.keywrap.StoreUnavailableException if the store cannot be written
     */
    public Summary rebuild(
            Map<String, Set<KekId>> controlKeks,
            Iterable<? extends EnvelopeSource> envelopes,
            Consumer<Finding> findings) {
        if (controlKeks.values().stream().anyMatch(keks -> keks.isEmpty() || keks.size() > KeychainRecord.MAX_WRAPS)) {
            throw new IllegalArgumentException("a keychain has 1 to " + KeychainRecord.MAX_WRAPS + " KEKs");
        }
        Counter counter = new Counter(findings);
        EnvelopeProof proof = new EnvelopeProof(providers, controlKeks, counter::add);
        try {
            for (EnvelopeSource envelope : envelopes) {
                counter.examined();
                proof.add(envelope);
            }
        } finally {
            RecordRebuild work = new RecordRebuild(store, records, providers.time());
            proof.keychains().forEach(found -> work.apply(found, counter::add));
        }
        return counter.summary();
    }

    private void compare(KeychainRecord exported, Counter counter, List<Finding> unreadable) {
        String id = exported.keychainId();
        Optional<KeychainRecord> kept;
        try {
            kept = store.load(id);
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException | StoreUnavailableException e) {
            unreadable.add(Finding.of(Kind.UNREADABLE, id, String.valueOf(e.getMessage())));
            return;
        }
        if (kept.isEmpty()) {
            counter.add(Finding.of(Kind.KEYCHAIN_MISSING, id, "its data cannot be read until the export is imported"));
        } else if (!Arrays.equals(kept.get().toBytes(), exported.toBytes()) && isBelieved(kept.get(), counter)) {
            new Comparison(kept.get(), exported).report(counter::add);
        }
    }

    private int reportUnreadable(Counter counter) {
        List<KeychainStore.Unreadable> places = store.unreadable();
        for (KeychainStore.Unreadable unreadable : places) {
            counter.add(Finding.of(
                    Kind.UNREADABLE,
                    unreadable.place(),
                    unreadable.reason() + ". Move it aside, keep it for an investigation, and import an export"));
        }
        return places.size();
    }

    /** A store that cannot be read must not look like one that lacks a keychain. */
    private Optional<KeychainRecord> recordOf(String id) {
        try {
            return store.load(id).filter(record -> isBelieved(record, new Counter(finding -> {})));
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException e) {
            return Optional.empty();
        }
    }

    private Optional<KeychainRecord> believed(String id, Counter counter) {
        try {
            counter.examined();
            return Optional.of(store.load(id).orElseThrow(() -> lost(id)))
                    .filter(record -> isBelieved(record, counter));
        } catch (KeychainSealBrokenException | UnsupportedEnvelopeException | StoreUnavailableException e) {
            counter.add(Finding.of(Kind.UNREADABLE, id, String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    /** What was listed a moment ago. */
    private static StoreUnavailableException lost(String id) {
        return new StoreUnavailableException(
                "keychain '" + id + "' is in the store's list and not in the store; to do: check the store", null);
    }

    /** Otherwise every record would seem forged where the KEK is only named wrongly. */
    private void requireSealKek() {
        DekId id = DekId.of(Jca.of(providers.cryptoProvider()).random(DekId.BYTES));
        EncryptionContext context = EncryptionContext.ofSealKey(StoreExport.KEYCHAIN_ID, id);
        KeyProvider provider = providers.provider(sealKek);
        KeyProvider.Generated probe = provider.generate(id, context, providers.foregroundDeadline());
        probe.dek().close();
        provider.unwrap(probe.wrapped(), context, providers.foregroundDeadline())
                .close();
    }

    private boolean isBelieved(KeychainRecord record, Counter counter) {
        KekId named = record.sealKey().kekId();
        if (!named.equals(sealKek)) {
            counter.add(Finding.of(
                    Kind.OTHER_SEAL_KEK,
                    record.keychainId(),
                    "it says that KEK " + named + " seals it, and not " + sealKek
                            + "; if you named the right KEK, find out who can write to the store"));
            return false;
        }
        try {
            records.requireSealed(record, record.keychainId());
            return true;
        } catch (KeychainSealBrokenException e) {
            counter.add(Finding.of(Kind.SEAL_BROKEN, record.keychainId(), String.valueOf(e.getMessage())));
            return false;
        }
    }

    private <E extends Exception> void forEachId(KeychainFilter filter, Step<String, E> step) throws E {
        Optional<String> after = Optional.empty();
        List<String> page;
        do {
            page = store.list(filter, after, PAGE);
            for (String id : page) {
                step.take(id);
                after = Optional.of(id);
            }
        } while (!page.isEmpty()); // A store with smaller pages than we ask for must not end the walk.
    }

    private void forEachRecord(Path export, Step<KeychainRecord, IOException> step) throws IOException {
        try (StoreExport.Reader reader = StoreExport.read(export, providers, sealKek)) {
            Optional<KeychainRecord> record = reader.next();
            while (record.isPresent()) {
                step.take(record.get());
                record = reader.next();
            }
        } catch (IOException e) {
            if (e.getCause() instanceof KeywrapException refusal) {
                throw refusal;
            }
            throw e;
        }
    }

    /** One step of a walk. */
    private interface Step<T, E extends Exception> {
        void take(T next) throws E;
    }
}
