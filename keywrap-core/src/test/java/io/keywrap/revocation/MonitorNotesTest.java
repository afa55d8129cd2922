package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.StoreUnavailableException;
import io.keywrap.provider.KekState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a monitor says in the notes of its store, heeds of them, and does when another monitors. */
class MonitorNotesTest extends RoundsFixture {
    @Test
    void whatIsNotWellIsSaidAtOnceTheLatestFirstAndWhatIsWellAgainNotAnyMore() {
        keychain("one", version);
        keychain("two", other);
        rounds.run();
        assertThat(said()).isEmpty();
        long before = saidTimes();
        answered(version, () -> asker.cloud.disable(version.kekId()));
        assertThat(rounds.nextAt()).isEqualTo(Long.MIN_VALUE);
        rounds.run();
        assertThat(said()).containsExactly(new StatesNote.Entry(version, KekState.REVOKED, "one"));
        assertThat(rounds.nextAt()).isPositive();
        answered(other, () -> asker.cloud.deny(other.kekId()));
        rounds.run();
        assertThat(said())
                .containsExactly(
                        new StatesNote.Entry(other, KekState.SUSPECT, "two"),
                        new StatesNote.Entry(version, KekState.REVOKED, "one"));
        answered(version, () -> asker.cloud.enable(version.kekId()));
        rounds.run();
        assertThat(said()).extracting(StatesNote.Entry::version).containsExactly(other);
        assertThat(saidTimes()).isEqualTo(before + 3);
        runFor(Duration.ofMinutes(5));
        assertThat(saidTimes()).as("the same").isEqualTo(before + 3);
    }

    @Test
    void whatWasWrittenOverIsSaidAgainAtTheNextLook() {
        keychain("one", version);
        rounds.run();
        answered(version, () -> asker.cloud.disable(version.kekId()));
        rounds.run();
        put(StatesNote.NOTE, new byte[] {7});
        long over = saidTimes();
        runFor(POLL);
        assertThat(said()).extracting(StatesNote.Entry::version).containsExactly(version);
        assertThat(saidTimes()).isEqualTo(over + 1);
        store.notes.remove(StatesNote.NOTE);
        runFor(POLL);
        assertThat(said()).extracting(StatesNote.Entry::version).containsExactly(version);
    }

    @Test
    void whatCouldNotBeSaidIsSaidAtTheNextLook() {
        keychain("one", version);
        rounds.run();
        answered(version, () -> asker.cloud.disable(version.kekId()));
        store.down = true;
        rounds.run();
        assertThat(rounds.nextAt()).as("not at once, again and again").isPositive();
        store.down = false;
        runFor(POLL);
        assertThat(said()).extracting(StatesNote.Entry::version).containsExactly(version);
        answered(version, () -> asker.cloud.enable(version.kekId()));
        put(StatesNote.NOTE, new byte[] {7});
        rounds.run(); // Somebody else has written just before.
        runFor(POLL);
        assertThat(store.note(StatesNote.NOTE).orElseThrow().content()).startsWith(1);
    }

    @Test
    void aStoreThatIsOutOfReachIsReadAgainAfterAWhile() {
        keychains(450);
        rounds.run();
        store.during = () -> {
            throw new StoreUnavailableException("told to fail", null);
        };
        rounds.run();
        assertThat(rounds.nextAt()).isEqualTo(now() + POLL.toNanos());
        store.during = () -> {};
        runFor(POLL);
        runFor(Duration.ofSeconds(1));
        assertThat(rounds.tally().keychains()).isEqualTo(450);
    }

    @Test
    void theOthersHeedAHintOfWhatTheyUseOnceAMinute() {
        anotherMonitors();
        asker.ask(version);
        asker.cloud.disable(other.kekId());
        asker.ask(other);
        VersionInUse unknown = asker.version("unknown");
        put(
                StatesNote.NOTE,
                StatesNote.encode(List.of(
                        new StatesNote.Entry(version, KekState.REVOKED, "one"),
                        new StatesNote.Entry(other, KekState.REVOKED, "two"),
                        new StatesNote.Entry(unknown, KekState.REVOKED, "three"))));
        runFor(POLL);
        assertThat(watches.all()).extracting(watch -> watch.version).containsExactly(version);
        assertThat(find(version).asked).isTrue();
        assertThat(find(version).candidates).containsExactly("one");
        assertThat(find(version).due).isEqualTo(now());
        watches.retain(watch -> false);
        put(MonitorLease.NOTE, new byte[] {2});
        runFor(Duration.ofSeconds(20));
        put(MonitorLease.NOTE, new byte[] {3});
        runFor(Duration.ofSeconds(30));
        assertThat(watches.all()).isEmpty();
        put(MonitorLease.NOTE, new byte[] {4});
        runFor(POLL);
        assertThat(watches.all()).hasSize(1);
    }

    @Test
    void theOthersAskForWhatIsSuspectAfterItsConfirmationIsDue() {
        anotherMonitors();
        keychain("one", version);
        rounds.suspect(List.of(version, other));
        rounds.suspect(List.of(version, other));
        assertThat(rounds.nextAt()).isEqualTo(Long.MIN_VALUE);
        rounds.run();
        assertThat(store.searches.get()).as("one, and two roles of the other").isEqualTo(3);
        assertThat(watches.all()).extracting(watch -> watch.version).containsExactly(version);
        assertThat(find(version).due).isEqualTo(now() + 5 * SECOND);
        assertThat(find(version).candidates).containsExactly("one");
        assertThat(rounds.nextAt()).isPositive();
        asker.time.advance(Duration.ofNanos(MINUTE - 1));
        rounds.suspect(List.of(version, other));
        rounds.run();
        assertThat(store.searches.get())
                .as("the one that was found is searched for again")
                .isEqualTo(4);
        asker.time.advance(Duration.ofNanos(1));
        rounds.suspect(List.of(other));
        rounds.run();
        assertThat(store.searches.get()).isEqualTo(6);
    }

    @Test
    void whatTheOthersUseTheySearchForAndSay() {
        anotherMonitors();
        keychain("one", version);
        asker.ask(version);
        rounds.used(List.of(version));
        assertThat(rounds.nextAt()).isLessThanOrEqualTo(now());
        rounds.run();
        assertThat(find(version).own).isTrue();
        runFor(POLL);
        assertThat(UsedNote.parse(store.note(UsedNote.NOTE).orElseThrow().content()))
                .containsExactly(UsedNote.hash(version));
    }

    @Test
    void whoeverMonitorsSearchesForNothingByItselfAndTakesOutWhatOthersUse() {
        keychain("one", version);
        rounds.run();
        rounds.used(List.of(other));
        assertThat(rounds.nextAt()).isPositive();
        runFor(Duration.ofSeconds(20));
        assertThat(store.searches.get()).isZero();
        asker.time.advance(Duration.ofNanos(1));
        put(UsedNote.NOTE, UsedNote.encode(Set.of(UsedNote.hash(version))));
        runFor(POLL);
        assertThat(find(version).usedAt).isGreaterThan(20 * SECOND);
        assertThat(UsedNote.parse(store.note(UsedNote.NOTE).orElseThrow().content()))
                .isEmpty();
    }

    @Test
    void whoeverTakesOverBeginsToReadAtOnce() {
        anotherMonitors();
        keychain("one", version);
        rounds.used(List.of(other));
        asker.time.advance(Duration.ofSeconds(30));
        rounds.run();
        assertThat(rounds.isHolder()).isTrue();
        assertThat(rounds.tally().keychains()).isEqualTo(1);
        assertThat(store.searches.get()).as("nothing is searched for any more").isZero();
        put(MonitorLease.NOTE, new byte[] {5});
        runFor(POLL);
        assertThat(rounds.isHolder()).isFalse();
        runFor(POLL);
        assertThat(store.searches.get()).as("it is not used any more, perhaps").isZero();
        rounds.used(List.of(other));
        rounds.run();
        assertThat(store.searches.get()).isPositive();
    }

    @Test
    void whoeverIsOvertakenKeepsWhatItUsesForItselfAlone() {
        keychain("one", version);
        keychain("two", other);
        rounds.run();
        answered(version, () -> {});
        put(MonitorLease.NOTE, new byte[] {1});
        runFor(POLL);
        assertThat(rounds.isHolder()).isFalse();
        assertThat(watches.all()).extracting(watch -> watch.version).containsExactly(version);
        assertThat(find(version).own).isTrue();
    }

    @Test
    void whoeverCannotTellWhoMonitorsKeepsWhatItUsesAsItIs() {
        keychain("one", version);
        keychain("two", other);
        rounds.run();
        answered(version, () -> {});
        store.down = true;
        runFor(Duration.ofSeconds(40));
        assertThat(rounds.isHolder()).isFalse();
        assertThat(watches.all()).extracting(watch -> watch.version).containsExactly(version);
        assertThat(find(version).own).isFalse();
        store.down = false;
        runFor(POLL);
        assertThat(rounds.isHolder()).isTrue();
        assertThat(watches.find(other)).isPresent();
    }

    @Test
    void whoeverClosesGivesTheLeaseBack() {
        rounds.run();
        rounds.close();
        assertThat(rounds.isHolder()).isFalse();
        assertThat(store.note(MonitorLease.NOTE).orElseThrow().content()).startsWith(1, 0);
    }
}
