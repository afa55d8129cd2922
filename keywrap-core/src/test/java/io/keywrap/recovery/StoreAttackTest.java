package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.keychain.RecordForge;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What somebody can try who can write to the store, and even wrap under the customer's KEK, but does not have the use of
 * the vendor's. Each attack keeps the old seal, for want of a better one.
 */
class StoreAttackTest {
    private static final String ID = "tenant-42";
    private static final String OTHER = "tenant-43";

    private RecoveryFixture fixture;
    private RecordForge forge;
    private TestTenant running;
    private Keychain keychain;

    @BeforeEach
    void makeTwoKeychainsWithTwoDeksEach(@TempDir Path folder) {
        fixture = new RecoveryFixture(folder);
        forge = fixture.forge();
        running = fixture.tenant();
        keychain = running.keychain(ID);
        keychain.rotate();
        running.keychain(OTHER).rotate();
    }

    @Test
    void plantingADekIsRefused() {
        List<DekEntry> planted = new ArrayList<>();
        deks(ID).forEach(entry -> planted.add(entry.inState(State.DECRYPT_ONLY)));
        planted.add(forge.planted(ID, State.PRIMARY));
        attack(next -> next.deks(planted));
    }

    @Test
    void swappingTheWrapsOfTwoDeksIsRefused() {
        DekEntry first = deks(ID).get(0);
        DekEntry second = deks(ID).get(1);
        attack(next -> next.deks(List.of(withWrapOf(first, second), withWrapOf(second, first))));
    }

    @Test
    void swappingTheWrapsOfTwoKeychainsIsRefused() {
        DekEntry own = deks(ID).get(1);
        DekEntry foreign = deks(OTHER).get(1);
        attack(next -> next.deks(List.of(deks(ID).get(0), withWrapOf(own, foreign))));
        attack(next -> next.deks(List.of(deks(ID).get(0), foreign)));
    }

    @Test
    void addingARecipientIsRefused() {
        attack(next -> next.recipients(List.of(
                new Recipient(Role.CONTROL, TestTenant.CUSTOMER),
                new Recipient(Role.RETAINED, KekId.of("keystore:attacker#kek")))));
    }

    @Test
    void changingARoleIsRefused() {
        attack(next -> next.recipients(List.of(new Recipient(Role.REPLICA, TestTenant.CUSTOMER))));
        attack(next -> next.deks(deks(ID).stream()
                .map(entry -> withWraps(
                        entry,
                        List.of(new Wrap(Role.RETAINED, entry.wraps().get(0).wrapped()))))
                .toList()));
    }

    @Test
    void changingAPolicyIsRefused() {
        attack(next -> next.portable(true));
        attack(next -> next.migratable(true));
        attack(next -> next.keyManagement(KeyManagement.VENDOR));
        attack(next -> next.keyContext(EncryptionContext.of("tenant", "another")));
    }

    @Test
    void editingADateIsRefused() {
        attack(next -> next.deks(deks(ID).stream()
                .map(e -> new DekEntry(e.id(), e.usage(), e.state(), Instant.EPOCH, e.checkValue(), e.wraps()))
                .toList()));
        byte[] record = forge.bytes(ID);
        int creation = 4 + 1 + 2 + ID.getBytes(StandardCharsets.UTF_8).length + 8;
        record[creation + 7] ^= 1;
        assertThat(KeychainRecord.parse(record).createdAt())
                .as("the edit hits the date")
                .isNotEqualTo(keychain.record().createdAt());
        attackWith(record);
    }

    @Test
    void rollingARecordBackIsRefusedByWhoHasSeenTheNewerOne() {
        byte[] older = forge.bytes(ID);
        keychain.rotate();
        forge.write(ID, older);
        assertRefused(running.keychains());
    }

    @Test
    void cuttingARecordIsRefused() {
        byte[] record = forge.bytes(ID);
        for (int length : new int[] {0, 4, 47, 48, 100, record.length - 48, record.length - 1}) {
            attackWith(Arrays.copyOf(record, length));
        }
    }

    @Test
    void bloatingARecordIsRefused() {
        byte[] record = forge.bytes(ID);
        attackWith(Arrays.copyOf(record, record.length + 1));
        attackWith(Arrays.copyOf(record, KeychainRecord.MAX_BYTES));
        attackWith(Arrays.copyOf(record, KeychainRecord.MAX_BYTES + 1));
        List<DekEntry> many = new ArrayList<>(deks(ID));
        for (int i = 0; i < 2000; i++) {
            many.add(forge.planted(ID, State.DECRYPT_ONLY));
        }
        attack(next -> next.deks(many));
    }

    @Nested
    class ReplacingTheWholeStore {
        @Test
        void byOneOfTheAttackersOwnIsRefused() throws IOException {
            fixture.lose();
            TestTenant attacker = fixture.tenant();
            Keychains own = Keychains.builder(attacker.store(), attacker.providers())
                    .seal(KeychainSeal.wrappedBy(TestTenant.OTHER_CUSTOMER))
                    .build();
            own.create(ID, spec -> spec.control(TestTenant.CUSTOMER));
            assertRefused(running.keychains());
            assertRefused(fixture.tenant().keychains());
        }

        @Test
        void byAnOlderCopyIsRefusedByARunningProcess() throws IOException {
            Path copy = fixture.backup("copy");
            keychain.rotate();
            fixture.restore(copy);
            assertRefused(running.keychains());
        }

        /** The limit that docs/threat-model.md names under A7, and what finds it. */
        @Test
        void byAnOlderCopyIsNotNoticedByANewProcessButByTheComparisonWithAnExport() throws IOException {
            Path copy = fixture.backup("copy");
            keychain.rotate();
            fixture.exportNow();
            fixture.restore(copy);

            assertThat(fixture.tenant().keychains().open(ID).record().revision())
                    .isEqualTo(2);

            Summary summary = fixture.recovery().compareWith(fixture.export(), fixture.findings::add);
            assertThat(summary.clean()).isFalse();
            assertThat(fixture.found()).containsExactly("DEK_MISSING " + ID, "KEYCHAIN_BEHIND " + ID);
        }
    }

    private void attack(UnaryOperator<KeychainRecord.Builder> change) {
        byte[] before = forge.bytes(ID);
        forge.edit(ID, change);
        attackWith(forge.bytes(ID));
        forge.write(ID, before);
    }

    private void attackWith(byte[] record) {
        byte[] before = forge.bytes(ID);
        forge.write(ID, record);
        assertRefused(running.keychains());
        assertRefused(fixture.tenant().keychains());
        forge.write(ID, before);
    }

    /** By whoever opens the keychain, and by whoever has it open and looks again. */
    private void assertRefused(Keychains keychains) {
        for (Runnable reader :
                List.<Runnable>of(() -> keychains.open(ID), keychain::refresh, keychain::rotate, this::adopt)) {
            assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(reader::run);
        }
    }

    private void adopt() {
        try (Dek dek = Dek.random(DekId.random())) {
            keychain.adopt(dek);
        }
    }

    private List<DekEntry> deks(String id) {
        return forge.read(id).deks();
    }

    private static DekEntry withWrapOf(DekEntry entry, DekEntry other) {
        WrappedDek wrap = other.wraps().get(0).wrapped();
        WrappedDek relabelled = WrappedDek.builder(entry.id(), wrap.kekId())
                .kekVersion(wrap.kekVersion())
                .build(wrap.algorithm(), wrap.wrappedBytes());
        return withWraps(entry, Collections.singletonList(new Wrap(Role.CONTROL, relabelled)));
    }

    private static DekEntry withWraps(DekEntry e, List<Wrap> wraps) {
        return new DekEntry(e.id(), e.usage(), e.state(), e.createdAt(), e.checkValue(), wraps);
    }
}
