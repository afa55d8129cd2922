package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekConfigurationException;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KekStanding;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is remembered of a KEK that is watched. */
class WatchTest {
    private static final long HOUR = Duration.ofHours(1).toNanos();

    private final Asker asker = new Asker();
    private final VersionInUse version = asker.version("acme");
    private final Watch watch = new Watch(version, new Place("cloud", "owner"), 1);

    @AfterEach
    void close() {
        asker.close();
    }

    @Test
    void threeKeychainsAreThoughtOfEachOnce() {
        for (String id : new String[] {"", "a", "b", "a", "c", "d"}) {
            watch.candidate(id);
        }
        assertThat(watch.candidates).containsExactly("a", "b", "c");
    }

    @Test
    void itMayBeAskedWhereThereIsACanaryOrMayBeOne() {
        assertThat(watch.mayBeAsked()).isFalse();
        assertThat(watch.needsSeal()).isTrue();
        watch.candidate("a");
        assertThat(watch.mayBeAsked()).isTrue();
        assertThat(watch.needsSeal()).isTrue();
        watch.candidates.clear();
        watch.canary = Asker.canary(version);
        assertThat(watch.mayBeAsked()).isTrue();
        assertThat(watch.needsSeal()).isFalse();
        watch.own = true;
        assertThat(watch.needsSeal()).isTrue();
    }

    @Test
    void itIsUsedForAnHour() {
        watch.usedAt = 5;
        assertThat(watch.isUsed(4 + HOUR)).isTrue();
        assertThat(watch.isUsed(5 + HOUR)).isFalse();
        assertThat(watch.isUsedWithin(Duration.ofNanos(7), 11)).isTrue();
        assertThat(watch.isUsedWithin(Duration.ofNanos(7), 12)).isFalse();
    }

    @Test
    void itIsWellOrSuspectOnlyIfItAnswers() {
        assertThat(watch.isWell()).isTrue();
        assertThat(watch.isSuspect()).isFalse();
        watch.state = KekState.SUSPECT;
        assertThat(watch.isWell()).isFalse();
        assertThat(watch.isSuspect()).isTrue();
        watch.reach = KekReach.UNREACHABLE;
        assertThat(watch.isSuspect()).isFalse();
        watch.state = KekState.ACTIVE;
        assertThat(watch.isWell()).isFalse();
    }

    @Test
    void theEarlierAndThenTheFirstThatCameIsBefore() {
        Watch later = new Watch(version, watch.place, 2);
        assertThat(watch).isLessThan(later);
        assertThat(later).isGreaterThan(watch);
        assertThat(watch.compareTo(watch)).isZero();
        watch.due = 1;
        assertThat(watch).isGreaterThan(later);
        later.due = 2;
        assertThat(watch).isLessThan(later);
    }

    @Test
    void ownersOfAllKindsOfKmsAreDifferentOnes() {
        assertThat(watch.owner()).isEqualTo("cloud:owner");
    }

    @Test
    void itCountsHowManyOfItsOwnAnswersWereAlikeAndBeginsAnewWithAnother() {
        asker.cloud.dark = true;
        watch.take(asker.ask(version), true);
        assertThat(watch.reach).isEqualTo(KekReach.UNREACHABLE);
        assertThat(watch.alike).isZero();
        watch.take(asker.ask(version), true);
        watch.take(asker.ask(version), false);
        watch.take(asker.ask(version), true);
        assertThat(watch.alike).as("calls of others do not count").isEqualTo(2);
        asker.cloud.dark = false;
        asker.cloud.disable(version.kekId());
        watch.take(asker.ask(version), true);
        assertThat(watch.state).isEqualTo(KekState.REVOKED);
        assertThat(watch.reach).isEqualTo(KekReach.ANSWERS);
        assertThat(watch.since).isEqualTo(asker.time.now());
        assertThat(watch.heardAt).isEqualTo(asker.time.now());
        assertThat(watch.alike).isZero();
        asker.cloud.enable(version.kekId());
        watch.alike = 7;
        asker.time.advance(Duration.ofMinutes(1));
        watch.take(asker.ask(version), false);
        assertThat(watch.state).isEqualTo(KekState.ACTIVE);
        assertThat(watch.alike).isZero();
    }

    @Test
    void theNextIsCountedFromWhenItWasProvenAndOfAFailureFromItsAnswer() {
        asker.cloud.during = kekId -> asker.time.advance(Duration.ofSeconds(3));
        watch.take(asker.ask(version), true);
        assertThat(watch.lastTook).isEqualTo(Duration.ofSeconds(3).toNanos());
        asker.cloud.faults.put(version.kekId(), KekConfigurationException::new);
        watch.take(asker.ask(version), true);
        assertThat(asker.standing(version).ownFailure()).isPresent();
        assertThat(watch.lastTook).as("a fault of our own").isZero();
        asker.cloud.enable(version.kekId());
        watch.take(asker.ask(version), true);
        assertThat(watch.lastTook).isEqualTo(Duration.ofSeconds(3).toNanos());
        asker.cloud.dark = true;
        watch.take(asker.ask(version), true);
        assertThat(watch.lastTook).as("silent").isZero();
        asker.cloud.dark = false;
        asker.cloud.disable(version.kekId());
        watch.take(asker.ask(version), true);
        assertThat(watch.lastTook).as("revoked").isZero();
    }

    /** The answer of the call that was sent first comes last, and by then the clock was put back. */
    @Test
    void aClockThatIsPutBackBetweenTwoAnswersDelaysNoCanary() {
        AtomicBoolean first = new AtomicBoolean(true);
        asker.cloud.during = kekId -> {
            if (first.getAndSet(false)) {
                asker.time.advance(Duration.ofSeconds(1));
                asker.ask(version);
                asker.time.setWall(asker.time.now().minus(Duration.ofDays(1)));
            }
        };
        KekStanding standing = asker.ask(version);
        assertThat(standing.provenAt().orElseThrow()).isAfter(standing.heardAt());
        watch.take(standing, true);
        assertThat(watch.lastTook).isZero();
    }
}
