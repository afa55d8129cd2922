package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is watched, why, for how long, and when its first canary is due. */
class WatchesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3_600 * SECOND;
    /** Between two canaries of what is used, and of what is not, without jitter. */
    private static final long IN_USE = 60 * SECOND;

    private static final long IDLE = 300 * SECOND;

    private final Asker asker = new Asker();
    /** In the middle of every jitter and spread. */
    private final Watches watches = new Watches(Asker.options(), () -> Long.MIN_VALUE, asker.providers.states());

    private final VersionInUse version = asker.version("acme");
    private final VersionInUse other = asker.version("other");

    @AfterEach
    void close() {
        asker.close();
    }

    private static Place place(VersionInUse of) {
        return new Place("cloud", of.kekId().uri());
    }

    private Watch watch(VersionInUse of, long now) {
        return watches.watch(of, place(of), now);
    }

    private Watch own(VersionInUse of, long now) {
        watches.own(of, place(of), List.of("tenant-1"), 0, now);
        return watches.find(of).orElseThrow();
    }

    private Watch ask(VersionInUse of, long now) {
        watches.ask(of, place(of), "tenant-1", now);
        return watches.find(of).orElseThrow();
    }

    /** Takes the only one that is due, asks it and takes its answer. */
    private Watch probe(long now) {
        Watch watch = watches.take("vendor", now).orElseThrow();
        assertThat(watch.flying).isTrue();
        watch.canary = Asker.canary(watch.version);
        asker.ask(watch.version);
        watches.landed(watch, true, now);
        return watch;
    }

    @Test
    void theFirstCanaryComesWithinTheUsualTime() {
        Watch watch = watch(version, 100);
        assertThat(watch.due).isEqualTo(100 + IN_USE / 2);
        assertThat(watches.nextAt(100)).isEqualTo(watch.due);
        assertThat(watch.isUsed(100)).isTrue();
        assertThat(watches.size()).isEqualTo(1);
        assertThat(watches.take("vendor", watch.due - 1)).isEmpty();
        assertThat(watches.take("vendor", watch.due)).containsSame(watch);
        assertThat(watches.take("vendor", watch.due)).as("under way").isEmpty();
        assertThat(watches.nextAt(100)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void oneThatIsWatchedAlreadyStaysAsItIs() {
        Watch watch = watch(version, 100);
        assertThat(watch(version, 500)).isSameAs(watch);
        assertThat(watch.due).isEqualTo(100 + IN_USE / 2);
        assertThat(watches.all()).containsExactly(watch);
    }

    @Test
    void whatWasWatchedForItselfOrOnRequestIsWatchedForAllAndNotLaterThanItWould() {
        for (VersionInUse one : List.of(version, other)) {
            Watch watch = one.equals(version) ? own(one, 0) : ask(one, 10 * SECOND);
            long due = Math.min(watch.due, 20 * SECOND + IN_USE / 2);
            assertThat(watch(one, 20 * SECOND)).isSameAs(watch);
            assertThat(watch.own).isFalse();
            assertThat(watch.asked).isFalse();
            assertThat(watch.due).isEqualTo(due);
            assertThat(watch.queued).isTrue();
        }
    }

    @Test
    void oneThatIsUnderWayIsNotAskedTwice() {
        Watch watch = ask(version, 0);
        assertThat(watches.take("vendor", 0)).containsSame(watch);
        ask(version, 1);
        watch(version, 2);
        watches.own(version, place(version), List.of(), 0, 3);
        assertThat(watch.queued).isFalse();
        assertThat(watches.take("vendor", HOUR)).isEmpty();
        Watch mine = own(other, 0);
        assertThat(watches.take("vendor", IDLE)).containsSame(mine);
        ask(other, IDLE);
        assertThat(mine.queued).isFalse();
    }

    @Test
    void aRequestIsOneCanaryAtOnceAndEndsWithAGoodAnswer() {
        Watch watch = ask(version, 50);
        assertThat(watch.due).isEqualTo(50);
        assertThat(watch.asked).isTrue();
        assertThat(watch.candidates).containsExactly("tenant-1");
        assertThat(probe(50)).isSameAs(watch);
        assertThat(watches.size()).isZero();
        assertThat(watches.find(version)).isEmpty();
    }

    @Test
    void aRequestGoesOnAsLongAsTheAnswerIsADenialOrNone() {
        Watch watch = ask(version, 0);
        asker.cloud.dark = true;
        probe(0);
        assertThat(watches.all()).as("silent").containsExactly(watch);
        asker.cloud.dark = false;
        asker.cloud.deny(version.kekId());
        probe(20 * SECOND);
        assertThat(watches.all()).as("not confirmed").containsExactly(watch);
        assertThat(watch.due).isEqualTo(20 * SECOND + 11 * SECOND / 2);
        asker.cloud.disable(version.kekId());
        probe(30 * SECOND);
        assertThat(watches.all()).isEmpty();
    }

    @Test
    void aRequestWithoutACanaryEndsUnlessTheSearchGoesOn() {
        Watch watch = ask(version, 0);
        watches.take("vendor", 0);
        watch.searching = true;
        watches.landed(watch, false, 10);
        assertThat(watches.all()).containsExactly(watch);
        assertThat(watch.due).as("some at a time").isEqualTo(10 + SECOND);
        assertThat(watches.take("vendor", 10 + SECOND)).containsSame(watch);
        watch.searching = false;
        watches.landed(watch, false, 20 + SECOND);
        assertThat(watches.all()).isEmpty();
    }

    @Test
    void aRequestForWhatIsWatchedComesAtOnceAndChangesNothingElse() {
        Watch watch = watch(version, 0);
        ask(version, 5);
        assertThat(watch.due).isEqualTo(5);
        assertThat(watch.asked).isFalse();
        ask(version, 9);
        assertThat(watch.due).isEqualTo(5);
        probe(9);
        assertThat(watches.all()).containsExactly(watch);
    }

    @Test
    void whatIsWatchedForItselfIsCountedFromWhenItWasProven() {
        watches.own(version, place(version), List.of("a", "b"), 100 * SECOND, 1_000 * SECOND);
        Watch watch = watches.find(version).orElseThrow();
        assertThat(watch.due).isEqualTo(900 * SECOND + IDLE);
        assertThat(watch.own).isTrue();
        assertThat(watch.everUsed).isTrue();
        assertThat(watch.candidates).containsExactly("a", "b");
        watches.own(version, place(version), List.of("c"), 0, 1_000 * SECOND);
        assertThat(watch.candidates).as("it is watched already").containsExactly("a", "b");
        watches.own(other, place(other), List.of(), HOUR, 1_000 * SECOND);
        assertThat(watches.find(other).orElseThrow().due).isEqualTo(1_000 * SECOND);
    }

    @Test
    void whatWasAskedForIsAlsoWatchedForItself() {
        Watch watch = ask(version, 20 * SECOND);
        watches.own(version, place(version), List.of("b"), 0, 20 * SECOND);
        assertThat(watch.own).isTrue();
        assertThat(watch.candidates).containsExactly("tenant-1", "b");
        assertThat(watch.due).isEqualTo(20 * SECOND);
        probe(20 * SECOND);
        assertThat(watches.all()).as("used here as well").containsExactly(watch);
        Watch late = ask(other, 2 * HOUR);
        watches.own(other, place(other), List.of(), HOUR, HOUR);
        assertThat(late.due).isEqualTo(HOUR);
    }

    @Test
    void whatIsWatchedForItselfEndsOnceNoKeychainIsLeftToThinkOf() {
        Watch watch = own(version, 0);
        watches.take("vendor", IDLE);
        watches.landed(watch, false, IDLE);
        assertThat(watches.all()).containsExactly(watch);
        watches.take("vendor", 2 * IDLE);
        watch.candidates.clear();
        watches.landed(watch, false, 2 * IDLE);
        assertThat(watches.all()).isEmpty();
    }

    @Test
    void whatIsWatchedForAllGoesOnWithoutACanary() {
        Watch watch = watch(version, 0);
        watches.take("vendor", IN_USE);
        watches.landed(watch, false, IN_USE);
        assertThat(watches.all()).containsExactly(watch);
        assertThat(watch.due).isEqualTo(2 * IN_USE);
        assertThat(watch.probed).isFalse();
    }

    @Test
    void anAnswerOfWhatIsNotWatchedAnyMoreChangesNothing() {
        Watch watch = watch(version, 0);
        watches.take("vendor", IN_USE);
        watches.retain(one -> false);
        assertThat(watches.all()).isEmpty();
        asker.cloud.disable(version.kekId());
        asker.ask(version);
        watches.landed(watch, true, IN_USE);
        assertThat(watch.queued).isFalse();
        assertThat(watches.changes()).isZero();
        assertThat(watches.take("vendor", HOUR)).isEmpty();
        Watch anew = watch(version, IN_USE);
        watches.landed(watch, true, IN_USE);
        assertThat(watch.queued).isFalse();
        assertThat(watches.all()).containsExactly(anew);
    }

    @Test
    void theNextIsCountedFromWhenTheAnswerWasAskedForAndHalfOfTheTimeAtTheMost() {
        watch(version, 0);
        asker.cloud.during = kekId -> asker.time.advance(Duration.ofSeconds(4));
        assertThat(probe(IN_USE).due).isEqualTo(2 * IN_USE - 4 * SECOND);
        asker.cloud.during = kekId -> asker.time.advance(Duration.ofSeconds(45));
        assertThat(probe(2 * IN_USE).due).isEqualTo(2 * IN_USE + IN_USE / 2);
    }

    @Test
    void whatNobodyUsesForAnHourIsAskedMoreSeldom() {
        Watch watch = watch(version, 0);
        assertThat(probe(HOUR - 1).due).isEqualTo(HOUR - 1 + IN_USE);
        watch.usedAt = 0;
        assertThat(probe(HOUR + IN_USE).due).isEqualTo(HOUR + IN_USE + IDLE);
    }

    @Test
    void whatIsWatchedForItselfIsAskedSeldomUnlessItIsSuspect() {
        own(version, 0);
        assertThat(probe(IDLE).due).isEqualTo(2 * IDLE);
        asker.cloud.deny(version.kekId());
        assertThat(probe(2 * IDLE).due).isEqualTo(2 * IDLE + 11 * SECOND / 2);
        asker.cloud.disable(version.kekId());
        assertThat(probe(3 * IDLE).due).as("not sooner than if it were well").isEqualTo(4 * IDLE);
    }

    @Test
    void changesOfTheStateAreCounted() {
        watch(version, 0);
        probe(IN_USE);
        assertThat(watches.changes()).isZero();
        asker.cloud.disable(version.kekId());
        probe(2 * IN_USE);
        assertThat(watches.changes()).isEqualTo(1);
        probe(3 * IN_USE);
        assertThat(watches.changes()).isEqualTo(1);
    }

    @Test
    void whoeverStopsMonitoringGoesOnForItselfWithWhatItUsesAndWasAskedFor() {
        Watch unused = watch(version, 0);
        Watch usedLately = watch(other, 0);
        usedLately.everUsed = true;
        Watch usedLongAgo = watch(asker.version("long-ago"), 0);
        usedLongAgo.everUsed = true;
        Watch asked = ask(asker.version("asked"), 0);
        usedLately.usedAt = 10;
        watches.leave(HOUR);
        assertThat(watches.all()).containsExactlyInAnyOrder(usedLately, asked);
        assertThat(usedLately.own).isTrue();
        assertThat(asked.own).isFalse();
        assertThat(unused.queued).isFalse();
        assertThat(usedLongAgo.queued).isFalse();
    }

    @Test
    void whatThisJvmAloneUsedIsForgottenAfterAnHour() {
        Watch own = own(version, 0);
        Watch ofAll = watch(other, 0);
        watches.retainOwnInUse(HOUR - 1);
        assertThat(watches.all()).containsExactlyInAnyOrder(own, ofAll);
        watches.retainOwnInUse(HOUR);
        assertThat(watches.all()).containsExactly(ofAll);
    }

    private List<VersionInUse> usedAndNotWatched() {
        return watches.usedAndNotWatched(asker.providers.states().all(), asker.time.now());
    }

    @Test
    void whatWasProvenWithinAnHourAndIsNotWatchedIsUsed() {
        asker.ask(version);
        asker.cloud.disable(other.kekId());
        asker.ask(other); // Never proven.
        assertThat(usedAndNotWatched()).containsExactly(version);
        asker.time.advance(Duration.ofHours(1).minusNanos(1));
        assertThat(usedAndNotWatched()).containsExactly(version);
        asker.time.advance(Duration.ofNanos(1));
        assertThat(usedAndNotWatched()).isEmpty();
        asker.ask(version);
        Watch watch = ask(version, 0);
        assertThat(usedAndNotWatched()).as("only asked for").containsExactly(version);
        watch.own = true;
        assertThat(usedAndNotWatched()).isEmpty();
        watch(version, 0);
        assertThat(usedAndNotWatched()).isEmpty();
    }

    @Test
    void aCanaryIsNoUseOfWhatIsNotWatchedAnyMoreAndALaterCallIs() {
        ask(version, 0);
        probe(0);
        assertThat(watches.all()).isEmpty();
        assertThat(usedAndNotWatched()).isEmpty();
        asker.time.advance(Duration.ofSeconds(1));
        asker.ask(version);
        assertThat(usedAndNotWatched()).containsExactly(version);
        ask(version, SECOND);
        watches.retain(watch -> false); // Before it was heard of.
        assertThat(usedAndNotWatched()).containsExactly(version);
    }

    @Test
    void theKekOfAnotherKindOfCallIsNotUsedByUnwraps() {
        KekId kekId = version.kekId();
        try (Dek dek = Dek.takeOwnershipOf(DekId.random(), new byte[32])) {
            asker.providers
                    .provider(kekId)
                    .wrap(dek, EncryptionContext.of("a", "b"), asker.providers.foregroundDeadline());
        }
        assertThat(asker.providers.states().all()).isNotEmpty();
        assertThat(usedAndNotWatched()).isEmpty();
    }
}
