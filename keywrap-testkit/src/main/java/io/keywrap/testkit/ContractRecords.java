package io.keywrap.testkit;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Records as a store sees them: well-formed, with wraps of nothing and a digest in the place of the seal. */
final class ContractRecords {
    static final KekId SEAL_KEK = KekId.of("memory:seal");
    static final KekId KEK = KekId.of("memory:customer");
    static final Instant MADE = Instant.parse("2026-11-01T00:00:00.123Z");

    private static final int GREAT_WRAP_BYTES = 8_000;

    private ContractRecords() {}

    /** The first record of a keychain, no two alike. */
    static KeychainRecord first(String keychainId) {
        return first(keychainId, KEK, KeyManagement.CUSTOMER);
    }

    static KeychainRecord first(String keychainId, KekId kek, KeyManagement choice) {
        return sealed(begun(keychainId, kek, choice));
    }

    /** A record that has everything that a record can have. */
    static KeychainRecord full(String keychainId) {
        return sealed(begun(keychainId, KEK, KeyManagement.VENDOR)
                .portable(true)
                .migratable(true)
                .keyContext(EncryptionContext.of("tenant", "acme").with("clé", "🔑"))
                .recipients(List.of(
                        new Recipient(Role.CONTROL, KEK),
                        new Recipient(Role.REPLICA, KekId.of("memory:replica")),
                        new Recipient(Role.RETAINED, KekId.of("memory:retained"), Optional.of(MADE))))
                .writeQuorum(1)
                .deks(List.of(
                        dek(Usage.ENVELOPES, State.DESTROYED, KEK),
                        dek(Usage.ENVELOPES, State.PRIMARY, KEK),
                        dek(Usage.OUTSIDE, State.PRIMARY, KEK),
                        dek(Usage.OUTSIDE, State.DECRYPT_ONLY, KEK))));
    }

    /** A record of some MiB. */
    static KeychainRecord great(String keychainId) {
        List<DekEntry> deks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            DekId id = DekId.random();
            Wrap wrap = new Wrap(
                    Role.CONTROL, WrappedDek.builder(id, KEK).build("AES-256-GCM", new byte[GREAT_WRAP_BYTES]));
            List<Wrap> wraps = new ArrayList<>();
            while (wraps.size() < KeychainRecord.MAX_WRAPS) {
                wraps.add(wrap);
            }
            deks.add(new DekEntry(id, Usage.ENVELOPES, State.DECRYPT_ONLY, MADE, "a5".repeat(32), wraps));
        }
        return sealed(begun(keychainId, KEK, KeyManagement.CUSTOMER).deks(deks));
    }

    static KeychainRecord next(KeychainRecord record) {
        return sealed(record.next());
    }

    /** A later record with one DEK more. */
    static KeychainRecord withMore(KeychainRecord record, DekEntry dek) {
        List<DekEntry> deks = new ArrayList<>(record.deks());
        deks.add(dek);
        return sealed(record.next().deks(deks));
    }

    /** A later record whose recipient is another KEK; its DEKs stay wrapped under the earlier ones. */
    static KeychainRecord withRecipient(KeychainRecord record, KekId kek) {
        return sealed(record.next().recipients(List.of(new Recipient(Role.CONTROL, kek))));
    }

    /** A later record with one recipient more, in another role, under which its DEKs are wrapped too. */
    static KeychainRecord withReplica(KeychainRecord record, KekId kek, String version) {
        List<Recipient> recipients = new ArrayList<>(record.recipients());
        recipients.add(new Recipient(Role.REPLICA, kek));
        List<DekEntry> deks = new ArrayList<>();
        for (DekEntry entry : record.deks()) {
            List<Wrap> wraps = new ArrayList<>(entry.wraps());
            WrappedDek more =
                    WrappedDek.builder(entry.id(), kek).kekVersion(version).build("AES-256-GCM", new byte[60]);
            wraps.add(new Wrap(Role.REPLICA, more));
            deks.add(new DekEntry(
                    entry.id(), entry.usage(), entry.state(), entry.createdAt(), entry.checkValue(), wraps));
        }
        return sealed(record.next().recipients(recipients).deks(deks));
    }

    /** The first record of a keychain of a tenant, with its id in the key context too. */
    static KeychainRecord ofTenant(String keychainId, String tenant) {
        return sealed(begun(keychainId, KEK, KeyManagement.CUSTOMER)
                .keyContext(EncryptionContext.of("tenant", tenant).with("id", keychainId)));
    }

    static KeychainRecord withKeyManagement(KeychainRecord record, KeyManagement choice) {
        return sealed(record.next().keyManagement(choice));
    }

    static KeychainRecord ofRevision(String keychainId, int revision) {
        KeychainRecord record = first(keychainId);
        while (record.revision() < revision) {
            record = next(record);
        }
        return record;
    }

    static DekEntry dek(Usage usage, State state, KekId kek) {
        DekId id = DekId.random();
        List<Wrap> wraps = state == State.DESTROYED ? List.of() : List.of(new Wrap(Role.CONTROL, wrap(id, kek)));
        return new DekEntry(id, usage, state, MADE, "5a".repeat(32), wraps);
    }

    static DekEntry decryptOnly(Instant madeAt) {
        DekEntry dek = dek(Usage.ENVELOPES, State.DECRYPT_ONLY, KEK);
        return new DekEntry(dek.id(), dek.usage(), dek.state(), madeAt, dek.checkValue(), dek.wraps());
    }

    /** Whether a record is whole: nothing of it was written by one and the rest by another. */
    static boolean isWhole(KeychainRecord record) {
        return record.isSealedBy(ContractRecords::seal);
    }

    private static KeychainRecord.Builder begun(String keychainId, KekId kek, KeyManagement choice) {
        return KeychainRecord.builder(keychainId, MADE)
                .keyManagement(choice)
                .recipients(List.of(new Recipient(Role.CONTROL, kek)))
                .deks(List.of(dek(Usage.ENVELOPES, State.PRIMARY, kek)))
                .sealKey(wrap(DekId.random(), SEAL_KEK));
    }

    private static WrappedDek wrap(DekId id, KekId kek) {
        return WrappedDek.builder(id, kek).build("AES-256-GCM", new byte[60]);
    }

    private static KeychainRecord sealed(KeychainRecord.Builder builder) {
        return builder.build(ContractRecords::seal);
    }

    private static byte[] seal(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-384").digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
