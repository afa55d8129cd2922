package io.keywrap.revocation;

import static io.keywrap.revocation.TallyTest.control;
import static io.keywrap.revocation.TallyTest.dek;
import static io.keywrap.revocation.TallyTest.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Place;
import io.keywrap.store.KeychainRecord.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of which days somebody is told, how often, and with what. */
class DeadlinesTest {
    private final Asker asker = new Asker();
    private final Instant now = asker.time.now();
    private final Instant day = now.plus(Duration.ofDays(30));
    private final VersionInUse version = asker.version("acme");
    private final VersionInUse next = new VersionInUse(version.kekId(), "2");
    private final Watch watch = watch(version);
    private final List<Watch> watches = new ArrayList<>(List.of(watch));
    private final Tally tally = new Tally();
    private final Deadlines deadlines = new Deadlines(asker.providers.states());

    @BeforeEach
    void isDeletedInThirtyDays() {
        tally.add(record("one", dek(State.PRIMARY, control(version.kekId(), "1"))), true);
        watch.keychains = 3;
        watch.deks = 5;
        asker.cloud.faults.put(version.kekId(), failure -> new KekRevokedException(failure, day));
        asker.ask(version);
    }

    @AfterEach
    void close() {
        asker.close();
    }

    private static Watch watch(VersionInUse version) {
        return new Watch(version, Place.of(version.kekId()), 1);
    }

    private List<DeadlineNear> toldAt(Instant when, Map<KekId, Instant> expiries) {
        int before = asker.told(DeadlineNear.class).size();
        deadlines.check(asker.providers.states().all(), watches, expiries, tally, when);
        return asker.told(DeadlineNear.class)
                .subList(before, asker.told(DeadlineNear.class).size());
    }

    private List<DeadlineNear> toldAt(Instant when) {
        return toldAt(when, Map.of());
    }

    private DeadlineNear event(Ending ending) {
        return new DeadlineNear(version.kekId(), "1", ending, day, 3, 5);
    }

    @Test
    void aDayIsToldWhenItIsKnownAndFourTimesAsItComesNear() {
        assertThat(toldAt(now)).containsExactly(event(Ending.DELETION));
        for (Duration left : List.of(Duration.ofDays(7), Duration.ofDays(3), Duration.ofDays(1), Duration.ofHours(1))) {
            assertThat(toldAt(day.minus(left).minusNanos(1))).isEmpty();
            assertThat(toldAt(day.minus(left))).containsExactly(event(Ending.DELETION));
            assertThat(toldAt(day.minus(left).plusNanos(1))).isEmpty();
        }
        assertThat(toldAt(day.minusNanos(1))).isEmpty();
        assertThat(toldAt(day)).isEmpty();
        assertThat(toldAt(day.plusNanos(1))).isEmpty();
    }

    @Test
    void oneThatIsKnownLateIsToldOnceAndNotOnceMoreForAClockThatWasPutBack() {
        assertThat(toldAt(day.minusNanos(1))).hasSize(1);
        assertThat(toldAt(day.minus(Duration.ofDays(2)))).isEmpty();
        assertThat(toldAt(day.minus(Duration.ofMinutes(59)))).isEmpty();
    }

    @Test
    void aDayThatHasComeIsNotTold() {
        assertThat(toldAt(day)).isEmpty();
        assertThat(toldAt(day.plusSeconds(1))).isEmpty();
        assertThat(toldAt(day.minusNanos(1))).hasSize(1);
    }

    @Test
    void nothingIsToldBeforeItIsKnownWhatDependsOnIt() {
        deadlines.check(asker.providers.states().all(), watches, Map.of(), new Tally(), now);
        assertThat(asker.told(DeadlineNear.class)).isEmpty();
        assertThat(toldAt(now)).hasSize(1);
    }

    @Test
    void oneThatIsNotWatchedIsNotTold() {
        watches.clear();
        assertThat(toldAt(now)).isEmpty();
        watches.add(watch(asker.version("another")));
        assertThat(toldAt(now)).isEmpty();
    }

    @Test
    void aDayThatWasGivenUpAndIsSetAgainIsToldAgain() {
        assertThat(toldAt(now)).hasSize(1);
        asker.cloud.enable(version.kekId());
        asker.time.advance(Duration.ofMinutes(1));
        asker.ask(version);
        assertThat(toldAt(now)).isEmpty();
        asker.cloud.faults.put(version.kekId(), failure -> new KekRevokedException(failure, day));
        asker.time.advance(Duration.ofMinutes(1));
        asker.ask(version);
        assertThat(toldAt(now)).hasSize(1);
    }

    @Test
    void theLastVersionIsSaidToBeTheLast() {
        Watch another = watch(new VersionInUse(asker.cloud.kek("another"), "1"));
        Watch second = watch(next);
        Watch third = watch(new VersionInUse(version.kekId(), "3"));
        watches.addAll(List.of(another, second, third));
        second.state = KekState.REVOKED;
        third.state = KekState.SUSPECT;
        assertThat(toldAt(now)).containsExactly(event(Ending.DELETION));
        third.state = KekState.DESTROYED;
        assertThat(toldAt(now)).containsExactly(event(Ending.LAST_VERSION));
        watches.removeAll(List.of(second, third));
        assertThat(toldAt(now)).as("the only one").containsExactly(event(Ending.DELETION));
    }

    @Test
    void anExpiryIsToldWithAllThatDependsOnTheKek() {
        asker.cloud.enable(version.kekId());
        asker.time.advance(Duration.ofMinutes(1));
        asker.ask(version);
        tally.add(record("two", dek(State.PRIMARY, control(version.kekId(), "2"))), true);
        DeadlineNear expected = new DeadlineNear(version.kekId(), "", Ending.EXPIRY, day, 2, 2);
        Map<KekId, Instant> expiries = Map.of(version.kekId(), day);
        assertThat(toldAt(now, expiries)).containsExactly(expected);
        assertThat(toldAt(now, expiries)).isEmpty();
        assertThat(toldAt(day.minus(Duration.ofDays(6)), expiries)).containsExactly(expected);
    }
}
