package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.revocation.KekInventory.Use;
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
import org.junit.jupiter.api.Test;

/** How much depends on a KEK: one keychain counts once, each DEK counts. */
class TallyTest {
    private static final Instant MADE = Instant.parse("2026-11-01T00:00:00Z");
    private static final KekId A = KekId.of("cloud:a");
    private static final KekId B = KekId.of("cloud:b");

    private final Tally tally = new Tally();

    record Part(Role role, KekId kekId, String version) {}

    static Part control(KekId kekId, String version) {
        return new Part(Role.CONTROL, kekId, version);
    }

    static Part replica(KekId kekId) {
        return new Part(Role.REPLICA, kekId, "1");
    }

    static Part retained(KekId kekId) {
        return new Part(Role.RETAINED, kekId, "1");
    }

    static DekEntry dek(State state, Part... parts) {
        DekId id = DekId.random();
        List<Wrap> wraps = new ArrayList<>();
        for (Part part : parts) {
            wraps.add(new Wrap(
                    part.role(),
                    WrappedDek.builder(id, part.kekId())
                            .kekVersion(part.version())
                            .build("COPY", new byte[32])));
        }
        return new DekEntry(id, Usage.ENVELOPES, state, MADE, "5a".repeat(32), wraps);
    }

    static KeychainRecord record(String keychainId, DekEntry... deks) {
        KekId seal = KekId.of("vendor:seal");
        return KeychainRecord.builder(keychainId, MADE)
                .keyContext(EncryptionContext.of("a", "b"))
                .recipients(List.of(new Recipient(Role.CONTROL, A)))
                .deks(List.of(deks))
                .sealKey(WrappedDek.builder(DekId.random(), seal).build("COPY", new byte[32]))
                .build(body -> new byte[48]);
    }

    private Tally.Entry of(KekId kekId, String version) {
        return tally.versions().get(new VersionInUse(kekId, version));
    }

    @Test
    void aKeychainCountsOnceAndEachOfItsDeksByItself() {
        tally.add(
                record(
                        "one",
                        dek(State.PRIMARY, control(A, "2"), replica(B)),
                        dek(State.DECRYPT_ONLY, control(A, "1"), replica(B)),
                        dek(State.DECRYPT_ONLY, control(A, "1"), replica(B)),
                        dek(State.DESTROYED)),
                true);
        tally.add(record("two", dek(State.PRIMARY, control(A, "2"), retained(B))), true);
        assertThat(tally.keychains()).isEqualTo(2);
        assertThat(tally.of(A)).containsExactly(2, 4);
        assertThat(tally.of(B)).containsExactly(2, 4);
        assertThat(tally.of(KekId.of("cloud:none"))).containsExactly(0, 0);
        assertThat(tally.uses())
                .containsExactly(
                        new Use(A, "1", Role.CONTROL, 1, 2),
                        new Use(A, "2", Role.CONTROL, 2, 2),
                        new Use(B, "1", Role.REPLICA, 1, 3),
                        new Use(B, "1", Role.RETAINED, 1, 1));
        assertThat(of(B, "1").deks()).isEqualTo(4);
        assertThat(of(B, "1").keychains()).isEqualTo(2);
        assertThat(of(A, "1").deks()).isEqualTo(2);
        assertThat(of(A, "1").keychains()).isEqualTo(1);
    }

    @Test
    void whatIsOnlyRetainedIsNotWatched() {
        tally.add(record("one", dek(State.PRIMARY, control(A, "1"), retained(B))), true);
        assertThat(of(A, "1").isWatched()).isTrue();
        assertThat(of(B, "1").isWatched()).isFalse();
        assertThat(of(B, "1").candidates()).isEmpty();
        tally.add(record("two", dek(State.PRIMARY, control(A, "1"), replica(B))), true);
        assertThat(of(B, "1").isWatched()).isTrue();
        assertThat(of(B, "1").candidates()).containsExactly("two");
    }

    @Test
    void threeKeychainsAreThoughtOfOnceEachAndNotThoseThatNobodyVouchesFor() {
        tally.add(record("planted", dek(State.PRIMARY, control(A, "1"))), false);
        for (String id : List.of("one", "two", "three", "four")) {
            tally.add(record(id, dek(State.PRIMARY, control(A, "1")), dek(State.DECRYPT_ONLY, control(A, "1"))), true);
        }
        assertThat(of(A, "1").candidates()).containsExactly("one", "two", "three");
        assertThat(of(A, "1").keychains()).isEqualTo(5);
        assertThat(of(A, "1").deks()).isEqualTo(9);
    }
}
