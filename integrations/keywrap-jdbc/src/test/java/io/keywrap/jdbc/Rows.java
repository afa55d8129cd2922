package io.keywrap.jdbc;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Records that are well-formed, with wraps and seals of nothing, for tests that need no keys. */
final class Rows {
    static final KekId KEK = KekId.of("memory:customer");

    private Rows() {}

    static KeychainRecord first(String id) {
        DekEntry dek = dek(State.PRIMARY);
        return KeychainRecord.builder(id, Instant.EPOCH)
                .recipients(List.of(new Recipient(Role.CONTROL, KEK)))
                .deks(List.of(dek))
                .sealKey(dek.wraps().get(0).wrapped())
                .build(body -> new byte[KeychainRecord.SEAL_BYTES]);
    }

    static KeychainRecord next(KeychainRecord record) {
        List<DekEntry> deks = new ArrayList<>(record.deks());
        deks.add(dek(State.DECRYPT_ONLY));
        return record.next().deks(deks).build(body -> new byte[KeychainRecord.SEAL_BYTES]);
    }

    /** A later record with more DEKs, of which each has so many bytes of wraps. */
    static KeychainRecord withWraps(KeychainRecord record, int bytes, int count) {
        List<DekEntry> deks = new ArrayList<>(record.deks());
        for (int i = 0; i < count; i++) {
            DekId id = DekId.random();
            Wrap wrap = new Wrap(Role.CONTROL, WrappedDek.builder(id, KEK).build("AES-256-GCM", new byte[bytes]));
            deks.add(new DekEntry(
                    id, Usage.ENVELOPES, State.DECRYPT_ONLY, Instant.EPOCH, "5a".repeat(32), List.of(wrap)));
        }
        return record.next().deks(deks).build(body -> new byte[KeychainRecord.SEAL_BYTES]);
    }

    private static DekEntry dek(State state) {
        DekId id = DekId.random();
        WrappedDek wrapped = WrappedDek.builder(id, KEK).build("AES-256-GCM", new byte[60]);
        return new DekEntry(
                id, Usage.ENVELOPES, state, Instant.EPOCH, "5a".repeat(32), List.of(new Wrap(Role.CONTROL, wrapped)));
    }
}
