package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KekState;
import io.keywrap.provider.KeyProvider.Place;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One owner with very many KEKs does not keep others waiting, and a KEK that cannot be asked is named. */
class FairTurnsTest {
    private static final int MANY = 400;

    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final SharedStore store = new SharedStore();
    private final KekId small = cloud.kek("small");
    private final Jvm jvm = new Jvm(store, time, 1, options -> options.callsPerSecond(4, 4), cloud, vendor);

    @AfterEach
    void close() {
        jvm.close();
    }

    private void run(Duration howLong) {
        for (Duration passed = Duration.ZERO; passed.compareTo(howLong) < 0; passed = passed.plusMillis(500)) {
            time.advance(Duration.ofMillis(500));
            jvm.monitor.step();
        }
    }

    private void keychain(KekId control) {
        jvm.keychains.create(control.uri().replace(':', '-'), spec -> spec.control(control));
    }

    private void denied(KekId control) {
        String id = control.uri().replace(':', '-');
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
    void theDenialOfOneIsConfirmedWhileAnotherHasManyThatAreDenied() {
        cloud.owner = kekId -> kekId.uri().startsWith("cloud:big-") ? "big" : kekId.uri();
        for (int i = 0; i < MANY; i++) {
            keychain(cloud.kek("big-" + i));
        }
        for (int i = 0; i < 8; i++) {
            keychain(cloud.kek("other-" + i));
        }
        keychain(small);
        run(Duration.ofMinutes(10));
        for (int i = 0; i < MANY; i++) {
            denied(cloud.kek("big-" + i));
        }
        run(Duration.ofSeconds(20));
        denied(small);
        run(Duration.ofSeconds(20));
        assertThat(jvm.state(small)).isEqualTo(KekState.REVOKED);
    }

    @Test
    void aKekWithoutACanaryIsNamedOnce() {
        Watch watch = new Watch(new VersionInUse(small, "1"), Place.of(small), 1);
        Lacks lacks = new Lacks();
        Duration longest = Duration.ofMinutes(1);
        long minute = longest.toNanos();
        assertThat(lacks.check(List.of(watch), longest, 1, 0)).isZero();
        assertThat(lacks.check(List.of(watch), longest, 1, 10 * minute - 1)).isZero();
        assertThat(lacks.check(List.of(watch), longest, 6, 10 * minute)).isZero();
        assertThat(lacks.check(List.of(watch), longest, 1, 10 * minute)).isEqualTo(1);
        assertThat(lacks.check(List.of(watch), longest, 1, 30 * minute)).isZero();
        watch.canary = new Canary(
                "tenant-1",
                WrappedDek.builder(DekId.random(), small).kekVersion("1").build("COPY", new byte[32]),
                EncryptionContext.of("a", "b"));
        assertThat(lacks.check(List.of(watch), longest, 1, 31 * minute)).isZero();
        watch.canary = null;
        assertThat(lacks.check(List.of(watch), longest, 1, 41 * minute - 1)).isZero();
        assertThat(lacks.check(List.of(watch), longest, 1, 41 * minute)).isEqualTo(1);
    }
}
