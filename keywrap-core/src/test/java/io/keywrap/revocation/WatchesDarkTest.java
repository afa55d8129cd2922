package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.keywrap.KekId;
import io.keywrap.KekThrottledException;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekReach;
import io.keywrap.provider.KeyProvider.Place;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What follows where a service is silent, or where there are more KEKs than the budget allows. */
class WatchesDarkTest extends WatchesFixture {
    @Test
    void aServiceIsDarkWhereMostThatWereAskedWithinAMinuteAreSilent() {
        List<Watch> cloud = others(6, "cloud");
        Watch elsewhere = watch(version, "elsewhere", 0);
        cloud.subList(0, 3).forEach(watch -> landed(watch, 0));
        asker.cloud.dark = true;
        landed(elsewhere, 0);
        cloud.subList(3, 5).forEach(watch -> landed(watch, 0));
        assertThat(surveyed(0)).as("two of five").isEmpty();
        landed(cloud.get(5), SECOND);
        assertThat(surveyed(SECOND)).as("half").isEmpty();
        cloud.subList(3, 6).forEach(watch -> watch.probedAt = SECOND);
        assertThat(surveyed(60 * SECOND)).isEmpty();
        assertThat(surveyed(60 * SECOND + 1))
                .as("the others were asked longer ago")
                .satisfiesExactly(outage -> {
                    assertThat(outage.service()).isEqualTo("cloud");
                    assertThat(outage.silent()).isEqualTo(3);
                    assertThat(outage.over()).isFalse();
                    assertThat(cloud.subList(3, 6))
                            .extracting(watch -> watch.version.kekId())
                            .contains(outage.kekId());
                });
        assertThat(surveyed(60 * SECOND + 1)).as("it is known").isEmpty();
        assertThat(cloud).filteredOn(watch -> watch.queued).hasSize(3);
        assertThat(elsewhere.queued).isTrue();
    }

    @Test
    void twoThatAreSilentOrThreeThatAskForFewerCallsAreNoOutage() {
        List<Watch> cloud = others(5, "cloud");
        asker.cloud.dark = true;
        cloud.subList(0, 2).forEach(watch -> landed(watch, 0));
        assertThat(surveyed(0)).isEmpty();
        asker.cloud.dark = false;
        for (Watch watch : cloud.subList(2, 5)) {
            asker.cloud.faults.put(watch.version.kekId(), KekThrottledException::new);
            landed(watch, 0);
            assertThat(watch.reach).isEqualTo(KekReach.THROTTLED);
        }
        assertThat(surveyed(0)).isEmpty();
    }

    private List<Watch> inTheDark() {
        List<Watch> cloud = others(5, "cloud");
        asker.cloud.dark = true;
        cloud.subList(0, 3).forEach(watch -> landed(watch, 0));
        assertThat(surveyed(0)).hasSize(1);
        return cloud;
    }

    private Watch scout(List<Watch> cloud) {
        return cloud.stream().filter(watch -> watch.queued).findFirst().orElseThrow();
    }

    @Test
    void inTheDarkAFewAskEveryThirtySecondsAtTheLeast() {
        Watch scout = scout(inTheDark());
        scout.alike = 3;
        landed(scout, 1_000 * SECOND);
        assertThat(scout.due).isEqualTo(1_030 * SECOND);
        scout.alike = 0;
        scout.reach = KekReach.ANSWERS; // As if it had not been known.
        landed(scout, 2_000 * SECOND);
        assertThat(scout.due).isEqualTo(2_015 * SECOND);
        assertThat(asker.told(ServiceOutage.class)).hasSize(1);
    }

    @Test
    void theFirstThatAnswersEndsTheDarkAndTheOthersComeWithinTheUsualTime() {
        List<Watch> cloud = inTheDark();
        Watch scout = scout(cloud);
        List<Watch> waiting = cloud.stream().filter(watch -> !watch.queued).toList();
        assertThat(waiting).hasSize(2);
        watches.landed(scout, false, 10 * SECOND);
        assertThat(asker.told(ServiceOutage.class)).as("nobody was asked").hasSize(1);
        asker.cloud.dark = false;
        asker.time.advance(Duration.ofMinutes(1));
        landed(scout, 100 * SECOND);
        assertThat(asker.told(ServiceOutage.class))
                .hasSize(2)
                .last()
                .isEqualTo(new ServiceOutage(scout.version.kekId(), "cloud", 2, true));
        assertThat(waiting).allSatisfy(watch -> {
            assertThat(watch.queued).isTrue();
            assertThat(watch.due).isEqualTo(130 * SECOND);
        });
    }

    @Test
    void whereThoseWhoAskInTheDarkAreForgottenOthersDo() {
        List<Watch> cloud = inTheDark();
        List<Watch> waiting = cloud.stream().filter(watch -> !watch.queued).toList();
        watches.retain(waiting::contains);
        assertThat(waiting).allMatch(watch -> watch.queued);
        asker.cloud.dark = false;
        asker.time.advance(Duration.ofMinutes(1));
        landed(waiting.get(0), 100 * SECOND);
        assertThat(asker.told(ServiceOutage.class)).last().matches(ServiceOutage::over);
    }

    @Test
    void whereThereIsMoreThanTheBudgetAllowsAllWaitLongerButForConfirmations() {
        watches = watches(1, 1);
        Watch watch = watch(version);
        others(107, "cloud");
        watches.survey(0);
        watches.survey(0);
        assertThat(watches.stretch()).as("108 a minute, and room for 54").isCloseTo(2, within(1e-9));
        assertThat(watch(asker.version("new")).due).isCloseTo(IN_USE, within(1_000L));
        watches.own(asker.version("own"), new Place("cloud", "own"), List.of(), 0, SECOND);
        assertThat(watches.find(asker.version("own")).orElseThrow().due).isCloseTo(SECOND + 2 * IDLE, within(1_000L));
        landed(watch, SECOND);
        assertThat(watch.due).isCloseTo(SECOND + 2 * IN_USE, within(1_000L));
        watch.lastTook = 5 * SECOND;
        watches.used(version::equals, SECOND);
        assertThat(watch.due).as("soon enough").isCloseTo(SECOND + 2 * IN_USE, within(1_000L));
        asker.cloud.deny(version.kekId());
        landed(watch, SECOND);
        assertThat(watch.due).isEqualTo(SECOND + CONFIRMATION);
    }

    @Test
    void theStretchIsOfAllServicesTogetherAndOfWhatIsUsedMore() {
        watches = watches(2, 2);
        others(108, "cloud");
        List<Watch> elsewhere = others(108, "elsewhere");
        watches.survey(0);
        assertThat(watches.stretch()).isCloseTo(2, within(1e-9));
        elsewhere.forEach(watch -> watch.usedAt = -3_600 * SECOND);
        watches.survey(0);
        assertThat(watches.stretch()).isCloseTo(1.2, within(1e-9));
        watches.retain(watch -> watch.place.service().equals("elsewhere"));
        watches.survey(0);
        assertThat(watches.stretch()).isEqualTo(1);
    }

    @Test
    void theStretchIsAlsoOfOneServiceAlone() {
        watches = watches(20, 1);
        others(108, "cloud");
        for (int i = 0; i < 3; i++) {
            watches.survey(0);
            assertThat(watches.stretch()).isCloseTo(2, within(1e-9));
        }
    }

    @Test
    void inTheDarkNothingIsStretched() {
        watches = watches(1, 1);
        others(103, "elsewhere");
        Watch scout = scout(inTheDark());
        assertThat(watches.stretch()).isCloseTo(2, within(1e-9));
        scout.alike = 5;
        landed(scout, 100 * SECOND);
        assertThat(scout.due).isEqualTo(130 * SECOND);
        asker.cloud.dark = false;
        asker.time.advance(Duration.ofMinutes(1));
        Watch waiting = watches.all().stream()
                .filter(watch -> !watch.queued)
                .findFirst()
                .orElseThrow();
        landed(scout, 200 * SECOND);
        assertThat(waiting.due).isCloseTo(200 * SECOND + IN_USE, within(1_000L));
    }

    @Test
    void callsOfAnotherKindAreWithinTheBudget() {
        watches = watches(1, 1);
        KekId kekId = version.kekId();
        assertThat(watches.takeCall(kekId.scheme(), 0)).isTrue();
        assertThat(watches.takeCall(kekId.scheme(), 0)).isFalse();
    }

    @Test
    void ofThoseThatAreDueAtOnceTheOneThatCameFirstIsAskedFirst() {
        List<Watch> cloud = others(3, "cloud");
        for (Watch watch : cloud) {
            assertThat(watches.take("vendor", 30 * SECOND)).containsSame(watch);
        }
    }
}
