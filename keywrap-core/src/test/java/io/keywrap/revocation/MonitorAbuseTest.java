package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.CallPurpose;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProvider.Place;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one customer, a damaged record or a listener must not do to the monitoring of the others. */
class MonitorAbuseTest {
    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId kek = cloud.kek("acme");
    private final Jvm jvm = new Jvm(store, time, 1, options -> {}, cloud, vendor);

    @AfterEach
    void close() {
        jvm.close();
    }

    private static void run(KekMonitor monitor, ManualTime time, Duration howLong) {
        for (Duration passed = Duration.ZERO; passed.compareTo(howLong) < 0; passed = passed.plusMillis(500)) {
            time.advance(Duration.ofMillis(500));
            monitor.step();
        }
    }

    private void run(Duration howLong) {
        run(jvm.monitor, time, howLong);
    }

    private DekId keychain(String id, KekId control) {
        jvm.keychains.create(id, spec -> spec.control(control));
        return store.load(id).orElseThrow().deks().get(0).id();
    }

    /** As a job finds it whose DEK is not kept. */
    private void denied(String id, KekId control) {
        cloud.deny(control);
        KeychainRecord record = store.load(id).orElseThrow();
        DekEntry entry = record.deks().get(0);
        assertThatThrownBy(() -> jvm.providers
                        .provider(control)
                        .unwrap(
                                entry.wraps().get(0).wrapped(),
                                EncryptionContext.ofDek(id, entry.id(), record.keyContext()),
                                jvm.providers.foregroundDeadline()))
                .isInstanceOf(KekRevokedException.class);
    }

    @Test
    void whoHasManyAccountsCanWithdrawThemAllAtOnce() {
        List<KekId> theirs = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            theirs.add(cloud.kek("account-" + i));
            keychain("theirs-" + i, theirs.get(i));
            keychain("another-" + i, cloud.kek("another-" + i));
            keychain("more-" + i, cloud.kek("more-" + i));
        }
        run(Duration.ofMinutes(70)); // All are idle by then, and seldom heard of.
        for (int i = 0; i < 9; i++) {
            denied("theirs-" + i, theirs.get(i));
        }
        run(Duration.ofMinutes(1));
        assertThat(theirs).allSatisfy(one -> assertThat(jvm.state(one)).isEqualTo(KekState.REVOKED));
        assertThat(jvm.state(cloud.kek("another-0"))).isEqualTo(KekState.ACTIVE);
    }

    @Test
    void threeWhoAreDeniedFirstDoNotHoldBackTheDenialOfAnother() {
        for (int i = 0; i < 3; i++) {
            keychain("revoked-" + i, cloud.kek("revoked-" + i)); // Who were revoked before can tell nothing.
            keychain("another-" + i, cloud.kek("another-" + i));
            keychain("theirs-" + i, cloud.kek("theirs-" + i));
            keychain("more-" + i, cloud.kek("more-" + i));
        }
        keychain("tenant-1", kek);
        run(Duration.ofMinutes(2));
        for (int i = 0; i < 3; i++) {
            cloud.disable(cloud.kek("revoked-" + i));
        }
        run(Duration.ofMinutes(70));
        denied("theirs-0", cloud.kek("theirs-0"));
        run(Duration.ofSeconds(2));
        denied("theirs-1", cloud.kek("theirs-1"));
        denied("theirs-2", cloud.kek("theirs-2"));
        denied("tenant-1", kek);
        run(Duration.ofMinutes(1));
        assertThat(jvm.state(kek)).isEqualTo(KekState.REVOKED);
    }

    @Test
    void anOwnMistakeIsOneAlsoWithMoreWitnesses() {
        for (int i = 0; i < 12; i++) {
            keychain("tenant-" + i, cloud.kek("tenant-" + i));
        }
        run(Duration.ofMinutes(2));
        for (int i = 0; i < 12; i++) {
            cloud.deny(cloud.kek("tenant-" + i));
        }
        run(Duration.ofMinutes(10));
        assertThat(jvm.told(OwnFault.class)).isNotEmpty();
        assertThat(jvm.providers.states().all()).noneMatch(standing -> standing.state() == KekState.REVOKED);
    }

    @Test
    void aDekThatIsGoneFromTheStoreIsNotUnwrappedAnyMore() {
        DekId gone = keychain("tenant-1", kek);
        DekId stays = keychain("tenant-2", kek);
        run(Duration.ofMinutes(3));
        assertThat(cloud.given).contains(gone);
        store.records.remove("tenant-1");
        run(Duration.ofMinutes(32));
        cloud.given.clear();
        run(Duration.ofMinutes(10));
        assertThat(cloud.given).containsExactly(stays);
    }

    @Test
    void aWrapThatTheKekDoesNotTakeGivesWayToAnother() {
        cloud.damaged.add(keychain("tenant-1", kek));
        DekId good = keychain("tenant-2", kek);
        run(Duration.ofMinutes(5));
        assertThat(cloud.given).contains(good);
    }

    @Test
    void manyWrapsThatTheKekDoesNotTakeGiveWayToAnother() {
        for (int i = 0; i < 5; i++) {
            cloud.damaged.add(keychain("damaged-" + i, kek));
        }
        DekId good = keychain("tenant-1", kek);
        run(Duration.ofMinutes(40));
        assertThat(cloud.given).contains(good);
    }

    @Test
    void aSuspectKekThatTheStoreDoesNotKnowIsNotLookedForAllTheTime() {
        keychain("tenant-1", kek);
        KeyProvider foreign = jvm.providers.provider(cloud.kek("foreign"));
        EncryptionContext context = EncryptionContext.of("a", "b");
        try (Dek dek = Dek.takeOwnershipOf(DekId.random(), new byte[Dek.BYTES])) {
            WrappedDek wrapped = foreign.wrap(dek, context, jvm.providers.deadline(CallPurpose.FOREGROUND));
            cloud.deny(foreign.kekId());
            assertThatThrownBy(() -> foreign.unwrap(wrapped, context, jvm.providers.foregroundDeadline()))
                    .isInstanceOf(KekRevokedException.class);
        }
        run(Duration.ofMinutes(5));
        assertThat(store.searches.get()).isBetween(2, 12);
    }

    @Test
    void aListenerMayWaitForAnotherThreadThatAsksTheMonitor() {
        AtomicReference<KekMonitor> monitor = new AtomicReference<>();
        List<Boolean> answered = new CopyOnWriteArrayList<>();
        KeyProviders providers = KeyProviders.builder()
                .time(time)
                .register(cloud)
                .register(vendor)
                .listener(event -> {
                    if (event instanceof ServiceOutage) {
                        CompletableFuture<Integer> watched = CompletableFuture.supplyAsync(
                                () -> monitor.get().watched());
                        answered.add(watched.completeOnTimeout(-1, 5, TimeUnit.SECONDS)
                                        .join()
                                > 0);
                    }
                })
                .build();
        KeychainSeal seal = KeychainSeal.wrappedBy(Jvm.SEAL);
        Keychains keychains = Keychains.builder(store, providers).seal(seal).build();
        for (int i = 0; i < 5; i++) {
            KekId one = cloud.kek("tenant-" + i);
            keychains.create("tenant-" + i, spec -> spec.control(one));
        }
        try (providers;
                KekMonitor made =
                        KekMonitor.builder(store, providers).seal(seal).build()) {
            monitor.set(made);
            run(made, time, Duration.ofMinutes(2));
            cloud.dark = true;
            run(made, time, Duration.ofMinutes(3));
            cloud.dark = false;
            run(made, time, Duration.ofMinutes(2));
        }
        assertThat(answered).as("dark, and light again").containsExactly(true, true);
    }

    @Test
    void whenThoseWhoAskADarkServiceAreGoneOthersDo() {
        Service service = new Service("cloud", 20);
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            KekId one = cloud.kek("tenant-" + i);
            watches.add(new Watch(new VersionInUse(one, "1"), Place.of(one), i));
            service.queue(watches.get(i));
        }
        service.darken();
        watches.subList(0, 3).forEach(service::drop);
        assertThat(service.nextDue()).isLessThan(Long.MAX_VALUE);
        assertThat(service.lighten()).isEmpty();
    }
}
