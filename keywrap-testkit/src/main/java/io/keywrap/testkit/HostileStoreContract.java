package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import io.keywrap.store.KeychainStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What somebody achieves who can write anything into a {@link KeychainStore}, and even wrap under the customer's KEKs, but
 * does not have the use of the KEK of the seal: an exception, and nothing else. For whoever makes a store, next to
 * {@link KeychainStoreContract}: it shows that what the store gives back is what is there.
 */
public abstract class HostileStoreContract {
    private static final String ID = "tenant-42";
    private static final String OTHER = "tenant-43";

    private final InMemoryKms kms = new InMemoryKms();
    private final KekId seal = kms.kek("seal").id();
    private final KekId control = kms.kek("control").id();
    private final KekId replica = kms.kek("replica").id();
    private final KekId attacker = kms.kek("attacker").id();
    private final KeyProviders providers = providers();
    private final KeyProviders elsewhere = providers();
    private KeychainStore store;
    private Keychains running;
    private Keychain keychain;
    private DekId dekId;
    private byte[] firstRow;

    /** For the tests of a store. */
    protected HostileStoreContract() {}

    /**
     * Opens the store, which is empty when a test begins.
     *
     * @return the store
     * @throws Exception if it cannot be opened; the test fails
     */
    protected abstract KeychainStore open() throws Exception;

    /**
     * Puts a record in the place of what is kept of a keychain, behind the store's back: whatever a store has beside it, such
     * as columns to look by, is made to fit.
     *
     * @param keychainId a keychain that is there
     * @param record what is to be kept, of any revision
     * @throws Exception if it cannot be put there; the test fails
     */
    protected abstract void overwrite(String keychainId, KeychainRecord record) throws Exception;

    @BeforeEach
    void makeTwoKeychains() throws Exception {
        store = open();
        running = keychains(providers);
        keychain = running.create(ID, spec -> spec.control(control).replica(replica));
        running.create(OTHER, spec -> spec.control(control).replica(replica));
        firstRow = store.load(ID).orElseThrow().toBytes();
        try (DekLease lease = keychain.primary()) {
            dekId = lease.dekId();
        }
        keychain.rotate();
        keychain.destroyDek(keychain.record().deks().get(0).id(), Optional.empty());
    }

    @AfterEach
    void close() throws Exception {
        providers.close();
        elsewhere.close();
        if (store instanceof AutoCloseable closeable) {
            closeable.close();
        }
    }

    private KeyProviders providers() {
        return KeyProviders.builder().register(kms).build();
    }

    private Keychains keychains(KeyProviders by) {
        return Keychains.builder(store, by).seal(KeychainSeal.wrappedBy(seal)).build();
    }

    private record Attack(String what, UnaryOperator<KeychainRecord.Builder> change) {}

    private List<Attack> attacks() {
        KeychainRecord record = keychain.record();
        List<DekEntry> deks = record.deks();
        DekEntry open = record.dek(dekId).orElseThrow();
        DekEntry foreign = store.load(OTHER).orElseThrow().deks().get(0);
        return List.of(
                new Attack(
                        "plants a primary DEK",
                        next -> next.deks(with(each(deks, HostileStoreContract::demoted), planted(State.PRIMARY)))),
                new Attack("plants an older DEK", next -> next.deks(with(deks, planted(State.DECRYPT_ONLY)))),
                new Attack("plants a DEK of another keychain", next -> next.deks(with(deks, demoted(foreign)))),
                new Attack(
                        "adds a recipient", next -> next.recipients(with(record.recipients(), Role.REPLICA, attacker))),
                new Attack("adds a veto", next -> next.recipients(with(record.recipients(), Role.CONTROL, attacker))),
                new Attack(
                        "takes a recipient out",
                        next -> next.recipients(record.recipients().subList(0, 1))),
                new Attack("adds a wrap", next -> next.deks(each(deks, entry -> also(entry, Role.REPLICA)))),
                new Attack("exchanges a wrap", next -> next.deks(each(deks, entry -> exchanged(entry, open)))),
                new Attack("takes a veto out", next -> next.deks(each(deks, entry -> as(entry, Role.RETAINED)))),
                new Attack("flips the roles of wraps", next -> next.deks(each(deks, HostileStoreContract::flipped))),
                new Attack(
                        "flips the roles of recipients",
                        next -> next.recipients(
                                List.of(new Recipient(Role.REPLICA, control), new Recipient(Role.CONTROL, replica)))),
                new Attack("lowers the write quorum", next -> next.writeQuorum(1)),
                new Attack(
                        "sets a time",
                        next -> next.recipients(List.of(
                                new Recipient(Role.CONTROL, control),
                                new Recipient(Role.RETAINED, replica, Optional.of(Instant.ofEpochMilli(1)))))),
                new Attack("makes an older DEK primary", next -> next.deks(each(deks, HostileStoreContract::promoted))),
                new Attack("destroys a DEK", next -> next.deks(each(deks, entry -> entry.inState(State.DESTROYED)))),
                new Attack(
                        "brings a destroyed DEK back",
                        next -> next.deks(with(
                                deks.subList(1, deks.size()),
                                demoted(KeychainRecord.parse(firstRow).deks().get(0))))),
                new Attack("forgets a DEK", next -> next.deks(deks.subList(1, deks.size()))),
                new Attack("only counts up", next -> next));
    }

    /**
     * Each attack by itself.
     *
     * @return the tests
     */
    @TestFactory
    Stream<DynamicTest> whoEditsARowGetsAnException() {
        return attacks().stream()
                .map(attack -> DynamicTest.dynamicTest(attack.what(), () -> {
                    KeychainRecord honest = store.load(ID).orElseThrow();
                    KeychainRecord forged = attack.change().apply(honest.next()).build(body -> sealOf(honest));
                    overwrite(ID, forged);
                    assertAllRefused(forged);
                    overwrite(ID, honest);
                    assertUnharmed();
                }));
    }

    @Test
    void whoPutsTheRowOfAnotherKeychainThereGetsAnException() throws Exception {
        KeychainRecord honest = store.load(ID).orElseThrow();
        KeychainRecord other = store.load(OTHER).orElseThrow();
        overwrite(ID, KeychainRecord.parse(other.toBytes()));
        for (Keychains one : List.of(keychains(providers), keychains(elsewhere))) {
            assertThrows(KeychainSealBrokenException.class, () -> one.open(ID));
        }
        overwrite(ID, honest);
        assertUnharmed();
    }

    /** A process that has seen the newer row refuses it; another one cannot know, as docs/threat-model.md says. */
    @Test
    void whoRestoresAnOldRowGetsAnExceptionFromWhoHasSeenTheNewerOne() throws Exception {
        KeychainRecord honest = store.load(ID).orElseThrow();
        KeychainRecord old = KeychainRecord.parse(firstRow);
        overwrite(ID, old);
        assertRefused(old);
        overwrite(ID, honest);
        assertUnharmed();
    }

    private void assertAllRefused(KeychainRecord forged) {
        assertRefused(forged);
        assertThrows(
                KeychainSealBrokenException.class, () -> keychains(elsewhere).open(ID));
    }

    private void assertRefused(KeychainRecord forged) {
        List<Runnable> readers = List.of(
                () -> running.open(ID),
                keychain::refresh,
                keychain::rotate,
                () -> keychain.repair(Set.of(control, replica)),
                () -> keychain.changeRecipients(to -> to.control(control)),
                keychain::whoCanStillOpen,
                () -> keychain.destroyDek(dekId, Optional.empty()),
                () -> keychain.destroy(Optional.empty()),
                () -> adopt(keychain));
        readers.forEach(reader -> assertThrows(KeychainSealBrokenException.class, reader::run));
        assertArrayEquals(
                forged.toBytes(), store.load(forged.keychainId()).orElseThrow().toBytes(), "written nothing");
    }

    private static void adopt(Keychain running) {
        try (Dek dek = Dek.random(DekId.random())) {
            running.adopt(dek);
        }
    }

    private void assertUnharmed() {
        keychain.refresh();
        keychain.lease(dekId).close();
        keychains(elsewhere).open(ID).lease(dekId).close();
    }

    private DekEntry planted(State state) {
        try (Dek known = Dek.takeOwnershipOf(DekId.random(), new byte[Dek.BYTES])) {
            return new DekEntry(
                    known.id(),
                    Usage.OUTSIDE,
                    state,
                    Instant.ofEpochMilli(1),
                    known.checkValue(),
                    List.of(new Wrap(Role.CONTROL, wrap(known, control))));
        }
    }

    private WrappedDek wrap(Dek dek, KekId kekId) {
        EncryptionContext context = EncryptionContext.ofDek(ID, dek.id(), EncryptionContext.empty());
        return providers.provider(kekId).wrap(dek, context, providers.foregroundDeadline());
    }

    private DekEntry also(DekEntry entry, Role role) {
        if (entry.state() == State.DESTROYED) {
            return entry;
        }
        try (DekLease lease = keychain.lease(entry.id(), entry.usage());
                Dek dek = lease.withBytes(key -> Dek.takeOwnershipOf(entry.id(), key.clone()))) {
            List<Wrap> wraps = new ArrayList<>(entry.wraps());
            wraps.add(new Wrap(role, wrap(dek, attacker)));
            return entry.withWraps(wraps);
        }
    }

    private static DekEntry exchanged(DekEntry entry, DekEntry other) {
        if (entry.state() == State.DESTROYED) {
            return entry;
        }
        return entry.withWraps(other.wraps().stream()
                .map(wrap -> new Wrap(
                        wrap.role(),
                        WrappedDek.builder(entry.id(), wrap.wrapped().kekId())
                                .kekVersion(wrap.wrapped().kekVersion())
                                .build(
                                        wrap.wrapped().algorithm(),
                                        wrap.wrapped().wrappedBytes())))
                .toList());
    }

    private static DekEntry as(DekEntry entry, Role role) {
        return entry.withWraps(entry.wraps().stream()
                .map(wrap -> new Wrap(wrap.role() == Role.CONTROL ? role : wrap.role(), wrap.wrapped()))
                .toList());
    }

    private static DekEntry flipped(DekEntry entry) {
        return entry.withWraps(entry.wraps().stream()
                .map(wrap -> new Wrap(wrap.role() == Role.CONTROL ? Role.REPLICA : Role.CONTROL, wrap.wrapped()))
                .toList());
    }

    private static DekEntry demoted(DekEntry entry) {
        return entry.state() == State.PRIMARY ? entry.inState(State.DECRYPT_ONLY) : entry;
    }

    private static DekEntry promoted(DekEntry entry) {
        return switch (entry.state()) {
            case PRIMARY, DESTROYED -> demoted(entry);
            case DECRYPT_ONLY -> entry.inState(State.PRIMARY);
        };
    }

    private static List<DekEntry> each(List<DekEntry> deks, UnaryOperator<DekEntry> change) {
        return deks.stream().map(change).toList();
    }

    private static List<DekEntry> with(List<DekEntry> deks, DekEntry more) {
        return Stream.concat(deks.stream(), Stream.of(more)).toList();
    }

    private static List<Recipient> with(List<Recipient> recipients, Role role, KekId kekId) {
        return Stream.concat(recipients.stream(), Stream.of(new Recipient(role, kekId)))
                .toList();
    }

    /** The seal that was there: the best that somebody has who cannot make another one. */
    private static byte[] sealOf(KeychainRecord record) {
        byte[] encoded = record.toBytes();
        return Arrays.copyOfRange(encoded, encoded.length - KeychainRecord.SEAL_BYTES, encoded.length);
    }
}
