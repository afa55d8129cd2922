package io.keywrap.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.ManualTime;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekState;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A few owners are asked about each other before a denial is confirmed, or nobody would know in time that it is our fault. */
class WitnessesTest {
    private final ManualTime time = new ManualTime();
    private final Cloud cloud = new Cloud("cloud", time);
    private final Cloud vendor = new Cloud("vendor", time);
    private final List<KekId> keks =
            IntStream.range(0, 5).mapToObj(n -> cloud.kek("customer-" + n)).toList();
    private Jvm jvm;

    @BeforeEach
    void watch(RepetitionInfo seed) {
        jvm = new Jvm(new SharedStore(), time, seed.getCurrentRepetition(), options -> {}, cloud, vendor);
        for (int n = 0; n < keks.size(); n++) {
            KekId control = keks.get(n);
            jvm.keychains.create("tenant-" + n, spec -> spec.control(control));
        }
        run(Duration.ofMinutes(3).plusSeconds(seed.getCurrentRepetition()));
    }

    @AfterEach
    void close() {
        jvm.close();
    }

    private void run(Duration howLong) {
        for (long millis = 0; millis < howLong.toMillis(); millis += 500) {
            time.advance(Duration.ofMillis(500));
            jvm.monitor.step();
        }
    }

    @RepeatedTest(10)
    void whatAllAreDeniedIsKnownForOurFaultBeforeOneIsRevoked() {
        keks.forEach(cloud::deny);
        for (int second = 0; second < 300; second++) {
            run(Duration.ofSeconds(1));
            assertThat(keks).noneMatch(kek -> jvm.state(kek) == KekState.REVOKED);
        }
        assertThat(keks).allMatch(kek -> jvm.state(kek) == KekState.SUSPECT);
        assertThat(jvm.told(OwnFault.class)).hasSize(1);
    }

    @RepeatedTest(3)
    void oneThatIsDeniedCostsOneCallOfEachOther() {
        List<Integer> before = keks.stream().map(cloud::unwraps).toList();
        cloud.deny(keks.get(0));
        for (int i = 0; i < 200 && jvm.state(keks.get(0)) != KekState.SUSPECT; i++) {
            run(Duration.ofMillis(500));
        }
        run(Duration.ofSeconds(2));
        for (int n = 1; n < keks.size(); n++) { // And perhaps one that was due anyway.
            assertThat(cloud.unwraps(keks.get(n)) - before.get(n)).isBetween(1, 3);
        }
        run(Duration.ofSeconds(14));
        assertThat(jvm.state(keks.get(0))).isEqualTo(KekState.REVOKED);
        assertThat(jvm.told(OwnFault.class)).isEmpty();
    }
}
