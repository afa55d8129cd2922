package io.keywrap.revocation;

import static io.keywrap.revocation.TallyTest.control;
import static io.keywrap.revocation.TallyTest.dek;
import static io.keywrap.revocation.TallyTest.record;
import static io.keywrap.revocation.TallyTest.replica;
import static io.keywrap.revocation.TallyTest.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KeyProvider.Place;
import io.keywrap.revocation.KekInventory.Unsealed;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a monitor reads of the store, page by page. */
class StoreRoundsTest extends RoundsFixture {
    @Test
    void whoeverMonitorsWatchesWhatTheStoreDependsOn() {
        store.create(record(
                "one",
                dek(
                        State.PRIMARY,
                        control(version.kekId(), "1"),
                        replica(other.kekId()),
                        retained(asker.cloud.kek("retained")))));
        store.create(record("two", dek(State.PRIMARY, control(KekId.of("nowhere:registered"), "1"))));
        keychain("three", version);
        assertThat(rounds.nextAt()).isEqualTo(3);
        rounds.run();
        assertThat(rounds.isHolder()).isTrue();
        assertThat(watches.all()).extracting(watch -> watch.version).containsExactlyInAnyOrder(version, other, SEAL);
        assertThat(find(version).candidates).containsExactly("one", "three");
        assertThat(find(version).keychains).isEqualTo(2);
        assertThat(find(version).deks).isEqualTo(2);
        assertThat(find(version).ofSeal).isFalse();
        assertThat(find(SEAL).ofSeal).isTrue();
        assertThat(find(SEAL).candidates).containsExactly("one");
        assertThat(find(SEAL).keychains).isEqualTo(3);
        assertThat(rounds.tally().keychains()).isEqualTo(3);
        assertThat(rounds.nextAt()).as("the next look at the notes").isEqualTo(3 + POLL.toNanos());
    }

    @Test
    void theFirstReadingIsDoneAtOnceAndTheNextIsSpreadOverHalfOfItsTime() {
        keychains(450);
        for (int page = 1; page <= 3; page++) {
            assertThat(rounds.nextAt()).isLessThanOrEqualTo(now());
            assertThat(rounds.tally().keychains()).isZero();
            rounds.run();
        }
        assertThat(rounds.tally().keychains()).isEqualTo(450);
        keychain("z", other);
        runFor(Duration.ofMinutes(15).minusNanos(1));
        assertThat(watches.find(other)).isEmpty();
        runFor(Duration.ofNanos(1)); // The first page of three.
        runFor(Duration.ofSeconds(300).minusNanos(1));
        assertThat(watches.find(other)).isEmpty();
        runFor(Duration.ofNanos(1));
        assertThat(watches.find(other)).isPresent();
        assertThat(rounds.tally().keychains()).isEqualTo(451);
        keychain("zz", asker.version("third"));
        runFor(Duration.ofMinutes(15).minusNanos(1));
        assertThat(watches.find(asker.version("third"))).isEmpty();
        runFor(Duration.ofNanos(1));
        assertThat(watches.find(asker.version("third"))).isPresent();
    }

    @Test
    void aPageThatIsJustFullIsNotTheLast() {
        keychains(200);
        rounds.run();
        assertThat(rounds.tally().keychains()).isZero();
        rounds.run();
        assertThat(rounds.tally().keychains()).isEqualTo(200);
        assertThat(find(version).keychains).isEqualTo(200);
    }

    @Test
    void aKekIsWatchedAsSoonAsItsPageWasRead() {
        keychains(450);
        rounds.run();
        assertThat(find(version).candidates).containsExactly("tenant-000", "tenant-001", "tenant-002");
        assertThat(find(version).keychains).as("not known yet").isZero();
    }

    @Test
    void whatCannotBeReadAndWhatNobodyVouchesForGivesNoCanaryAndEndsNoReading() {
        keychain("one", version);
        store.records.put("broken", new byte[] {1, 2, 3});
        keychain("tenant", version);
        unsealed.name("one", "a broken seal");
        rounds.run();
        assertThat(unsealed.all()).extracting(Unsealed::keychainId).containsExactly("one", "broken");
        assertThat(find(version).candidates).containsExactly("tenant");
        assertThat(find(SEAL).candidates).containsExactly("tenant");
        assertThat(rounds.tally().keychains()).isEqualTo(2);
    }

    @Test
    void whatNobodyVouchesForIsLookedAtOnceMoreWithEachReading() {
        unsealed.name("one", "broken");
        runFor(Duration.ofMinutes(15).minusNanos(1));
        assertThat(unsealed.isPassedOver("one")).isTrue();
        runFor(Duration.ofSeconds(10));
        assertThat(unsealed.isPassedOver("one")).isFalse();
        unsealed.name("one", "broken");
        runFor(Duration.ofMinutes(14));
        assertThat(unsealed.isPassedOver("one")).isTrue();
        runFor(Duration.ofSeconds(70));
        assertThat(unsealed.isPassedOver("one")).isFalse();
    }

    @Test
    void whatNothingDependsOnAnyMoreIsForgottenButForWhatSomebodyAskedFor() {
        keychain("one", version);
        keychain("two", other);
        rounds.run();
        VersionInUse asked = asker.version("asked");
        watches.ask(asked, new Place("cloud", "asked"), "two", now());
        store.records.remove("one");
        runFor(Duration.ofMinutes(14));
        assertThat(watches.find(version)).isPresent();
        runFor(Duration.ofMinutes(2));
        assertThat(watches.find(version)).isEmpty();
        assertThat(watches.all()).extracting(watch -> watch.version).containsExactlyInAnyOrder(other, asked, SEAL);
        assertThat(rounds.tally().keychains()).isEqualTo(1);
    }

    @Test
    void aCanaryThatIsNotInTheStoreAnyMoreIsForgottenAndOneThatIsStays() {
        KeychainRecord one = keychain("one", version);
        KeychainRecord two = keychain("two", other);
        rounds.run();
        find(version).canary = canary(one);
        find(other).canary = canary(two);
        find(SEAL).canary = new Canary("two", two.sealKey(), canary(two).keyContext());
        runFor(Duration.ofMinutes(16));
        assertThat(find(version).canary).isNotNull();
        assertThat(find(SEAL).canary).isNotNull();
        keychain("one", version); // With another DEK.
        runFor(Duration.ofMinutes(15));
        assertThat(find(version).canary).isNull();
        assertThat(find(other).canary).isNotNull();
        assertThat(find(SEAL).canary).isNotNull();
    }

    private static Canary canary(KeychainRecord record) {
        return new Canary(
                record.keychainId(),
                record.deks().get(0).wraps().get(0).wrapped(),
                Asker.canary(SEAL).keyContext());
    }

    @Test
    void aSearchThatHasFoundNoneBeginsAgainWithEachReading() {
        keychain("one", version);
        rounds.run();
        Canaries canaries = new Canaries(store, asker.providers, KeychainSeal.wrappedBy(Jvm.SEAL));
        while (!find(version).cursor.isOver()) {
            canaries.more(version, find(version).cursor);
        }
        runFor(Duration.ofMinutes(16));
        assertThat(find(version).cursor.isOver()).isFalse();
    }

    @Test
    void threeKeychainsAreThoughtOfWhereverInTheStoreTheyAre() {
        keychain("a", other);
        keychains(200);
        keychain("z1", other);
        keychain("z2", other);
        rounds.run();
        assertThat(find(other).candidates).containsExactly("a");
        rounds.run();
        assertThat(find(other).candidates).containsExactly("a", "z1", "z2");
    }

    @Test
    void sixteenVersionsOfTheKekOfTheSealsAreWatched() {
        for (int i = 0; i < 17; i++) {
            WrappedDek sealKey = WrappedDek.builder(DekId.random(), Jvm.SEAL)
                    .kekVersion("v" + i)
                    .build("COPY", new byte[32]);
            KeychainRecord record =
                    record("tenant-%02d".formatted(i), dek(State.PRIMARY, control(version.kekId(), "1")));
            store.create(record.next().sealKey(sealKey).build(body -> new byte[48]));
        }
        rounds.run();
        assertThat(watches.all()).filteredOn(watch -> watch.ofSeal).hasSize(16);
    }
}
