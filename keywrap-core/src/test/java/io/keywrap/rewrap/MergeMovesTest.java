package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a move is done in a record, which may have changed since its wraps were made; and when it is not. */
class MergeMovesTest extends MergeFixture {
    private static final Goal AT_ONCE = move(Duration.ZERO);
    private static final Goal KEPT = move(Duration.ofDays(90));

    @Test
    void retentionThatIsOverIsNotBegunAnew() {
        Wrap made = wrap(Role.CONTROL, NEW);
        DekEntry entry = entry(made, wrap(Role.RETAINED, OLD));
        KeychainRecord current = record(List.of(control(NEW), retained(OLD, NOW.minusSeconds(1))), entry);
        KeychainRecord after = after(KEPT, current, moved(entry, made, false));
        assertThat(wraps(after)).containsExactly(made);
        assertThat(after.recipients()).containsExactly(control(NEW));
    }

    @Test
    void retentionThatGoesOnIsNotMadeLonger() {
        Wrap made = wrap(Role.CONTROL, NEW);
        DekEntry entry = entry(made, wrap(Role.RETAINED, OLD));
        KeychainRecord current = record(List.of(control(NEW), retained(OLD, NOW.plusSeconds(1))), entry);
        Merge merge = new Merge(KEPT, current, List.of(moved(entry, made, false)), NOW);
        assertThat(merge.changes()).isFalse();
        assertThat(merge.isChanged(first)).isFalse();
        assertThat(merge.hasNoRoom(first)).isFalse();
    }

    @Test
    void kekThatIsNoRecipientAnyMoreLeavesTheDeksThatItStillHolds() {
        DekEntry entry = entry(wrap(Role.CONTROL, OLD));
        Wrap made = wrap(Role.CONTROL, NEW);
        KeychainRecord current = record(List.of(control(NEW)), entry);
        assertThat(wraps(after(AT_ONCE, current, moved(entry, made, true)))).containsExactly(made);
        assertThat(after(KEPT, current, moved(entry, made, true)).recipients())
                .containsExactly(control(NEW), retained(OLD, NOW.plus(Duration.ofDays(90))));
    }

    @Test
    void recipientThatHoldsNoDekIsReplacedOnceTheNewOneHasOpenedOne() {
        Wrap there = wrap(Role.CONTROL, NEW);
        for (DekEntry entry : List.of(entry(there), entry(there, wrap(Role.RETAINED, OLD)))) {
            KeychainRecord current = record(List.of(control(OLD), control(NEW)), entry);
            KeychainRecord after = after(AT_ONCE, current, moved(entry, there, false));
            assertThat(after.recipients()).containsExactly(control(NEW));
            assertThat(wraps(after)).containsExactly(there);
        }
    }

    @Test
    void controlKekThatHoldsAnotherDekIsNotTakenOutUnopened() {
        Wrap there = wrap(Role.CONTROL, NEW);
        DekEntry entry = entry(there);
        DekEntry another = entry(second, wrap(Role.CONTROL, second, OLD, 2));
        KeychainRecord current = record(List.of(control(OLD), control(NEW)), entry, another);
        Merge merge = new Merge(AT_ONCE, current, List.of(moved(entry, there, false)), NOW);
        assertThat(merge.changes()).isFalse();
        assertThat(merge.isRefused(MOVE)).isTrue();
        assertThat(merge.isRefused(new Move(OTHER, NEW))).isFalse();
        Merge opened = new Merge(AT_ONCE, current, List.of(moved(entry, there, true)), NOW);
        assertThat(opened.isRefused(MOVE)).isFalse();
    }

    @Test
    void replicaIsReplacedWithoutHavingOpenedAnything() {
        Wrap control = wrap(Role.CONTROL, OTHER);
        Wrap there = wrap(Role.REPLICA, NEW);
        DekEntry entry = entry(control, wrap(Role.REPLICA, OLD), there);
        KeychainRecord current = record(List.of(control(OTHER), replica(OLD), replica(NEW)), entry);
        DekDone done = moved(entry, there, false);
        done.made(control.wrapped());
        KeychainRecord after = after(AT_ONCE, current, done);
        assertThat(wraps(after)).containsExactlyInAnyOrder(control, there);
        assertThat(after.recipients()).containsExactly(control(OTHER), replica(NEW));
    }

    @Test
    void dekThatBecameControlledMeanwhileStaysSoUntilItsKekHasOpenedIt() {
        Wrap made = wrap(Role.CONTROL, NEW);
        DekEntry entry = entry(wrap(Role.CONTROL, OLD));
        DekEntry another = entry(second, wrap(Role.CONTROL, second, OLD, 2));
        KeychainRecord current = record(List.of(control(OLD)), entry, another);
        DekDone opened = moved(another, wrap(Role.CONTROL, second, NEW, 3), true);
        KeychainRecord after = after(KEPT, current, moved(entry, made, false), opened);
        assertThat(after.deks().get(0)).isEqualTo(entry);
        assertThat(after.deks().get(1).wrapUnder(NEW)).isPresent();
    }

    @Test
    void noKekHasTwoWrapsOfADek() {
        Wrap there = wrap(Role.REPLICA, NEW);
        DekEntry entry = entry(wrap(Role.CONTROL, OLD), there);
        KeychainRecord current = record(List.of(control(OLD), replica(NEW)), entry);
        List<Wrap> kept = List.of(new Wrap(Role.CONTROL, there.wrapped()), wrap(Role.RETAINED, OLD));
        assertThat(wraps(after(KEPT, current, moved(entry, there, true)))).isEqualTo(kept);
        Wrap anew = wrap(Role.CONTROL, first, NEW, 9); // The one that is there does not open.
        assertThat(wraps(after(KEPT, current, moved(entry, anew, true))))
                .containsExactly(anew, wrap(Role.RETAINED, OLD));
    }

    @Test
    void dekThatTheOldKekDoesNotHoldIsWrappedToTheNewOne() {
        Wrap control = wrap(Role.CONTROL, OTHER);
        DekEntry entry = entry(control);
        Wrap made = wrap(Role.REPLICA, NEW);
        KeychainRecord current = record(List.of(control(OTHER), replica(OLD)), entry);
        KeychainRecord after = after(AT_ONCE, current, moved(entry, made, false));
        assertThat(wraps(after)).containsExactly(control, made);
        assertThat(after.recipients()).containsExactly(control(OTHER), replica(NEW));
    }

    @Test
    void dekThatWasDestroyedMeanwhileStaysSo() {
        DekEntry entry = entry(wrap(Role.CONTROL, OLD));
        DekEntry another = entry(second, wrap(Role.CONTROL, second, OLD, 2));
        DekDone opened = moved(another, wrap(Role.CONTROL, second, NEW, 3), true);
        KeychainRecord current = record(List.of(control(OLD)), entry.inState(State.DESTROYED), another);
        KeychainRecord after = after(KEPT, current, moved(entry, wrap(Role.CONTROL, NEW), true), opened);
        assertThat(after.deks().get(0)).isEqualTo(entry.inState(State.DESTROYED));
    }

    @Test
    void dekWithoutRoomForAnotherWrapStaysAsItIsAndIsTold() {
        List<Wrap> full = new ArrayList<>(List.of(wrap(Role.CONTROL, OLD)));
        while (full.size() < KeychainRecord.MAX_WRAPS) {
            full.add(wrap(Role.RETAINED, KekId.of("memory:former-" + full.size())));
        }
        DekEntry entry = entry(full.toArray(Wrap[]::new));
        KeychainRecord current = record(List.of(control(OLD)), entry);
        Wrap made = wrap(Role.CONTROL, NEW);
        Merge merge = new Merge(AT_ONCE, current, List.of(moved(entry, made, true)), NOW);
        assertThat(merge.hasNoRoom(first)).isTrue();
        assertThat(merge.isChanged(first)).isFalse();
        assertThat(merge.changes()).isFalse();
        assertThat(after(AT_ONCE, current, moved(entry, made, true)).deks()).containsExactly(entry);
        DekEntry onePlace = entry(full.subList(0, full.size() - 1).toArray(Wrap[]::new));
        KeychainRecord roomy = record(List.of(control(OLD)), onePlace);
        Merge other = new Merge(AT_ONCE, roomy, List.of(moved(onePlace, made, true)), NOW);
        assertThat(other.hasNoRoom(first)).isFalse();
        assertThat(other.isChanged(first)).isTrue();
    }

    @Test
    void writeQuorumStaysWhereThereAreReplicas() {
        DekEntry entry = entry(wrap(Role.CONTROL, OLD), wrap(Role.REPLICA, OTHER));
        KeychainRecord current = record(List.of(control(OLD), replica(OTHER)), next -> next.writeQuorum(1), entry);
        assertThat(after(KEPT, current, moved(entry, wrap(Role.CONTROL, NEW), true))
                        .writeQuorum())
                .isEqualTo(1);
        KeychainRecord none = record(List.of(control(OLD), replica(OTHER)), entry);
        assertThat(after(KEPT, none, moved(entry, wrap(Role.CONTROL, NEW), true))
                        .writeQuorum())
                .isZero();
    }

    @Test
    void wrapsThatDoNotFitIntoAPortableHeaderAreNotTaken() {
        List<Wrap> wraps = new ArrayList<>(List.of(wrap(Role.CONTROL, OLD)));
        List<Recipient> recipients = new ArrayList<>(List.of(control(OLD)));
        for (int i = 0; i < 6; i++) {
            KekId replica = KekId.of("memory:replica-" + i);
            wraps.add(large(Role.REPLICA, replica));
            recipients.add(replica(replica));
        }
        DekEntry entry = entry(wraps.toArray(Wrap[]::new));
        DekDone done = moved(entry, large(Role.CONTROL, NEW), true);
        KeychainRecord portable = record(recipients, next -> next.portable(true), entry);
        Merge merge = new Merge(KEPT, portable, List.of(done), NOW);
        assertThat(merge.hasNoRoom(first)).isTrue();
        assertThat(merge.changes()).isFalse();
        assertThat(new Merge(KEPT, record(recipients, entry), List.of(done), NOW).isChanged(first))
                .isTrue();
    }

    private Wrap large(Role role, KekId kekId) {
        return new Wrap(role, WrappedDek.builder(first, kekId).build("TEST", new byte[8_000]));
    }

    @Test
    void replicaThatStillControlsADekIsReplacedForTheOthers() {
        Wrap made = wrap(Role.REPLICA, second, NEW, 3);
        DekEntry controlled = entry(wrap(Role.CONTROL, OLD));
        DekEntry other = entry(second, wrap(Role.CONTROL, second, OTHER, 1), wrap(Role.REPLICA, second, OLD, 2));
        KeychainRecord current = record(List.of(control(OTHER), replica(OLD)), controlled, other);
        KeychainRecord after = after(KEPT, current, moved(other, made, false));
        assertThat(after.deks().get(0)).isEqualTo(controlled);
        assertThat(after.deks().get(1).wrapUnder(NEW)).contains(made);
        assertThat(after.recipients().subList(0, 2)).containsExactly(control(OTHER), replica(NEW));
    }

    @Test
    void recipientStaysWhereNoDekHasLeftIt() {
        DekEntry unasked = entry(wrap(Role.CONTROL, OLD));
        DekEntry failed = entry(second, wrap(Role.CONTROL, second, OLD, 2));
        DekDone opened = none(failed);
        opened.opened.add(OLD); // But the new KEK did not wrap it.
        opened.failed(Outcome.FAILED_NEW_KEK, null);
        KeychainRecord current = record(List.of(control(OLD)), unasked, failed);
        DekDone done = moved(unasked, wrap(Role.CONTROL, NEW), false);
        assertThat(new Merge(KEPT, current, List.of(done, opened), NOW).changes())
                .isFalse();
    }

    @Test
    void kekIsNamedAsLongAsAWrapOfItStays() {
        Wrap control = wrap(Role.CONTROL, NEW);
        DekEntry proven = entry(control, wrap(Role.RETAINED, OLD));
        DekEntry unproven = entry(second, wrap(Role.CONTROL, second, NEW, 2), wrap(Role.RETAINED, second, OLD, 2));
        List<Recipient> recipients = List.of(control(NEW), retained(OLD, NOW));
        DekDone done = none(proven);
        done.made(control.wrapped());
        KeychainRecord after = after(AT_ONCE, record(recipients, proven, unproven), done);
        assertThat(wraps(after)).containsExactly(control);
        assertThat(after.recipients()).isEqualTo(recipients);
        assertThat(after(AT_ONCE, record(recipients, next -> next.portable(true), proven), done)
                        .recipients())
                .as("envelopes may have wraps of it")
                .isEqualTo(recipients);
        assertThat(after(AT_ONCE, record(recipients, proven), done).recipients())
                .containsExactly(control(NEW));
    }

    @Test
    void recipientThatHasWrappedNothingYetIsNamedAllTheSame() {
        Wrap control = wrap(Role.CONTROL, NEW);
        DekEntry entry = entry(control, wrap(Role.RETAINED, OLD));
        DekDone done = none(entry);
        done.made(control.wrapped());
        List<Recipient> recipients = List.of(control(NEW), replica(OTHER), retained(OLD, NOW));
        KeychainRecord after = after(AT_ONCE, record(recipients, entry), done);
        assertThat(after.recipients()).isEqualTo(recipients);
        assertThat(after.deks()).containsExactly(entry);
    }

    @Test
    void wrapsThatWereMadeAnewTakeTheirPlacesAndMovesGoToThem() {
        Goal goal = new Goal(Map.of(OLD, NEW), Set.of(NEW), Optional.empty(), Duration.ofDays(90), false);
        Wrap there = wrap(Role.REPLICA, NEW);
        Wrap anew = wrap(Role.REPLICA, first, NEW, 2);
        DekEntry entry = entry(wrap(Role.CONTROL, OLD), there);
        DekDone done = moved(entry, there, true);
        done.renewed.put(there.wrapped(), anew.wrapped());
        done.made(anew.wrapped());
        KeychainRecord after = after(goal, record(List.of(control(OLD), replica(NEW)), entry), done);
        assertThat(wraps(after)).containsExactly(new Wrap(Role.CONTROL, anew.wrapped()), wrap(Role.RETAINED, OLD));
    }
}
