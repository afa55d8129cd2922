package io.keywrap.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.bench.KmsCalls.Counted;
import io.keywrap.bench.KmsCalls.Load;
import java.time.Duration;
import java.util.Collection;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** That every benchmark still runs, and that what does not depend on the machine holds. */
class BenchmarksTest {
    @Test
    void everyBodyRunsOnce() throws Exception {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("io\\.keywrap\\.bench\\..*")
                        .mode(Mode.SingleShotTime)
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.NONE)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        // Of keywrap's own in CacheHit, each runs with sealed entries and with plain ones.
        assertThat(results).hasSize(7 + 17);
    }

    @Nested
    class OfAnHourOfWork {
        private final Load load = Load.even(60_000, 20);

        @Test
        void keywrapCallsTheKmsAtMostOneAndAQuarterTimesForADekAndADeadline() {
            assertThat(countedOf("keywrap").each()).isBetween(1.0, 1.25);
        }

        @Test
        void peersWithoutACacheCallItForEveryObject() {
            assertThat(countedOf("Tink KmsEnvelopeAead").calls()).isEqualTo(60_000);
            assertThat(countedOf("AWS Encryption SDK without its cache").calls())
                    .isEqualTo(60_000);
        }

        @Test
        void thePeerWithACacheCallsItOnceForAKeyAndItsAge() {
            assertThat(countedOf("AWS Encryption SDK with its cache").each()).isBetween(0.9, 1.0);
        }

        private Counted countedOf(String name) {
            return KmsCalls.count(load, KmsCalls.subjects().get(name));
        }
    }

    @Nested
    class OfASlowKms {
        @Test
        void manyThreadsThatMissTogetherMakeOneCall() {
            assertThat(ExpiryUnderLoad.missTogether(100, Duration.ofMillis(50)).calls())
                    .isEqualTo(1);
        }

        @Test
        void nothingFailsWhileDeksAreKept() {
            ExpiryUnderLoad.Run run =
                    ExpiryUnderLoad.leaseConstantly(0.1, 2, Duration.ofMillis(5), Duration.ofSeconds(30));
            assertThat(run.latencies().failures()).isZero();
            assertThat(run.statistics().hits()).isPositive();
        }
    }

    @Nested
    class OfAKekThatHangs {
        @Test
        void anotherOneIsServed() {
            Latencies latencies = HangingKek.run(0.2, Duration.ofSeconds(1), Duration.ZERO, true);
            assertThat(latencies.failures()).isZero();
            assertThat(latencies.statistics().getN()).isPositive();
        }
    }
}
