package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a KEK is asked what its KMS tells about it. */
class StatusesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = Duration.ofDays(1).toNanos();
    private static final Instant EXPIRES = Instant.parse("2027-01-01T00:00:00Z");

    private final Asker asker = new Asker();
    private final KekId kek = asker.cloud.kek("acme");
    /** In the middle of every spread. */
    private final Statuses statuses = new Statuses(asker.providers, () -> Long.MIN_VALUE);

    @AfterEach
    void close() {
        asker.close();
    }

    private static Watch watch(KekId kekId, String version) {
        return new Watch(new VersionInUse(kekId, version), Place.of(kekId), 1);
    }

    private List<Watch> keks(int count) {
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            watches.add(watch(asker.cloud.kek("kek-" + i), "1"));
        }
        return watches;
    }

    private void ask(long now) {
        assertThat(statuses.due(now)).contains(kek);
        statuses.begin(kek, now);
        statuses.ask(kek, now);
    }

    @Test
    void eachIsAskedSoonOnceItIsKnownAndThenOnceADay() {
        assertThat(statuses.due(Long.MAX_VALUE)).isEmpty();
        assertThat(statuses.nextAt()).isEqualTo(Long.MAX_VALUE);
        statuses.keks(List.of(watch(kek, "1"), watch(kek, "2")), 10);
        assertThat(statuses.nextAt()).isEqualTo(10 + SECOND);
        assertThat(statuses.due(9 + SECOND)).isEmpty();
        ask(10 + SECOND);
        assertThat(statuses.due(9 + SECOND + DAY)).isEmpty();
        assertThat(statuses.nextAt()).isEqualTo(10 + SECOND + DAY);
        ask(10 + SECOND + DAY);
        assertThat(asker.cloud.statuses.get()).isEqualTo(2);
    }

    @Test
    void manyAreSpreadAtTwoSecondsEachOverSixHoursAtTheMost() {
        statuses.keks(keks(100), 0);
        assertThat(statuses.nextAt()).isEqualTo(100 * SECOND);
        Statuses more = new Statuses(asker.providers, () -> -1);
        more.keks(keks(20_000), 0);
        assertThat(more.nextAt()).isBetween(6 * 3_600 * SECOND - SECOND, 6 * 3_600 * SECOND);
    }

    @Test
    void oneThatIsNotInUseAnyMoreIsNotAskedAndItsDayIsForgotten() {
        asker.cloud.expiries.put(kek, EXPIRES);
        KekId other = asker.cloud.kek("other");
        statuses.keks(List.of(watch(kek, "1"), watch(other, "1")), 0);
        statuses.begin(kek, 0);
        statuses.ask(kek, 0);
        assertThat(statuses.expiries()).containsExactly(Map.entry(kek, EXPIRES));
        statuses.keks(List.of(watch(other, "1")), 0);
        assertThat(statuses.expiries()).isEmpty();
        assertThat(statuses.due(DAY)).contains(other);
        statuses.begin(other, DAY);
        assertThat(statuses.due(2 * DAY - 1)).isEmpty();
        statuses.keks(List.of(watch(kek, "1"), watch(other, "1")), 2 * DAY);
        assertThat(statuses.due(2 * DAY + 2 * SECOND)).as("again in use").isPresent();
    }

    @Test
    void theDayIsWhatItsKmsToldLast() {
        statuses.keks(List.of(watch(kek, "1")), 0);
        asker.cloud.expiries.put(kek, EXPIRES);
        statuses.ask(kek, 0);
        assertThat(statuses.expiries()).containsEntry(kek, EXPIRES);
        asker.cloud.expiries.remove(kek);
        statuses.ask(kek, 0);
        assertThat(statuses.expiries()).isEmpty();
    }

    private long asksAgainAfter(Function<Failure, KekException> failure) {
        statuses.keks(List.of(watch(kek, "1")), 0);
        asker.cloud.statusFaults.put(kek, failure);
        statuses.begin(kek, 5);
        statuses.ask(kek, 5);
        return statuses.nextAt() - 5;
    }

    @Test
    void whereWeMayNotAskWeAskAgainInAWeek() {
        assertThat(asksAgainAfter(failure -> new KekRevokedException(failure, Reason.DENIED)))
                .isEqualTo(7 * DAY);
        assertThat(asksAgainAfter(KekConfigurationException::new)).isEqualTo(7 * DAY);
        assertThat(asksAgainAfter(KekNotFoundException::new)).isEqualTo(7 * DAY);
    }

    @Test
    void whatMayBeOverSoonIsAskedAgainInADay() {
        assertThat(asksAgainAfter(KekUnreachableException::new)).isEqualTo(DAY);
        assertThat(asksAgainAfter(failure -> new KekRevokedException(failure, Reason.DISABLED)))
                .isEqualTo(DAY);
    }

    @Test
    void oneThatTellsNothingTakesTheTurnOfNoOther() {
        KekId other = asker.cloud.kek("other");
        statuses.keks(List.of(watch(kek, "1"), watch(other, "1")), 0);
        asker.cloud.statusFaults.put(kek, KekConfigurationException::new);
        statuses.begin(kek, 0);
        statuses.ask(kek, 0);
        assertThat(statuses.due(2 * SECOND)).contains(other);
        statuses.begin(other, 2 * SECOND);
        assertThat(statuses.nextAt()).isEqualTo(2 * SECOND + DAY);
    }
}
