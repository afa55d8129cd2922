package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.keychain.Keychain;
import io.keywrap.testkit.KeywrapExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What a test has with the extension, and what the extension does after it. */
class KeywrapExtensionTest {
    @Nested
    class ATest {
        @RegisterExtension
        final KeywrapExtension keywrap = new KeywrapExtension();

        private final Keychain keychain = keywrap.keychain();

        @Test
        void hasOneKeychainUnderTheCustomersKekSealedByTheVendors() {
            assertThat(keywrap.keychain()).isSameAs(keychain);
            assertThat(keychain.record().recipients())
                    .extracting(recipient -> recipient.kekId().uri())
                    .containsExactly("memory:customer");
            assertThat(keywrap.store().load("tenant").orElseThrow().sealKey().kekId())
                    .isEqualTo(keywrap.vendorKek().id());
            assertThat(keywrap.vendorKek().id().uri()).isEqualTo("memory:vendor");
        }

        @Test
        void hasOneClockForEverything() {
            keywrap.kek().scheduleDeletion(Duration.ofDays(7));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(keychain::primary)
                    .satisfies(e -> assertThat(e.deletion()).contains(KeywrapExtension.START.plus(Duration.ofDays(7))));
            keywrap.time().advance(Duration.ofDays(7));
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(keychain::primary)
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DELETED));
            assertThat(keywrap.providers().time()).isSameAs(keywrap.time());
        }

        @Test
        void mayCheckLeasesInTheMiddle() {
            try (DekLease lease = keychain.primary()) {
                assertThatExceptionOfType(AssertionError.class)
                        .isThrownBy(() -> keywrap.leaks().assertNoOpenLease())
                        .withMessageContaining(lease.dekId().hex());
            }
        }

        @Test
        void mayHaveMoreKeksAndKeychains() {
            Keychain other = keywrap.keychains()
                    .create(
                            "other",
                            spec -> spec.control(keywrap.kms().kek("other").id()));
            keywrap.kek().disable();
            other.primary().close();
        }
    }

    @Nested
    class AfterATest {
        @Test
        void theProvidersAreClosed() {
            succeeds(Keeping.class);
            assertThatIllegalStateException()
                    .isThrownBy(() -> Keeping.keychain.primary())
                    .withMessageContaining("closed");
        }

        @Test
        void leasesThatAfterEachMethodsCloseAreNoLeak() {
            succeeds(ClosingAfterwards.class);
        }

        @Test
        void theFailureOfTheTestIsNotHiddenByALeak() {
            Throwable failure = failuresOf(FailingAndLeaking.class).get(0);
            assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessage("the test's own failure");
            assertThat(failure.getSuppressed())
                    .singleElement()
                    .satisfies(leak -> assertThat(leak).hasMessageContaining("a lease is still open"));
        }

        @Test
        void ofManyInParallelEachAnswersForItsOwnLeases() {
            List<Throwable> failures = failuresOf(EverySecondLeaks.class);
            assertThat(failures)
                    .hasSize(20)
                    .allSatisfy(failure -> assertThat(failure).hasMessageStartingWith("a lease is still open"));
        }
    }

    @Nested
    class AnExtensionOfSeveralTests {
        @ParameterizedTest
        @ValueSource(classes = {Static.class, OneInstance.class, OfTheClass.class, OneInstanceWithin.class})
        void isRefusedWithWhatToDoEvenForOneTestAndEachTimeThatItIsRun(Class<?> test) {
            for (int run = 0; run < 2; run++) {
                assertThat(failuresOf(test))
                        .singleElement()
                        .satisfies(failure ->
                                assertThat(failure).hasMessageContaining("register it in an instance field"));
            }
        }
    }

    private static void succeeds(Class<?> test) {
        run(test).assertStatistics(tests -> tests.failed(0).succeeded(1));
    }

    private static List<Throwable> failuresOf(Class<?> test) {
        return results(test)
                .allEvents()
                .failed()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow())
                .toList();
    }

    private static Events run(Class<?> test) {
        return results(test).testEvents();
    }

    private static EngineExecutionResults results(Class<?> test) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "4")
                .selectors(selectClass(test))
                .execute();
    }

    static final class Keeping {
        static Keychain keychain;

        @RegisterExtension
        final KeywrapExtension keywrap = new KeywrapExtension();

        @Test
        void keepsItsKeychain() {
            keychain = keywrap.keychain();
            keychain.primary().close();
        }
    }

    static final class ClosingAfterwards {
        @RegisterExtension
        final KeywrapExtension keywrap = new KeywrapExtension();

        private final List<DekLease> leases = new ArrayList<>();

        @Test
        void takesALease() {
            leases.add(keywrap.keychain().primary());
        }

        @AfterEach
        void close() {
            leases.forEach(DekLease::close);
        }
    }

    static final class FailingAndLeaking {
        @RegisterExtension
        final KeywrapExtension keywrap = new KeywrapExtension();

        @Test
        void fails() {
            keywrap.keychain().primary();
            throw new IllegalStateException("the test's own failure");
        }
    }

    static final class EverySecondLeaks {
        @RegisterExtension
        final KeywrapExtension keywrap = new KeywrapExtension();

        @RepeatedTest(40)
        void takesALease(RepetitionInfo repetition) {
            DekLease lease = keywrap.keychain().primary();
            if (repetition.getCurrentRepetition() % 2 == 0) {
                lease.close();
            }
        }
    }

    static final class Static {
        @RegisterExtension
        static final KeywrapExtension keywrap = new KeywrapExtension();

        @Test
        void isTheOnlyOne() {
            keywrap.keychains();
        }
    }

    @TestInstance(Lifecycle.PER_CLASS)
    static final class OneInstance {
        @RegisterExtension
        final KeywrapExtension keywrap = new KeywrapExtension();

        @Test
        void isTheOnlyOne() {
            keywrap.keychains();
        }
    }

    @ExtendWith(KeywrapExtension.class)
    static final class OfTheClass {
        @Test
        void isTheOnlyOne() {
            assertThat(true).isTrue();
        }
    }

    static final class OneInstanceWithin {
        @RegisterExtension
        final KeywrapExtension keywrap = new KeywrapExtension();

        @Nested
        @TestInstance(Lifecycle.PER_CLASS)
        class Within {
            @Test
            void isTheOnlyOne() {
                keywrap.keychains();
            }
        }
    }
}
