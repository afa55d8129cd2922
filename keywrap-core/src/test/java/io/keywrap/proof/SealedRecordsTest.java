package io.keywrap.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainExistsException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.RecordForge;
import io.keywrap.store.KeychainRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is believed of a store that nobody trusts, by whichever way it was read. */
class SealedRecordsTest {
    private static final String ID = "tenant-42";

    @TempDir
    Path folder;

    private TestTenant tenant;
    private RecordForge forge;
    private SealedRecords records;

    @BeforeEach
    void makeAKeychain() {
        tenant = TestTenant.withoutCache(folder);
        forge = new RecordForge(tenant);
        tenant.keychain(ID);
        records = new SealedRecords(tenant.store(), tenant.providers(), TestTenant.VENDOR);
    }

    private SealedRecords view() {
        return records.within(tenant.providers().foregroundDeadline());
    }

    private void assertRolledBack(SealedRecords reader) {
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> reader.load(ID))
                .withMessageContaining("rolled back");
    }

    @Test
    void viewsKnowWhatEachOtherHasSeen() {
        byte[] first = forge.bytes(ID);
        view().replace(view().load(ID), next -> next);
        forge.write(ID, first);
        assertRolledBack(records);
        assertRolledBack(view());
    }

    @Test
    void whatWasReadAgainIsKnownToo() {
        KeychainRecord first = records.load(ID);
        KeychainRecord second =
                new SealedRecords(tenant.store(), tenant.providers(), TestTenant.VENDOR).replace(first, next -> next);
        assertThat(view().loadAgain(first).toBytes()).isEqualTo(second.toBytes());
        forge.write(ID, first.toBytes());
        assertRolledBack(view());
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> records.loadAgain(first))
                .withMessageContaining("rolled back");
    }

    /** Who has spent its ration asks no KMS, and has not seen what it has not checked. */
    @Test
    void whoRationsCallsIsHandedWhatWasReadBeforeItIsChecked() {
        tenant.keks().disable(TestTenant.VENDOR);
        List<Long> handed = new ArrayList<>();
        RuntimeException spent = new IllegalStateException("spent");
        assertThatThrownBy(() -> records.load(ID, record -> {
                    handed.add(record.revision());
                    throw spent;
                }))
                .isSameAs(spent);
        assertThat(handed).containsExactly(1L);
        tenant.keks().enable(TestTenant.VENDOR);
        forge.edit(ID, next -> next);
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> records.load(ID, record -> handed.add(record.revision())));
        assertThat(handed).containsExactly(1L, 2L);
    }

    @Test
    void aRecordIsOfTheKeychainThatItWasReadFor() {
        KeychainRecord record = records.load(ID);
        records.requireSealed(record, ID);
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> records.requireSealed(record, "another"))
                .withMessageContaining("the record of another keychain");
    }

    @Test
    void aSealKeyOfAnotherKekIsNotEvenUnwrapped() {
        KekId customers = TestTenant.CUSTOMER;
        WrappedDek foreign = WrappedDek.builder(DekId.random(), customers).build("A", new byte[1]);
        KeychainRecord record = records.load(ID);
        KeychainRecord forged = record.next().sealKey(foreign).build(body -> new byte[KeychainRecord.SEAL_BYTES]);
        tenant.keks().disable(customers);
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> records.requireSealed(forged, ID))
                .withMessageContaining("is wrapped by " + customers);
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> records.replace(forged, next -> next));
    }

    @Test
    void whatIsThereAlreadyIsNotMadeAgain() {
        KeychainRecord record = records.load(ID);
        byte[] before = forge.bytes(ID);
        assertThatExceptionOfType(KeychainExistsException.class).isThrownBy(() -> records.add(record));
        assertThatExceptionOfType(KeychainExistsException.class)
                .isThrownBy(() -> records.create(
                        ID,
                        first -> first.recipients(record.recipients())
                                .keyContext(EncryptionContext.empty())
                                .deks(record.deks())));
        assertThat(forge.bytes(ID)).isEqualTo(before);
        assertThat(records.load(ID).toBytes()).isEqualTo(before);
    }

    /** Such as an import: its own rollback is known from then on. */
    @Test
    void whatOneHasWrittenItselfIsNotRolledBack() {
        KeychainRecord first = records.load(ID);
        byte[] exported = records.replace(first, next -> next).toBytes();
        forge.write(ID, first.toBytes());
        SealedRecords importer = new SealedRecords(tenant.store(), tenant.providers(), TestTenant.VENDOR);
        importer.supersede(first, KeychainRecord.parse(exported));
        forge.write(ID, first.toBytes());
        assertRolledBack(importer);
    }
}
