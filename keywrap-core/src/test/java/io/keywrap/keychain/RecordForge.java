package io.keywrap.keychain;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.TestTenant;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.proof.SealedRecords;
import io.keywrap.provider.KeyProvider;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;

/** What somebody can do who can write to the store, and perhaps use some of the KEKs. */
public final class RecordForge {
    private final TestTenant tenant;

    public RecordForge(TestTenant tenant) {
        this.tenant = tenant;
    }

    /** Where the store keeps a keychain. */
    public Path fileOf(String keychainId) {
        byte[] id = keychainId.getBytes(StandardCharsets.UTF_8);
        String name = HexFormat.of().formatHex(Jca.platform().sha256(id)) + ".keychain";
        return tenant.storeFolder()
                .resolve("records")
                .resolve(name.substring(0, 2))
                .resolve(name);
    }

    public KeychainRecord read(String keychainId) {
        return tenant.store().load(keychainId).orElseThrow();
    }

    public byte[] bytes(String keychainId) {
        try {
            return Files.readAllBytes(fileOf(keychainId));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void write(String keychainId, byte[] encoded) {
        try {
            Files.write(fileOf(keychainId), encoded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes the record and keeps the seal that it had, which is all that a writer of the store can do. */
    public void edit(String keychainId, UnaryOperator<KeychainRecord.Builder> change) {
        byte[] before = bytes(keychainId);
        byte[] seal = Arrays.copyOfRange(before, before.length - KeychainRecord.SEAL_BYTES, before.length);
        write(
                keychainId,
                change.apply(read(keychainId).next()).build(body -> seal).toBytes());
    }

    /** Changes the record and seals it anew, as only who has the use of the vendor's KEK can. */
    public void editAsVendor(String keychainId, UnaryOperator<KeychainRecord.Builder> change) {
        KeychainRecord record = read(keychainId);
        WrappedDek sealKey = record.sealKey();
        EncryptionContext context = EncryptionContext.ofSealKey(keychainId, sealKey.dekId());
        try (Dek key = provider(TestTenant.VENDOR)
                .unwrap(sealKey, context, tenant.providers().foregroundDeadline())) {
            write(keychainId, change.apply(record.next()).build(sealer(key)).toBytes());
        }
    }

    /** A portable keychain with whatever id, as only who has the use of both the vendor's KEK and the customer's can make. */
    public void createAsVendor(String keychainId) {
        DekEntry dek = planted(keychainId, EncryptionContext.empty(), State.PRIMARY);
        new SealedRecords(tenant.store(), tenant.providers(), TestTenant.VENDOR)
                .create(
                        keychainId,
                        record -> record.portable(true)
                                .recipients(List.of(new Recipient(Role.CONTROL, TestTenant.CUSTOMER)))
                                .deks(List.of(dek)));
    }

    /** A DEK whose key the forger knows, wrapped under the customer's KEK in the right context. */
    public DekEntry planted(String keychainId, State state) {
        return planted(keychainId, read(keychainId).keyContext(), state);
    }

    private DekEntry planted(String keychainId, EncryptionContext keyContext, State state) {
        try (Dek known = Dek.takeOwnershipOf(DekId.random(), new byte[32])) {
            return new DekEntry(
                    known.id(),
                    Usage.ENVELOPES,
                    state,
                    Instant.EPOCH,
                    known.checkValue(),
                    List.of(new Wrap(Role.CONTROL, wrap(keychainId, keyContext, known, TestTenant.CUSTOMER))));
        }
    }

    public WrappedDek wrap(String keychainId, Dek dek, KekId kekId) {
        return wrap(keychainId, read(keychainId).keyContext(), dek, kekId);
    }

    private WrappedDek wrap(String keychainId, EncryptionContext keyContext, Dek dek, KekId kekId) {
        EncryptionContext context = EncryptionContext.ofDek(keychainId, dek.id(), keyContext);
        return provider(kekId).wrap(dek, context, tenant.providers().foregroundDeadline());
    }

    public KeyProvider provider(KekId kekId) {
        return tenant.providers().provider(kekId);
    }

    static UnaryOperator<byte[]> sealer(Dek key) {
        return body -> key.withBytes(bytes -> Jca.platform().hmacSha384(bytes, body));
    }
}
