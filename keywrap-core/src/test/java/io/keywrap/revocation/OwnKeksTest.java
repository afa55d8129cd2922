package io.keywrap.revocation;

import static io.keywrap.revocation.TallyTest.control;
import static io.keywrap.revocation.TallyTest.dek;
import static io.keywrap.revocation.TallyTest.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.StoreUnavailableException;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.store.KeychainRecord.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a JVM that does not monitor finds canaries of what it uses itself. */
class OwnKeksTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long IDLE = 300 * SECOND;

    private final Asker asker = new Asker();
    private final SharedStore store = new SharedStore();
    private final long begun = asker.time.nanoTime() - 7;
    private final Watches watches = new Watches(Asker.options(), () -> Long.MIN_VALUE, asker.providers.states());
    private final OwnKeks own = new OwnKeks(
            asker.providers,
            new Canaries(store, asker.providers, KeychainSeal.wrappedBy(Jvm.SEAL)),
            watches,
            Asker.options(),
            this::now);
    private final VersionInUse version = asker.version("acme");
    private final VersionInUse foreign = asker.version("foreign");

    @AfterEach
    void close() {
        asker.close();
    }

    private long now() {
        return asker.time.nanoTime() - begun;
    }

    private void keychain(VersionInUse of) {
        String id = of.kekId().uri().replace(':', '-');
        store.create(record(id, dek(State.PRIMARY, control(of.kekId(), of.version()))));
    }

    private boolean isWanted() {
        return own.nextAt() != Long.MAX_VALUE;
    }

    @Test
    void whatIsFoundIsWatchedFromWhenItWasProven() {
        keychain(version);
        assertThat(isWanted()).isFalse();
        asker.ask(version);
        asker.time.advance(Duration.ofSeconds(40));
        own.used(List.of(version));
        assertThat(own.nextAt()).isEqualTo(7);
        own.search();
        Watch watch = watches.find(version).orElseThrow();
        assertThat(watch.own).isTrue();
        assertThat(watch.candidates).containsExactly("cloud-acme");
        assertThat(watch.due).isEqualTo(7 + IDLE);
        assertThat(watch.place)
                .isEqualTo(asker.providers.provider(version.kekId()).place());
        assertThat(isWanted()).isFalse();
    }

    @Test
    void whatWasProvenLongAgoIsAskedAtOnceAndWhatNeverWasAsUsual() {
        keychain(version);
        keychain(foreign);
        asker.ask(version);
        asker.time.advance(Duration.ofHours(1));
        own.used(List.of(version, foreign));
        own.search();
        assertThat(watches.find(version).orElseThrow().due).isEqualTo(now());
        asker.time.advance(Duration.ofSeconds(1));
        own.search();
        assertThat(watches.find(foreign).orElseThrow().due).isEqualTo(now() + IDLE);
    }

    @Test
    void aClockThatWasPutBackDelaysNothing() {
        keychain(version);
        asker.ask(version);
        asker.time.setWall(asker.time.now().minus(Duration.ofDays(1)));
        own.used(List.of(version));
        own.search();
        assertThat(watches.find(version).orElseThrow().due).isEqualTo(now() + IDLE);
    }

    @Test
    void oneSearchASecondAndOneTenthOfTheTime() {
        own.used(List.of(version, foreign, asker.version("third")));
        own.search();
        assertThat(store.searches.get()).isEqualTo(2);
        long next = own.nextAt();
        assertThat(next).isEqualTo(now() + SECOND);
        asker.time.advance(Duration.ofSeconds(1).minusNanos(1));
        own.search();
        assertThat(store.searches.get()).isEqualTo(2);
        asker.time.advance(Duration.ofNanos(1));
        store.during = () -> asker.time.advance(Duration.ofSeconds(2));
        own.search();
        assertThat(store.searches.get()).isEqualTo(4);
        assertThat(own.nextAt()).as("it took 4 seconds").isEqualTo(now() + 36 * SECOND);
    }

    @Test
    void whatTheStoreDoesNotKnowIsSearchedForAgainAfterAReading() {
        own.used(List.of(foreign));
        own.search();
        asker.time.advance(Duration.ofMinutes(15).minusNanos(1));
        own.used(List.of(foreign));
        assertThat(isWanted()).isFalse();
        asker.time.advance(Duration.ofNanos(1));
        own.used(List.of(foreign));
        assertThat(isWanted()).isTrue();
    }

    @Test
    void whatWasFoundIsSearchedForAgainOnceItIsNotWatchedAnyMore() {
        keychain(version);
        own.used(List.of(version));
        own.search();
        watches.retain(watch -> false);
        own.used(List.of(version));
        assertThat(isWanted()).isTrue();
    }

    @Test
    void whatCouldNotBeSearchedForIsSearchedForAgainAfterAPause() {
        keychain(version);
        own.used(List.of(version));
        store.down = true;
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(own::search);
        assertThat(isWanted()).isFalse();
        store.down = false;
        own.used(List.of(version));
        assertThat(own.nextAt()).isEqualTo(now() + SECOND);
        asker.time.advance(Duration.ofSeconds(1));
        own.search();
        assertThat(watches.find(version)).isPresent();
    }

    @Test
    void whoeverMonitorsAllSearchesForNothingAndMaySearchAgainLater() {
        own.used(List.of(version, foreign));
        own.clear();
        assertThat(isWanted()).isFalse();
        own.search();
        assertThat(store.searches.get()).isZero();
        own.used(List.of(version));
        assertThat(isWanted()).isTrue();
    }
}
