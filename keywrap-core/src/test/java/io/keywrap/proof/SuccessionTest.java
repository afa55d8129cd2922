package io.keywrap.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.FormatRule;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What our own writers may never do, however right their seal is. */
@FormatRule("K14")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SuccessionTest {
    @TempDir
    Path folder;

    private SealedRecords records;
    private KeychainRecord rotated;
    private KeychainRecord before;

    @BeforeEach
    void makeAKeychain() {
        TestTenant tenant = TestTenant.in(folder);
        String id = "k" + System.nanoTime();
        tenant.keychain(id).rotate();
        records = new SealedRecords(tenant.store(), tenant.providers(), TestTenant.VENDOR);
        rotated = records.load(id);
        before = records.replace(rotated, next -> next.deks(destroyed(rotated, 0)));
    }

    Stream<Named<UnaryOperator<KeychainRecord.Builder>>> forbidden() {
        return Stream.of(
                Named.of("portable", next -> next.portable(!before.portable())),
                Named.of("migratable", next -> next.migratable(true)),
                Named.of("key management", next -> next.keyManagement(KeyManagement.VENDOR)),
                Named.of("key context", next -> next.keyContext(EncryptionContext.of("a", "b"))),
                Named.of("a DEK less", next -> next.deks(before.deks().subList(0, 1))),
                Named.of(
                        "another use",
                        next -> next.deks(changed(e -> new DekEntry(
                                e.id(), Usage.OUTSIDE, e.state(), e.createdAt(), e.checkValue(), e.wraps())))),
                Named.of(
                        "another date",
                        next -> next.deks(changed(e -> new DekEntry(
                                e.id(),
                                e.usage(),
                                e.state(),
                                e.createdAt().plusSeconds(1),
                                e.checkValue(),
                                e.wraps())))),
                Named.of(
                        "another check value",
                        next -> next.deks(changed(e -> new DekEntry(
                                e.id(), e.usage(), e.state(), e.createdAt(), "00".repeat(32), e.wraps())))),
                Named.of("a destroyed DEK again", next -> next.deks(revived())));
    }

    @ParameterizedTest
    @MethodSource("forbidden")
    void isRefusedBeforeAnythingIsStored(UnaryOperator<KeychainRecord.Builder> change) {
        assertThatIllegalStateException().isThrownBy(() -> records.replace(before, change));
        assertThat(records.load(before.keychainId()).toBytes()).isEqualTo(before.toBytes());
    }

    @Test
    void lifeGoesOnOtherwise() {
        assertThatNoException().isThrownBy(() -> records.replace(before, next -> next.deks(destroyed(before, 1))));
    }

    @Test
    void aKeychainThatWasDestroyedMakesNoDek() {
        KeychainRecord gone = records.replace(before, next -> next.deks(destroyed(before, 1)));
        assertThat(gone.destroyed()).isTrue();
        DekId id = DekId.random();
        List<DekEntry> entries = new ArrayList<>(gone.deks());
        entries.add(new DekEntry(
                id,
                Usage.ENVELOPES,
                State.PRIMARY,
                gone.createdAt(),
                "00".repeat(32),
                List.of(new Wrap(
                        Role.CONTROL,
                        WrappedDek.builder(id, TestTenant.CUSTOMER).build("A", new byte[1])))));
        assertThatIllegalStateException()
                .isThrownBy(() -> records.replace(gone, next -> next.deks(entries)))
                .withMessageContaining("makes no DEK");
    }

    @Test
    void theStateOfADekNeverGoesBack() {
        List<DekEntry> entries = List.of(
                in(State.PRIMARY, rotated.deks().get(0)),
                in(State.DECRYPT_ONLY, rotated.deks().get(1)));
        KeychainRecord after = rotated.next().deks(entries).build(SuccessionTest::noSeal);
        assertThat(Succession.violation(rotated, after)).contains("the state of a DEK never goes back");
    }

    /** Such as the export of a store that has a DEK which the store has lost. */
    @Test
    void whatOneOfTwoBranchesHasIsNotLost() {
        List<DekEntry> less = rotatedAgain().subList(0, 2);
        KeychainRecord latest = before.next().deks(rotatedAgain()).build(SuccessionTest::noSeal);
        assertThat(Succession.violation(latest, latest.next().deks(less).build(SuccessionTest::noSeal)))
                .contains("a keychain never loses a DEK");
        KeychainRecord sealed = records.replace(before, next -> next.deks(rotatedAgain()));
        assertThatIllegalStateException()
                .isThrownBy(() -> records.replace(before, sealed, next -> next.deks(less)))
                .withMessageContaining("never loses a DEK");
    }

    /** A keychain that was made anew under the id of another one has nothing to do with it. */
    @Test
    void whatAKeychainIsMadeWithIsTheSameInAllItsRecords() {
        KeychainRecord same = before.next().build(SuccessionTest::noSeal);
        assertThat(Succession.contradiction(before, same)).isEmpty();
        WrappedDek sealKey = before.sealKey();
        WrappedDek another =
                WrappedDek.builder(sealKey.dekId(), sealKey.kekId()).build("A", new byte[1]);
        for (KeychainRecord other : List.of(
                made(before.keychainId() + "x", before.createdAt(), sealKey),
                made(before.keychainId(), before.createdAt().plusMillis(1), sealKey),
                made(before.keychainId(), before.createdAt(), another))) {
            assertThat(Succession.contradiction(before, other)).isPresent();
            assertThat(Succession.contradiction(other, before)).isPresent();
        }
        assertThat(Succession.contradiction(before, made(before.keychainId(), before.createdAt(), sealKey)))
                .isEmpty();
    }

    private KeychainRecord made(String id, Instant createdAt, WrappedDek sealKey) {
        return KeychainRecord.builder(id, createdAt)
                .portable(before.portable())
                .migratable(before.migratable())
                .keyManagement(before.keyManagement())
                .keyContext(before.keyContext())
                .recipients(before.recipients())
                .deks(before.deks())
                .sealKey(sealKey)
                .build(SuccessionTest::noSeal);
    }

    private static byte[] noSeal(byte[] body) {
        return new byte[KeychainRecord.SEAL_BYTES];
    }

    private static DekEntry in(State state, DekEntry e) {
        return new DekEntry(e.id(), e.usage(), state, e.createdAt(), e.checkValue(), e.wraps());
    }

    private List<DekEntry> rotatedAgain() {
        DekEntry entry = before.deks().get(1);
        DekId id = DekId.random();
        Wrap wrap = new Wrap(
                Role.CONTROL, WrappedDek.builder(id, TestTenant.CUSTOMER).build("A", new byte[1]));
        return List.of(
                before.deks().get(0),
                in(State.DECRYPT_ONLY, entry),
                new DekEntry(id, entry.usage(), State.PRIMARY, entry.createdAt(), "00".repeat(32), List.of(wrap)));
    }

    private static List<DekEntry> destroyed(KeychainRecord record, int place) {
        List<DekEntry> entries = new ArrayList<>(record.deks());
        entries.set(place, entries.get(place).inState(State.DESTROYED));
        return entries;
    }

    private List<DekEntry> revived() {
        DekEntry gone = before.deks().get(0);
        DekEntry alive = before.deks().get(1);
        return List.of(
                new DekEntry(
                        gone.id(),
                        gone.usage(),
                        State.DECRYPT_ONLY,
                        gone.createdAt(),
                        gone.checkValue(),
                        alive.wraps().stream()
                                .map(wrap -> new Wrap(
                                        wrap.role(),
                                        WrappedDek.builder(
                                                        gone.id(),
                                                        wrap.wrapped().kekId())
                                                .build("A", new byte[1])))
                                .toList()),
                alive);
    }

    private List<DekEntry> changed(UnaryOperator<DekEntry> change) {
        return before.deks().stream().map(change).toList();
    }
}
