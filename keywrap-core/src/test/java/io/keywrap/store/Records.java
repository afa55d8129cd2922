package io.keywrap.store;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/** Records as a store sees them: well-formed, with wraps of nothing. */
final class Records {
    static final KekId KEK = KekId.of("keystore:main#customer");
    static final Instant MADE = Instant.parse("2026-11-01T00:00:00.123Z");
    static final UnaryOperator<byte[]> SEALER = body -> Jca.platform().hmacSha384(new byte[32], body);

    private Records() {}

    static KeychainRecord.Builder builder(String keychainId) {
        return KeychainRecord.builder(keychainId, MADE)
                .keyContext(EncryptionContext.of("tenant", "acme"))
                .recipients(List.of(new Recipient(Role.CONTROL, KEK)))
                .deks(List.of(dek(Usage.ENVELOPES, State.PRIMARY)))
                .sealKey(wrap(DekId.random()));
    }

    static KeychainRecord first(String keychainId) {
        return builder(keychainId).build(SEALER);
    }

    static KeychainRecord next(KeychainRecord record) {
        return record.next().build(SEALER);
    }

    static DekEntry dek(Usage usage, State state) {
        DekId id = DekId.random();
        List<Wrap> wraps = state == State.DESTROYED ? List.of() : List.of(new Wrap(Role.CONTROL, wrap(id)));
        return new DekEntry(id, usage, state, MADE, "5a".repeat(32), wraps);
    }

    static WrappedDek wrap(DekId id) {
        return WrappedDek.builder(id, KEK).build("AES-256-GCM", new byte[60]);
    }
}
