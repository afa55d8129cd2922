package io.keywrap.recovery;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What comes of two records of one keychain, and who may lose a veto by it. */
class ComparisonTest {
    private static final Instant NOW = Instant.parse("2026-11-28T08:00:00Z");
    private static final KekId A = KekId.of("memory:a");
    private static final KekId B = KekId.of("memory:b");
    private static final List<Recipient> CONTROL_A = List.of(new Recipient(Role.CONTROL, A));

    private final DekId first = DekId.random();

    private static DekEntry entry(DekId id, Usage usage, State state, Instant madeAt, KekId... keks) {
        List<Wrap> wraps = List.of(keks).stream()
                .map(kek -> new Wrap(Role.CONTROL, WrappedDek.builder(id, kek).build("TEST", new byte[] {1})))
                .toList();
        return new DekEntry(id, usage, state, madeAt, "ab".repeat(32), wraps);
    }

    private DekEntry first(State state, KekId... keks) {
        return entry(first, Usage.ENVELOPES, state, NOW, keks);
    }

    private static DekEntry primary() {
        return entry(DekId.random(), Usage.ENVELOPES, State.PRIMARY, NOW, A);
    }

    private KeychainRecord record(List<Recipient> recipients, DekEntry... entries) {
        WrappedDek sealKey = WrappedDek.builder(DekId.of(new byte[DekId.BYTES]), KekId.of("memory:vendor"))
                .build("TEST", new byte[] {0});
        return sealed(KeychainRecord.builder("a", NOW)
                .recipients(recipients)
                .deks(List.of(entries))
                .sealKey(sealKey));
    }

    private static KeychainRecord next(KeychainRecord before, List<Recipient> recipients, DekEntry... entries) {
        return sealed(before.next().recipients(recipients).deks(List.of(entries)));
    }

    private static KeychainRecord sealed(KeychainRecord.Builder next) {
        return next.build(body -> new byte[KeychainRecord.SEAL_BYTES]);
    }

    @Test
    void oneUseHasOnePrimaryAndThatIsTheLaterRecords() {
        DekEntry mine = primary();
        DekEntry theirs = primary();
        KeychainRecord common = record(CONTROL_A, first(State.PRIMARY, A));
        KeychainRecord kept = next(common, CONTROL_A, first(State.DECRYPT_ONLY, A), mine);
        KeychainRecord exported = next(common, CONTROL_A, first(State.DECRYPT_ONLY, A), theirs);
        assertThat(new Comparison(kept, exported).merged())
                .containsExactly(first(State.DECRYPT_ONLY, A), mine, theirs.inState(State.DECRYPT_ONLY));
    }

    @Test
    void primaryOfAUseThatTheLaterRecordHasNoneForStaysOne() {
        DekEntry theirs = primary();
        KeychainRecord common = record(CONTROL_A, first(State.DECRYPT_ONLY, A));
        KeychainRecord kept =
                next(next(common, CONTROL_A, first(State.DECRYPT_ONLY, A)), CONTROL_A, first(State.DECRYPT_ONLY, A));
        KeychainRecord exported = next(common, CONTROL_A, first(State.DECRYPT_ONLY, A), theirs);
        assertThat(new Comparison(kept, exported).merged()).containsExactly(first(State.DECRYPT_ONLY, A), theirs);
    }

    @Test
    void dekIsAsOldAsTheOlderRecordSays() {
        DekEntry older = entry(first, Usage.ENVELOPES, State.PRIMARY, NOW.minusSeconds(5), A);
        DekEntry younger = entry(first, Usage.ENVELOPES, State.PRIMARY, NOW, A);
        for (boolean swapped : new boolean[] {false, true}) {
            KeychainRecord kept = record(CONTROL_A, swapped ? older : younger);
            KeychainRecord exported = record(CONTROL_A, swapped ? younger : older);
            assertThat(new Comparison(kept, exported).merged()).containsExactly(older);
        }
    }

    @Test
    void keychainThatEitherSideHasDestroyedHasNoDekLeft() {
        DekEntry theirs = primary();
        DekEntry destroyed = first(State.PRIMARY, A).inState(State.DESTROYED);
        KeychainRecord common = record(CONTROL_A, first(State.PRIMARY, A));
        KeychainRecord gone = next(common, CONTROL_A, destroyed);
        KeychainRecord alive = next(common, CONTROL_A, first(State.DECRYPT_ONLY, A), theirs);
        for (Comparison comparison : List.of(new Comparison(gone, alive), new Comparison(alive, gone))) {
            assertThat(comparison.merged())
                    .hasSize(2)
                    .allSatisfy(entry -> assertThat(entry.state()).isEqualTo(State.DESTROYED))
                    .allSatisfy(entry -> assertThat(entry.wraps()).isEmpty());
        }
    }

    @Test
    void wrapsAreTheLaterRecordsUnlessTheOtherLacksFewer() {
        List<Recipient> both = List.of(new Recipient(Role.CONTROL, A), new Recipient(Role.CONTROL, B));
        KeychainRecord common = record(both, first(State.PRIMARY, A));
        KeychainRecord laterByB = next(common, both, first(State.PRIMARY, B));
        assertThat(new Comparison(laterByB, common).merged())
                .as("either lacks one")
                .containsExactly(first(State.PRIMARY, B));
        KeychainRecord repaired = record(both, first(State.PRIMARY, A, B));
        KeychainRecord later = next(common, both, first(State.PRIMARY, A));
        assertThat(new Comparison(later, repaired).merged()).containsExactly(first(State.PRIMARY, A, B));
        assertThat(new Comparison(later, repaired).latestIsWhole()).isFalse();
    }

    @Test
    void rolesThatChangedPlacesAreLeftToAPerson() {
        List<Recipient> before = List.of(new Recipient(Role.CONTROL, A), new Recipient(Role.REPLICA, B));
        List<Recipient> after = List.of(new Recipient(Role.CONTROL, B), new Recipient(Role.REPLICA, A));
        KeychainRecord earlier = record(before, first(State.PRIMARY, A, B));
        KeychainRecord later = next(earlier, after, first(State.PRIMARY, A, B));
        assertThat(new Comparison(later, earlier).obstacle().orElseThrow())
                .startsWith("in the export [" + A + "] can close the keychain, in the store it cannot");
        assertThat(new Comparison(earlier, later).obstacle().orElseThrow())
                .startsWith("in the store [" + A + "] can close the keychain, and after an import it could not");
    }

    @Test
    void onlyKekThatIsTakenOutLeavesATraceWhereThereWasAPrimary() {
        List<Recipient> after = List.of(new Recipient(Role.CONTROL, B));
        KeychainRecord earlier = record(CONTROL_A, first(State.PRIMARY, A));
        KeychainRecord later = next(
                earlier,
                after,
                first(State.DECRYPT_ONLY, A),
                entry(DekId.random(), Usage.ENVELOPES, State.PRIMARY, NOW, B));
        assertThat(new Comparison(later, earlier).obstacle()).isEmpty();
        KeychainRecord without = record(CONTROL_A, first(State.DECRYPT_ONLY, A));
        Optional<String> obstacle =
                new Comparison(next(without, after, first(State.DECRYPT_ONLY, A)), without).obstacle();
        assertThat(obstacle.orElseThrow()).contains(A.uri());
    }
}
