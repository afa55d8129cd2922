package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.ManualTime;
import io.keywrap.rewrap.RewrapReport.Item;
import io.keywrap.rewrap.RewrapReport.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is counted of a run, and what is told of it meanwhile. */
class TellerTest {
    private final ManualTime time = new ManualTime();
    private final Tally tally = new Tally();
    private final List<RewrapProgress> told = new ArrayList<>();
    private final Teller teller = new Teller(time, tally, Optional.of(told::add));

    private static Item failure(String keychainId) {
        return Item.of(keychainId, Outcome.STORE, "a block is bad");
    }

    private void seconds(long seconds) {
        time.advance(Duration.ofSeconds(seconds));
    }

    @Test
    void progressIsByThePaceSoFarAndByTheKeychainsThatWereLookedAt() {
        teller.total(10);
        teller.before(1, 2);
        tally.looked(3);
        tally.looked(5);
        tally.add(Outcome.MOVED, 3);
        tally.add(Outcome.ALREADY, 1);
        tally.add(failure("a"));
        seconds(10);
        // Three of eight DEKs are left of two keychains, and seven keychains of four each.
        assertThat(teller.progress())
                .isEqualTo(new RewrapProgress(
                        3, 10, 6, 1, 38, Duration.ofSeconds(10), Optional.of(Duration.ofSeconds(62))));
        assertThat(teller.elapsed()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void moreKeychainsThanWereFoundAtTheBeginningAreCountedToo() {
        teller.total(1);
        teller.before(1, 0);
        tally.looked(2);
        tally.add(Outcome.MOVED, 2);
        seconds(4);
        assertThat(teller.progress())
                .isEqualTo(new RewrapProgress(2, 2, 2, 0, 2, Duration.ofSeconds(4), Optional.of(Duration.ZERO)));
    }

    @Test
    void beforeAnythingIsDoneThereIsNoPace() {
        teller.total(5);
        seconds(1);
        assertThat(teller.progress())
                .isEqualTo(new RewrapProgress(0, 5, 0, 0, 0, Duration.ofSeconds(1), Optional.empty()));
        tally.add(failure("a"));
        assertThat(teller.progress().remaining()).isPresent();
    }

    @Test
    void itIsToldOnceASecondAndAtTheEndWhateverTheTime() {
        time.advance(Duration.ofNanos(999_999_999));
        teller.perhaps();
        assertThat(told).isEmpty();
        time.advance(Duration.ofNanos(1));
        teller.perhaps();
        teller.perhaps();
        assertThat(told).hasSize(1);
        time.advance(Duration.ofNanos(999_999_999));
        teller.perhaps();
        assertThat(told).hasSize(1);
        teller.atTheEnd();
        assertThat(told).hasSize(2);
        assertThat(told.get(1).elapsed()).isEqualTo(Duration.ofNanos(1_999_999_999));
    }

    @Test
    void whoHasToldLetsOthersTell() throws InterruptedException {
        teller.atTheEnd();
        for (int i = 2; i <= 3; i++) {
            seconds(1);
            Thread other = new Thread(teller::perhaps);
            other.start();
            other.join();
            assertThat(told).hasSize(i);
        }
        seconds(1);
        teller.perhaps();
        assertThat(told).hasSize(4);
    }

    @Test
    void listenerThatFailsIsToldFurtherOn() {
        int[] calls = new int[1];
        Teller failing = new Teller(time, tally, Optional.of(progress -> {
            calls[0]++;
            throw new IllegalStateException("a listener that is broken");
        }));
        failing.atTheEnd();
        seconds(1);
        failing.perhaps();
        assertThat(calls[0]).isEqualTo(2);
    }

    @Test
    void whatDidNotHappenIsNotAmongTheOutcomes() {
        tally.add(Outcome.MOVED, 0);
        tally.add(Outcome.ALREADY, -1);
        assertThat(tally.outcomes()).isEmpty();
        tally.add(Outcome.MOVED, 2);
        tally.add(Outcome.MOVED, 1);
        assertThat(tally.outcomes()).isEqualTo(Map.of(Outcome.MOVED, 3L));
    }

    @Test
    void itemsHaveALimitBehindWhichTheyAreCountedAlone() {
        for (int i = 0; i < RewrapReport.MOST_ITEMS; i++) {
            tally.add(failure("a"));
        }
        assertThat(tally.moreItems()).isZero();
        tally.add(failure("b"));
        tally.add(failure("b"));
        assertThat(tally.items()).hasSize(RewrapReport.MOST_ITEMS);
        assertThat(tally.moreItems()).isEqualTo(2);
        assertThat(tally.failed()).isEqualTo(RewrapReport.MOST_ITEMS + 2);
        assertThat(tally.done()).isZero();
        assertThat(tally.hasFailed("a")).isTrue();
        assertThat(tally.hasFailed("b")).as("is not kept one by one").isFalse();
    }
}
