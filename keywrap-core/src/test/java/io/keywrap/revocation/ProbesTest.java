package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KekEvent.CallEnded;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Place;
import io.keywrap.revocation.KekInventory.Unsealed;
import io.keywrap.store.KeychainRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One canary: where it comes from, what it costs, and what is left of it. */
class ProbesTest {
    private final ManualTime time = new ManualTime();
    private final long begun = time.nanoTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final VersionInUse version = new VersionInUse(kek, "1");
    private final Jvm writer = new Jvm(store, time, 1, options -> {}, cloud, vendor);
    /** Whose providers have kept nothing yet. */
    private final Jvm reader = new Jvm(store, time, 2, options -> {}, cloud, vendor);

    private final Canaries canaries = new Canaries(store, reader.providers, KeychainSeal.wrappedBy(Jvm.SEAL));
    private final Unvouched unsealed = new Unvouched();
    private Watches watches = watches(20);
    private Watch watch = watches.watch(version, new Place("cloud", "acme"), 0);

    @AfterEach
    void close() {
        writer.close();
        reader.close();
    }

    private Watches watches(int callsPerSecond) {
        return new Watches(
                Asker.options(callsPerSecond, callsPerSecond), () -> Long.MIN_VALUE, reader.providers.states());
    }

    private Keychain keychain(String id) {
        return writer.keychains.create(id, spec -> spec.control(kek));
    }

    private DekId dek(String id) {
        return store.load(id).orElseThrow().deks().get(0).id();
    }

    private void broken(String id) {
        KeychainRecord genuine = store.load(id).orElseThrow();
        store.records.put(id, genuine.next().build(body -> new byte[48]).toBytes());
    }

    private long now() {
        return time.nanoTime() - begun;
    }

    /** Its turn has come. */
    private void send() {
        assertThat(watches.take("vendor", watch.due)).containsSame(watch);
        new Probes(reader.providers, canaries, watches, unsealed).send(watch, this::now);
        assertThat(watch.flying).isFalse();
    }

    @Test
    void itIsUnwrappedAsACanaryAndWiped() {
        keychain("tenant-1");
        watch.candidate("tenant-1");
        List<Dek> given = new ArrayList<>();
        cloud.handedOut = given::add;
        send();
        assertThat(given).singleElement().satisfies(dek -> {
            assertThat(dek.id()).isEqualTo(dek("tenant-1"));
            assertThat(dek.isClosed()).isTrue();
        });
        assertThat(reader.told(CallEnded.class))
                .filteredOn(call -> call.kekId().equals(kek))
                .singleElement()
                .satisfies(call -> assertThat(call.purpose()).isEqualTo(CallPurpose.CANARY));
        assertThat(watch.probed).isTrue();
        assertThat(watch.searching).isFalse();
        assertThat(watch.candidates).containsExactly("tenant-1");
        int before = vendor.unwraps(Jvm.SEAL);
        send();
        assertThat(given).hasSize(2);
        assertThat(vendor.unwraps(Jvm.SEAL)).as("it was vouched for before").isEqualTo(before);
    }

    @Test
    void aKekThatRefusesKeepsItsCanary() {
        keychain("tenant-1");
        watch.candidate("tenant-1");
        cloud.disable(kek);
        send();
        assertThat(watch.state).isEqualTo(KekState.REVOKED);
        assertThat(watch.probed).isTrue();
        assertThat(watch.canary).isNotNull();
        assertThat(watch.candidates).containsExactly("tenant-1");
    }

    @Test
    void oneThatTheKekDoesNotTakeGivesWayToTheNextThatIsThoughtOf() {
        for (String id : List.of("tenant-1", "tenant-2")) {
            keychain(id);
            watch.candidate(id);
        }
        cloud.damaged.add(dek("tenant-1"));
        send();
        assertThat(watch.canary).isNull();
        assertThat(watch.candidates).containsExactly("tenant-2");
        assertThat(watch.toldDamaged).isTrue();
        assertThat(cloud.given).isEmpty();
        send();
        assertThat(cloud.given).containsExactly(dek("tenant-2"));
    }

    @Test
    void whereNoneIsThoughtOfTheStoreIsSearchedAndEachIsVouchedForFirst() {
        for (int i = 0; i < 3; i++) {
            keychain("tenant-" + i);
        }
        broken("tenant-0");
        send();
        assertThat(cloud.given).containsExactly(dek("tenant-1"));
        assertThat(unsealed.all()).extracting(Unsealed::keychainId).containsExactly("tenant-0");
        assertThat(watch.candidates).containsExactly("tenant-1", "tenant-2");
        assertThat(watch.searching).isFalse();
    }

    @Test
    void threeRecordsAreLookedAtInATurnAndTheSearchGoesOn() {
        for (int i = 0; i < 5; i++) {
            keychain("tenant-" + i);
            if (i < 4) {
                broken("tenant-" + i);
            }
        }
        send();
        assertThat(unsealed.all()).hasSize(3);
        assertThat(watch.searching).isTrue();
        assertThat(watch.probed).isFalse();
        assertThat(cloud.given).isEmpty();
        send();
        assertThat(cloud.given).containsExactly(dek("tenant-4"));
        assertThat(watch.searching).isFalse();
    }

    @Test
    void withoutRoomInTheBudgetOneRecordIsLookedAtInATurn() {
        watches = watches(2);
        watch = watches.watch(version, new Place("cloud", "acme"), 0);
        for (int i = 0; i < 3; i++) {
            keychain("tenant-" + i);
            broken("tenant-" + i);
        }
        time.advance(Duration.ofNanos(watch.due));
        send(); // Its turn took both calls of this second.
        assertThat(unsealed.all()).hasSize(1);
        assertThat(watch.searching).isTrue();
        time.advance(Duration.ofSeconds(1));
        send();
        assertThat(unsealed.all()).hasSize(2);
    }

    @Test
    void theSearchEndsWhereTheStoreHasNoMore() {
        keychain("tenant-1");
        broken("tenant-1");
        send();
        assertThat(watch.searching).as("there is another role").isTrue();
        assertThat(watch.candidates).isEmpty();
        send();
        assertThat(watch.searching).isFalse();
        assertThat(watch.cursor.isOver()).isTrue();
        assertThat(cloud.unwraps(kek)).isZero();
    }

    @Test
    void whatNobodyVouchesForIsNotLookedAtAgainBeforeItIsTime() {
        keychain("tenant-1");
        broken("tenant-1");
        unsealed.name("tenant-1", "broken");
        watch.candidate("tenant-1");
        int before = vendor.unwraps(Jvm.SEAL);
        send();
        assertThat(vendor.unwraps(Jvm.SEAL)).isEqualTo(before);
        assertThat(watch.candidates).isEmpty();
    }

    @Test
    void whatWasMendedIsVouchedForAgain() {
        keychain("tenant-1");
        unsealed.name("tenant-1", "broken");
        unsealed.lookAgain();
        watch.candidate("tenant-1");
        send();
        assertThat(unsealed.all()).isEmpty();
        assertThat(cloud.given).containsExactly(dek("tenant-1"));
    }

    @Test
    void aStoreThatIsOutOfReachLeavesAKnownCanaryAsItIs() {
        keychain("tenant-1");
        watches.leave(0);
        watches.own(version, watch.place, List.of("tenant-1"), 0, 0);
        watch = watches.find(version).orElseThrow();
        send();
        store.down = true;
        send();
        assertThat(cloud.unwraps(kek)).isEqualTo(2);
        assertThat(watch.own).isTrue();
        watch.canary = null;
        send();
        assertThat(cloud.unwraps(kek)).isEqualTo(2);
    }

    @Test
    void aKekThatAJvmWatchesForItselfNeverUnwrapsADekThatWasDestroyed() {
        Keychain keychain = keychain("tenant-1");
        keychain.rotate();
        DekId first = dek("tenant-1");
        watches.leave(0);
        watches.own(version, watch.place, List.of("tenant-1"), 0, 0);
        watch = watches.find(version).orElseThrow();
        send();
        assertThat(cloud.given).contains(first);
        keychain.destroyDek(first, Optional.empty());
        cloud.given.clear();
        send();
        assertThat(cloud.given).hasSize(1).doesNotContain(first);
    }

    @Test
    void theOneThatIsWatchedForAllIsReadOnce() {
        keychain("tenant-1");
        watch.candidate("tenant-1");
        send();
        store.down = true;
        send();
        assertThat(cloud.unwraps(kek)).isEqualTo(2);
    }
}
