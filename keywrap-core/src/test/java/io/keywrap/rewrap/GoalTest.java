package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.rewrap.Goal.Pass;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a job is for, as far as a record and a filter tell. */
class GoalTest extends MergeFixture {
    private static final Duration DAYS_90 = Duration.ofDays(90);
    private static final Goal MOVES = move(DAYS_90);
    private static final Goal DROPS = new Goal(Map.of(), Set.of(), Optional.empty(), DAYS_90, true);

    private static Goal managed(KeyManagement choice) {
        return new Goal(Map.of(OLD, NEW), Set.of(), Optional.of(choice), DAYS_90, false);
    }

    @Test
    void filterThatAsksForAKekAVersionOrARoleIsLeftAsItIs() {
        for (KeychainFilter filter : List.of(
                KeychainFilter.all().withKek(OTHER),
                KeychainFilter.all().withKekVersion("1"),
                KeychainFilter.all().withRole(Role.REPLICA))) {
            assertThat(MOVES.passes(filter)).containsExactly(new Pass(filter, false));
        }
    }

    @Test
    void whatWasMovedIsLookedForFirst() {
        KeychainFilter filter = KeychainFilter.all().withIdPrefix("a");
        assertThat(MOVES.passes(filter))
                .hasToString(List.of(
                                new Pass(filter.withKek(OLD).withRole(Role.RETAINED), true),
                                new Pass(filter.withKek(OLD).withRole(Role.CONTROL), false),
                                new Pass(filter.withKek(OLD).withRole(Role.REPLICA), false))
                        .toString());
        assertThat(DROPS.passes(filter))
                .hasToString(
                        List.of(new Pass(filter.withRole(Role.RETAINED), true)).toString());
    }

    @Test
    void onlyARetainedRecipientMayGoAndOnlyOnceItsTimeIsOver() {
        assertThat(MOVES.mayGo(retained(OLD, NOW), NOW)).isTrue();
        assertThat(MOVES.mayGo(retained(OLD, NOW.plusMillis(1)), NOW)).isFalse();
        assertThat(MOVES.mayGo(retained(OTHER, NOW), NOW)).isFalse();
        assertThat(DROPS.mayGo(retained(OTHER, NOW), NOW)).isTrue();
        for (Goal goal : List.of(MOVES, DROPS)) {
            assertThat(goal.mayGo(control(OLD), NOW)).isFalse();
            assertThat(goal.mayGo(replica(OLD), NOW)).isFalse();
            assertThat(goal.mayGo(new Recipient(Role.RETAINED, OLD), NOW)).isFalse();
        }
    }

    @Test
    void timeThatIsPromisedForAnOldKekIsNotMadeShorter() {
        Recipient longer = retained(OLD, NOW.plus(DAYS_90).plusMillis(1));
        Recipient endless = new Recipient(Role.RETAINED, OLD);
        for (Recipient promised : List.of(longer, endless)) {
            assertThat(recipients(promised)).containsExactly(control(NEW), promised);
        }
        assertThat(recipients(retained(OLD, NOW))).containsExactly(control(NEW), retained(OLD, NOW.plus(DAYS_90)));
    }

    private List<Recipient> recipients(Recipient old) {
        KeychainRecord record = record(List.of(control(NEW), old), entry(wrap(Role.CONTROL, OLD)));
        return MOVES.recipients(record, List.of(MOVE), NOW);
    }

    @Test
    void newKekHasTheStrongerOfTwoRoles() {
        assertThat(Goal.stronger(Role.CONTROL, Role.REPLICA)).isEqualTo(Role.CONTROL);
        assertThat(Goal.stronger(Role.RETAINED, Role.REPLICA)).isEqualTo(Role.REPLICA);
        KeychainRecord record = record(List.of(replica(OLD), control(NEW)), entry(wrap(Role.CONTROL, NEW)));
        assertThat(MOVES.recipients(record, List.of(MOVE), NOW))
                .containsExactly(control(NEW), retained(OLD, NOW.plus(DAYS_90)));
    }

    @Test
    void dekThatHasLeftAKekIsNotElsewhere() {
        KeychainRecord record = record(List.of(control(OTHER)), entry(wrap(Role.CONTROL, OTHER)));
        assertThat(MOVES.isElsewhere(record, entry(wrap(Role.RETAINED, OLD)))).isFalse();
        assertThat(MOVES.isElsewhere(record, entry(wrap(Role.CONTROL, OLD)))).isTrue();
        assertThat(MOVES.isElsewhere(record, entry(wrap(Role.CONTROL, OTHER)))).isFalse();
    }

    @Test
    void managementChangesOnlyToAnotherAndOnlyWithAMove() {
        KeychainRecord meant = record(List.of(control(OLD)), entry(wrap(Role.CONTROL, OLD)));
        KeyManagement same = meant.keyManagement();
        KeyManagement other = same == KeyManagement.VENDOR ? KeyManagement.CUSTOMER : KeyManagement.VENDOR;
        assertThat(managed(other).changesManagement(meant)).isTrue();
        assertThat(managed(same).changesManagement(meant)).isFalse();
        assertThat(MOVES.changesManagement(meant)).isFalse();
        KeychainRecord elsewhere = record(List.of(control(OTHER)), entry(wrap(Role.CONTROL, OTHER)));
        assertThat(managed(other).changesManagement(elsewhere)).isFalse();
    }

    @Test
    void managementIsRecordedOnceNoOldKekIsARecipient() {
        DekEntry entry = entry(wrap(Role.CONTROL, OLD));
        Wrap made = wrap(Role.CONTROL, NEW);
        KeychainRecord current = record(List.of(control(OLD)), next -> next.migratable(true), entry);
        KeyManagement same = current.keyManagement();
        KeyManagement other = same == KeyManagement.VENDOR ? KeyManagement.CUSTOMER : KeyManagement.VENDOR;
        assertThat(after(managed(other), current, moved(entry, made, true)).keyManagement())
                .isEqualTo(other);
        DekDone failed = moved(entry, made, false);
        assertThat(after(managed(other), current, failed).keyManagement()).isEqualTo(same);
    }
}
