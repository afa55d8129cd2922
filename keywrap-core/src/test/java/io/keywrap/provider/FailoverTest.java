package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekLease;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekThrottledException;
import io.keywrap.KekUnreachableException;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A REPLICA KEK stands in for CONTROL KEKs that are out of reach, and for no others. */
class FailoverTest extends CacheFixture {
    private static final KekId SECOND = KekId.of("fake:second");
    private static final KekId REPLICA = KekId.of("fake:replica");
    private static final KekId OTHER_REPLICA = KekId.of("fake:other-replica");

    private final List<KekId> asked = new ArrayList<>();
    private final List<Long> askedAt = new ArrayList<>();

    @BeforeEach
    void note() {
        kms.askedToUnwrap = kekId -> {
            asked.add(kekId);
            askedAt.add(time.nanoTime());
        };
    }

    static Stream<Function<Failure, KekException>> outages() {
        return Stream.of(KekUnreachableException::new, KekThrottledException::new);
    }

    static Stream<Function<Failure, KekException>> answers() {
        return Stream.of(
                CacheFixture::disabled,
                CacheFixture::denied,
                failure -> new KekRevokedException(failure, Reason.DELETED),
                failure -> new KekRevokedException(failure, Reason.EXPIRED),
                failure -> new KekRevokedException(failure, Reason.UNAVAILABLE_BY_CUSTOMER),
                KekNotFoundException::new,
                KekConfigurationException::new,
                InvalidWrappedDekException::new);
    }

    @Nested
    class WithAReplica {
        @Test
        void controlAloneIsAsked() {
            open(one()).close();
            assertThat(asked).containsExactly(FakeKms.KEK);
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.provider.FailoverTest#outages")
        void theReplicaServesWhileControlIsOutOfReach(Function<Failure, KekException> outage) {
            fail(outage);
            open(one()).close();
            assertThat(asked).endsWith(REPLICA).startsWith(FakeKms.KEK);
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.provider.FailoverTest#answers")
        void noOtherAnswerOfControlIsPassedOver(Function<Failure, KekException> answer) {
            fail(answer);
            KekException expected = answer.apply(Failure.of(FakeKms.KEK, "it"));
            assertThatExceptionOfType(KekException.class)
                    .isThrownBy(() -> open(one()))
                    .isInstanceOf(expected.getClass())
                    .satisfies(e -> assertThat(e.kekId()).contains(FakeKms.KEK));
            assertThat(asked).doesNotContain(REPLICA);
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.provider.FailoverTest#answers")
        void whatTheReplicaAnswersIsNoVeto(Function<Failure, KekException> answer) {
            kms.faults.put(REPLICA, answer);
            open(one()).close();
            fail(KekUnreachableException::new);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> open(one()))
                    .satisfies(e -> assertThat(e.kekId()).contains(FakeKms.KEK));
            open(wraps(List.of(wrapped), List.of(of(REPLICA), of(OTHER_REPLICA))))
                    .close();
        }

        @Test
        void anotherKeyOfTheReplicaIsNotLeased() {
            fail(KekUnreachableException::new);
            DekWraps wraps = wraps(List.of(wrapped), List.of(relabelled(FakeKms.wrapped(REPLICA))));
            assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> open(wraps));
        }

        @Test
        void controlHasHalfOfTheTimeAndTheReplicaTheRest() {
            long began = time.nanoTime();
            kms.duringUnwrap = () -> {
                if (asked.get(asked.size() - 1).equals(FakeKms.KEK)) {
                    time.advance(Duration.ofSeconds(5)); // As long as its deadline lets it.
                }
            };
            fail(KekUnreachableException::new);
            open(one()).close();
            assertThat(asked).containsExactly(FakeKms.KEK, REPLICA);
            assertThat(askedAt.get(1) - began).isEqualTo(Duration.ofSeconds(5).toNanos());
        }
    }

    @Nested
    class AControlThatIsKnownToBeRevoked {
        @ParameterizedTest
        @MethodSource("io.keywrap.provider.FailoverTest#verdicts")
        void isNotStoodInForWhenItFallsSilent(Function<Failure, KekException> verdict) {
            fail(verdict);
            assertThatExceptionOfType(KekException.class).isThrownBy(() -> open(one()));
            fail(KekUnreachableException::new);
            for (Duration later : List.of(REFUSALS, DEADLINE, Duration.ofDays(2))) {
                time.advance(later);
                assertThatExceptionOfType(KekException.class)
                        .isThrownBy(() -> open(one()))
                        .isNotInstanceOf(KekUnreachableException.class);
            }
            assertThat(asked).doesNotContain(REPLICA);
        }

        @Test
        void isStoodInForOnceItHasWorkedAgain() {
            fail(CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(one()));
            kms.faults.clear();
            time.advance(REFUSALS);
            open(one()).close();
            fail(KekUnreachableException::new);
            time.advance(DEADLINE);
            open(one()).close();
            assertThat(asked).endsWith(REPLICA);
        }

        @Test
        void endsWhatIsKeptAndLeasedWhenItIsNoticedAtARefresh() {
            DekLease lease = open(one());
            fail(CacheFixture::disabled);
            time.advance(DEADLINE.multipliedBy(95).dividedBy(100));
            lease.ensureUsable();
            runBackground();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(one()));
            assertThat(asked).doesNotContain(REPLICA);
        }
    }

    static Stream<Function<Failure, KekException>> verdicts() {
        return Stream.of(CacheFixture::disabled, CacheFixture::denied, KekNotFoundException::new);
    }

    static Stream<Function<Failure, KekException>> definite() {
        return Stream.of(CacheFixture::disabled, KekNotFoundException::new);
    }

    @Nested
    class WhileAReplicaStandsIn {
        private DekLease lease;

        @BeforeEach
        void cutControlOff() {
            fail(KekUnreachableException::new);
            lease = open(one());
            asked.clear();
        }

        @Test
        void nobodyWaitsForControlAgain() {
            for (int i = 0; i < 100; i++) {
                open(one()).close();
            }
            assertThat(asked).isEmpty();
        }

        @Test
        void controlIsAskedInTheBackgroundAndServesAgain() {
            kms.faults.clear();
            time.advance(Duration.ofSeconds(4));
            open(one()).close();
            runBackground();
            assertThat(asked).containsExactly(FakeKms.KEK);
            time.advance(DEADLINE.minusSeconds(10));
            lease.ensureUsable();
            runBackground();
            open(one()).close();
            lease.ensureUsable();
            assertThat(asked).containsOnly(FakeKms.KEK);
        }

        @ParameterizedTest
        @MethodSource("io.keywrap.provider.FailoverTest#definite")
        void aControlThatAnswersThatItIsRevokedEndsEverything(Function<Failure, KekException> verdict) {
            fail(verdict);
            time.advance(Duration.ofSeconds(4));
            lease.ensureUsable();
            runBackground();
            assertThatExceptionOfType(KekException.class)
                    .isThrownBy(lease::ensureUsable)
                    .isNotInstanceOf(KekUnreachableException.class);
            assertThat(providers.statistics().entries()).as("what is kept").isZero();
            fail(KekUnreachableException::new);
            time.advance(REFUSALS);
            assertThatExceptionOfType(KekException.class)
                    .isThrownBy(() -> open(one()))
                    .isNotInstanceOf(KekUnreachableException.class);
            assertThat(asked).doesNotContain(REPLICA);
        }

        @Test
        void aReplicaThatIsRevokedEndsItToo() {
            kms.faults.put(REPLICA, CacheFixture::disabled);
            time.advance(DEADLINE.multipliedBy(95).dividedBy(100));
            lease.ensureUsable();
            runBackground();
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(lease::ensureUsable)
                    .satisfies(e -> assertThat(e.kekId()).contains(REPLICA));
        }

        @Test
        void whatIsStillKeptOfControlSaysNothingOfNow() {
            kms.faults.clear();
            WrappedDek other = FakeKms.wrapped();
            WrappedDek otherReplica =
                    WrappedDek.builder(other.dekId(), REPLICA).kekVersion("1").build("COPY", other.wrappedBytes());
            DekWraps ofOther = new DekWraps(List.of(other), List.of(otherReplica), CONTEXT, checkValue(other));
            time.advance(Duration.ofHours(1));
            open(ofOther).close();
            fail(KekUnreachableException::new);
            open(one()).close();
            asked.clear();
            open(ofOther).close();
            open(one()).close();
            assertThat(asked).as("by callers who wait").isEmpty();
        }

        @Test
        void afterALongTimeControlIsAskedFirst() {
            lease.close();
            time.advance(Duration.ofHours(1));
            kms.faults.clear();
            open(one()).close();
            assertThat(asked).containsExactly(FakeKms.KEK);
        }
    }

    @Nested
    class OfSeveralControls {
        @Test
        void aSilentOneIsStoodInForAndTheOthersAreAskedAllTheSame() {
            kms.faults.put(SECOND, KekUnreachableException::new);
            open(two()).close();
            assertThat(asked).startsWith(FakeKms.KEK, SECOND).endsWith(REPLICA);
        }

        @Test
        void noneIsStoodInForByTheOther() {
            kms.faults.put(SECOND, KekUnreachableException::new);
            assertThatExceptionOfType(KekUnreachableException.class)
                    .isThrownBy(() -> open(wraps(List.of(wrapped, of(SECOND)), List.of())))
                    .satisfies(e -> assertThat(e.kekId()).contains(SECOND));
        }

        @Test
        void aRevokedOneClosesHoweverSilentTheFirstIs() {
            kms.duringUnwrap = () -> {
                if (asked.get(asked.size() - 1).equals(FakeKms.KEK)) {
                    time.advance(Duration.ofMillis(2500)); // Its whole share: half of the half.
                }
            };
            fail(KekUnreachableException::new);
            kms.faults.put(SECOND, CacheFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(() -> open(two()))
                    .satisfies(e -> assertThat(e.kekId()).contains(SECOND));
            assertThat(asked).containsExactly(FakeKms.KEK, SECOND);
        }

        @Test
        void aRevokedOneEndsLeasesInWhichTheOtherIsStoodInFor() {
            fail(KekUnreachableException::new);
            DekLease lease = open(two());
            kms.faults.put(SECOND, CacheFixture::disabled);
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekRevokedException.class)
                    .isThrownBy(lease::ensureUsable)
                    .satisfies(e -> assertThat(e.kekId()).contains(SECOND));
        }
    }

    @Nested
    class WithoutACache {
        @BeforeEach
        void keepNothing() {
            providers.close();
            providers = KeyProviders.builder()
                    .time(time)
                    .register(kms)
                    .executor(background::add)
                    .cacheDeadline(Duration.ZERO)
                    .build();
        }

        @Test
        void aVerdictEndsTheLeaseAllTheSame() {
            fail(KekUnreachableException::new);
            DekLease lease = open(one());
            fail(CacheFixture::disabled);
            time.advance(Duration.ofSeconds(10));
            lease.ensureUsable();
            runBackground();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
            fail(KekUnreachableException::new);
            time.advance(Duration.ofSeconds(10));
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(one()));
        }
    }

    private DekLease open(DekWraps wraps) {
        return providers.deks().lease(wraps);
    }

    private void runBackground() {
        while (!background.isEmpty()) {
            background.remove().run();
        }
    }

    private DekWraps one() {
        return wraps(List.of(wrapped), List.of(of(REPLICA)));
    }

    private DekWraps two() {
        return wraps(List.of(wrapped, of(SECOND)), List.of(of(REPLICA)));
    }

    private DekWraps wraps(List<WrappedDek> control, List<WrappedDek> replicas) {
        return new DekWraps(control, replicas, CONTEXT, checkValue(wrapped));
    }

    private WrappedDek of(KekId kekId) {
        return WrappedDek.builder(wrapped.dekId(), kekId).kekVersion("1").build("COPY", wrapped.wrappedBytes());
    }

    private WrappedDek relabelled(WrappedDek other) {
        return WrappedDek.builder(wrapped.dekId(), other.kekId())
                .kekVersion("1")
                .build("COPY", other.wrappedBytes());
    }
}
