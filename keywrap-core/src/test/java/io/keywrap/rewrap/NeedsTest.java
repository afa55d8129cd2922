package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider.Status;
import io.keywrap.rewrap.DekWork.Make;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a job has to do with each DEK, and of which wraps it makes others. */
class NeedsTest extends MergeFixture {
    private static final Goal AT_ONCE = move(Duration.ZERO);
    private static final Goal KEPT = move(Duration.ofDays(90));
    private static final Goal DROPS = new Goal(Map.of(), Set.of(), Optional.empty(), Duration.ZERO, true);
    private static final Goal RENEWS = new Goal(Map.of(), Set.of(OLD), Optional.empty(), Duration.ZERO, false);

    private static Needs needs(Goal goal, KeychainRecord record) {
        return new Needs(goal, Map.of(), record, NOW);
    }

    private static DekWork only(Goal goal, KeychainRecord record) {
        List<DekWork> all = needs(goal, record).all();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private Wrap version(Role role, KekId kekId, String version) {
        return new Wrap(
                role, WrappedDek.builder(first, kekId).kekVersion(version).build("TEST", new byte[] {1}));
    }

    @Test
    void oneDekIsTheWitnessWhereOnlyTheRecipientsAreLeft() {
        Wrap there = wrap(Role.CONTROL, NEW);
        DekEntry another = entry(second, wrap(Role.CONTROL, second, NEW, 2));
        KeychainRecord record = record(List.of(control(OLD), control(NEW)), entry(there), another);
        assertThat(only(KEPT, record).makes())
                .containsExactly(new Make(MOVE, Optional.empty(), Optional.of(there.wrapped()), Optional.empty()));
        assertThat(needs(KEPT, record(List.of(control(NEW)), entry(there))).all())
                .isEmpty();
    }

    @Test
    void noWitnessIsNeededWhereADekIsMoved() {
        DekEntry moved = entry(second, wrap(Role.CONTROL, second, NEW, 2));
        for (DekEntry entry : List.of(entry(wrap(Role.CONTROL, OLD)), entry(wrap(Role.CONTROL, OTHER)))) {
            KeychainRecord record = record(List.of(control(OLD), control(OTHER)), moved, entry);
            assertThat(only(KEPT, record).entry()).isEqualTo(entry);
        }
    }

    @Test
    void dekThatHasOtherWorkIsNoWitnessBesides() {
        Goal goal = new Goal(Map.of(OLD, NEW), Set.of(NEW), Optional.empty(), Duration.ZERO, false);
        DekEntry entry = entry(version(Role.CONTROL, NEW, "1"));
        KeychainRecord record = record(List.of(control(OLD), control(NEW)), entry);
        Needs needs = new Needs(goal, Map.of(NEW, Status.ofVersion("2")), record, NOW);
        assertThat(needs.all())
                .singleElement()
                .satisfies(work -> assertThat(work.renews()).hasSize(1));
    }

    @Test
    void dekThatTheOldKekDoesNotHoldIsMovedFromAControlKekAndNoOther() {
        Wrap control = wrap(Role.CONTROL, OTHER);
        Wrap replica = wrap(Role.REPLICA, KekId.of("memory:replica"));
        Wrap retained = wrap(Role.RETAINED, OLD);
        KeychainRecord record = record(List.of(control(OTHER), replica(OLD)), entry(replica, retained, control));
        assertThat(only(KEPT, record).makes().get(0).source()).contains(control.wrapped());
        KeychainRecord without = record(List.of(control(OTHER), replica(OLD)), entry(replica, retained));
        assertThat(only(KEPT, without).makes().get(0).source()).isEmpty();
    }

    @Test
    void onlyAControlWrapHasToBeOpenedToLoseItsRole() {
        Wrap control = wrap(Role.CONTROL, OLD);
        assertThat(only(KEPT, record(List.of(control(OLD)), entry(control)))
                        .makes()
                        .get(0)
                        .closing())
                .contains(control.wrapped());
        Wrap replica = wrap(Role.REPLICA, OLD);
        KeychainRecord record =
                record(List.of(control(OTHER), replica(OLD)), entry(wrap(Role.CONTROL, OTHER), replica));
        assertThat(only(KEPT, record).makes().get(0).closing()).isEmpty();
    }

    @Test
    void recipientsAreCountedWithWhatIsStillToBeMoved() {
        assertThat(needs(KEPT, record(List.of(control(OLD)), entry(wrap(Role.CONTROL, OLD))))
                        .recipients())
                .isEqualTo(2);
        assertThat(needs(KEPT, record(List.of(control(NEW)), entry(wrap(Role.CONTROL, OLD))))
                        .recipients())
                .isEqualTo(2);
        assertThat(needs(KEPT, record(List.of(control(NEW)), entry(wrap(Role.CONTROL, NEW), wrap(Role.RETAINED, OLD))))
                        .recipients())
                .isEqualTo(1);
        DekEntry destroyed = entry(wrap(Role.CONTROL, OLD)).inState(State.DESTROYED);
        DekEntry live = entry(second, wrap(Role.CONTROL, second, NEW, 2));
        assertThat(needs(KEPT, record(List.of(control(NEW)), destroyed, live)).recipients())
                .isEqualTo(1);
    }

    @Test
    void beforeAWrapGoesEveryOtherOneIsProvenThatIsNotMadeAnyway() {
        Wrap replica = wrap(Role.REPLICA, OTHER);
        KeychainRecord moved = record(List.of(control(OLD), replica(OTHER)), entry(wrap(Role.CONTROL, OLD), replica));
        assertThat(only(AT_ONCE, moved).proves()).containsExactly(replica.wrapped());
        assertThat(only(KEPT, moved).proves()).isEmpty();
        Wrap control = wrap(Role.CONTROL, NEW);
        KeychainRecord over = record(
                List.of(control(NEW), replica(OTHER), retained(OLD, NOW)),
                entry(control, replica, wrap(Role.RETAINED, OLD)));
        assertThat(only(DROPS, over).proves()).containsExactly(control.wrapped(), replica.wrapped());
    }

    @Test
    void nothingIsProvenWhereNothingCanGo() {
        Wrap control = wrap(Role.CONTROL, NEW);
        Wrap old = wrap(Role.RETAINED, OLD);
        KeychainRecord missing = record(List.of(control(NEW), replica(OTHER), retained(OLD, NOW)), entry(control, old));
        assertThat(needs(DROPS, missing).all()).isEmpty();
        KeychainRecord held =
                record(List.of(control(NEW), retained(OLD, NOW)), entry(control, wrap(Role.REPLICA, OLD)));
        assertThat(needs(DROPS, held).all()).isEmpty();
        KeychainRecord early = record(List.of(control(NEW), retained(OLD, NOW.plusMillis(1))), entry(control, old));
        assertThat(needs(DROPS, early).all()).isEmpty();
    }

    @Test
    void onlyWrapsUnderARenewedKekAreRenewed() {
        Wrap old = version(Role.CONTROL, OLD, "1");
        Wrap other = version(Role.REPLICA, OTHER, "1");
        KeychainRecord record = record(List.of(control(OLD), replica(OTHER)), entry(old, other));
        Map<KekId, Status> statuses = Map.of(OLD, Status.ofVersion("2"), OTHER, Status.ofVersion("2"));
        assertThat(new Needs(RENEWS, statuses, record, NOW).all())
                .singleElement()
                .satisfies(work -> assertThat(work.renews()).containsExactly(old.wrapped()));
    }

    @Test
    void versionsThatNobodyTellsAreCounted() {
        Wrap told = version(Role.CONTROL, OLD, "1");
        Wrap silent = version(Role.CONTROL, OLD, "");
        Wrap other = version(Role.REPLICA, OTHER, "");
        Map<KekId, Status> known = Map.of(OLD, Status.ofVersion("1"));
        assertThat(unknown(known, told, other)).isZero();
        assertThat(unknown(known, silent, other)).isEqualTo(1);
        assertThat(unknown(known, version(Role.RETAINED, OLD, ""), other)).isZero();
        assertThat(unknown(Map.of(), told, other)).isEqualTo(1);
    }

    private long unknown(Map<KekId, Status> statuses, Wrap... wraps) {
        KeychainRecord record = record(List.of(control(OLD), replica(OTHER)), entry(wraps));
        return new Needs(RENEWS, statuses, record, NOW).unknownVersions();
    }
}
