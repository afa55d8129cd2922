package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.CallPurpose;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.ManualTime;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainRecord.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which DEK new data is encrypted with: a younger one in time, and one of its own on a host that may not unwrap. */
class PrimaryTest {
    private static final KekId VENDOR = KekId.of("fake:vendor");
    private static final KekId SECOND = KekId.of("fake:second");
    private static final Duration AGE = Duration.ofDays(90);
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final KeyProviders providers = KeyProviders.builder()
            .time(time)
            .register(kms)
            .executor(Runnable::run)
            .cacheDeadline(DEADLINE)
            .build();
    private FileKeychainStore store;

    @BeforeEach
    void open() {
        store = FileKeychainStore.open(folder);
    }

    @AfterEach
    void close() {
        providers.close();
    }

    private Keychains.Builder keychains() {
        return Keychains.builder(store, providers).seal(KeychainSeal.wrappedBy(VENDOR));
    }

    private static DekId primaryOf(Keychain keychain) {
        try (DekLease lease = keychain.primary()) {
            lease.withBytes(byte[]::clone);
            return lease.dekId();
        }
    }

    private static KekException denied(Failure failure) {
        return new KekRevokedException(failure, Reason.DENIED);
    }

    @Nested
    class ByAge {
        private Keychain keychain;

        @BeforeEach
        void create() {
            keychain = keychains().build().create("tenant", spec -> spec.control(FakeKms.KEK));
        }

        @Test
        void aYoungerOneTakesItsPlaceOnceItIsTooOld() {
            DekId first = primaryOf(keychain);
            time.advance(AGE.minusMillis(1));
            assertThat(primaryOf(keychain)).isEqualTo(first);
            time.advance(Duration.ofMillis(1));
            DekId second = primaryOf(keychain);
            assertThat(second).isNotEqualTo(first);
            assertThat(primaryOf(keychain)).isEqualTo(second);
            assertThat(keychain.record().dek(first).orElseThrow().state()).isEqualTo(State.DECRYPT_ONLY);
            keychain.lease(first).close();
        }

        @Test
        void onlyTheUseThatIsAskedForIsRenewed() {
            primaryOf(keychain);
            DekId ofEnvelopes = keychain.record().deks().get(0).id();
            time.advance(AGE);
            primaryOf(keychain);
            assertThat(keychain.record().dek(ofEnvelopes).orElseThrow().state()).isEqualTo(State.PRIMARY);
        }

        @Test
        void anotherProcessThatWasFirstIsFollowed() {
            primaryOf(keychain);
            Keychain other = keychains().build().open("tenant");
            time.advance(AGE);
            DekId renewed = primaryOf(other);
            assertThat(primaryOf(keychain)).isEqualTo(renewed);
        }

        @Test
        void theOldOneGoesOnWhereNoneCanBeMadeAndItIsTriedAgainAfterAWhile() {
            DekId first = primaryOf(keychain);
            time.advance(AGE);
            kms.wrapFaults.put(FakeKms.KEK, PrimaryTest::denied);
            int before = kms.wraps.get();
            assertThat(primaryOf(keychain)).isEqualTo(first);
            assertThat(primaryOf(keychain)).isEqualTo(first);
            assertThat(kms.wraps.get()).isEqualTo(before + 1);
            kms.wrapFaults.clear();
            time.advance(Duration.ofMinutes(1));
            assertThat(primaryOf(keychain)).isNotEqualTo(first);
        }

        @Test
        void whileOneThreadMakesAYoungerOneOthersGoOnWithTheOldOne() {
            DekId first = primaryOf(keychain);
            time.advance(AGE);
            List<DekId> meanwhile = new ArrayList<>();
            kms.duringWrap = () -> {
                kms.duringWrap = () -> {};
                meanwhile.add(RecipientsFixture.onAnotherThread(() -> primaryOf(keychain)));
            };
            assertThat(primaryOf(keychain)).isNotEqualTo(first);
            assertThat(meanwhile).containsExactly(first);
        }

        /** Such as a record that is full: hosts that may not unwrap add a DEK for each job. */
        @Test
        void theOldOneGoesOnWhereTheRecordTakesNoMore() {
            FailingStore full = new FailingStore(store);
            Keychain onFull = Keychains.builder(full, providers)
                    .seal(KeychainSeal.wrappedBy(VENDOR))
                    .build()
                    .open("tenant");
            DekId first = primaryOf(onFull);
            time.advance(AGE);
            full.everyTime = () -> {
                throw new IllegalArgumentException("a keychain has 1 to 65,535 DEKs");
            };
            assertThat(primaryOf(onFull)).isEqualTo(first);
        }

        @Test
        void aRevokedKekIsToldByTheLease() {
            primaryOf(keychain);
            time.advance(AGE);
            kms.wrapFaults.put(FakeKms.KEK, PrimaryTest::denied);
            kms.faults.put(FakeKms.KEK, PrimaryTest::denied);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(keychain::primary);
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT59M59.999S", "P3654D", "PT-1S"})
        void theAgeHasLimits(String age) {
            assertThatIllegalArgumentException().isThrownBy(() -> keychains().primaryAge(Duration.parse(age)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT1H", "P3653D"})
        void theAgeMayBeAtItsLimits(String age) {
            keychains().primaryAge(Duration.parse(age)).build();
        }
    }

    @Nested
    class OfAHostThatMayNotUnwrap {
        private Keychains agents;

        @BeforeEach
        void takeTheRightAway() {
            agents = keychains().wrapOnly().build();
            keychains()
                    .build()
                    .create("tenant", spec -> spec.control(FakeKms.KEK).control(SECOND));
            kms.faults.put(FakeKms.KEK, PrimaryTest::denied);
            kms.faults.put(SECOND, PrimaryTest::denied);
        }

        @Test
        void eachJobHasOneOfItsOwn() {
            Keychain job = agents.open("tenant");
            DekId first = primaryOf(job);
            for (int i = 0; i < 100; i++) {
                assertThat(primaryOf(job)).isEqualTo(first);
            }
            Keychain next = agents.open("tenant");
            assertThat(primaryOf(next)).isNotEqualTo(first);
        }

        /** A monitor would hold the carrier of a virtual thread for as long as the KMS takes. */
        @Test
        void noMonitorIsHeldDuringCalls() {
            Keychain job = agents.open("tenant");
            kms.duringWrap = () -> assertThat(Thread.holdsLock(job)).isFalse();
            primaryOf(job);
            assertThat(kms.wraps.get()).isPositive();
        }

        @Test
        void whoeverMayUnwrapReadsWhatTheJobHasWritten() {
            DekId id = primaryOf(agents.open("tenant"));
            kms.faults.clear();
            time.advance(DEADLINE);
            keychains().build().open("tenant").lease(id).close();
        }

        @Test
        void aLongJobIsProvenByWrappingAndKeepsItsDek() {
            Keychain job = agents.open("tenant");
            DekId first;
            try (DekLease lease = job.primary()) {
                first = lease.dekId();
                for (int seconds = 0; seconds < 24 * 3600; seconds += 20) {
                    time.advance(Duration.ofSeconds(20));
                    lease.ensureUsable();
                }
            }
            assertThat(primaryOf(job)).isEqualTo(first);
        }

        @Test
        void aLongJobEndsWhenItMayNotWrapAnyMore() {
            for (KekId one : new KekId[] {FakeKms.KEK, SECOND}) {
                try (DekLease lease = agents.open("tenant").primary()) {
                    kms.wrapFaults.put(one, PrimaryTest::denied);
                    time.advance(DEADLINE);
                    assertThatExceptionOfType(KekRevokedException.class).isThrownBy(lease::ensureUsable);
                    kms.wrapFaults.clear();
                }
                time.advance(Duration.ofSeconds(5));
            }
        }

        @Test
        void aLongJobSurvivesAnOutage() {
            try (DekLease lease = agents.open("tenant").primary()) {
                kms.wrapFaults.put(FakeKms.KEK, KekUnreachableException::new);
                time.advance(DEADLINE);
                lease.ensureUsable();
                time.advance(DEADLINE);
                lease.ensureUsable();
            }
        }

        @Test
        void aJobThatPausedPastTheDeadlineMakesAnother() {
            Keychain job = agents.open("tenant");
            DekId first = primaryOf(job);
            time.advance(DEADLINE);
            assertThat(primaryOf(job)).isNotEqualTo(first);
        }

        @Test
        void nothingIsCommittedWhereNoneCanBeMade() {
            Keychain job = agents.open("tenant");
            kms.wrapFaults.put(SECOND, PrimaryTest::denied);
            long revision = job.record().revision();
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(job::primary);
            assertThat(agents.open("tenant").record().revision()).isEqualTo(revision);
        }

        /** What is sealed with a key that its wrap does not have would be lost with all DEKs in it. */
        @Test
        void nothingIsCommittedUnderAnotherSealKeyThanBefore() {
            KeyProviders patient = KeyProviders.builder()
                    .time(time)
                    .register(kms)
                    .cacheDeadline(DEADLINE)
                    .budget(CallPurpose.FOREGROUND, DEADLINE.plusSeconds(1))
                    .build();
            Keychain job = Keychains.builder(store, patient)
                    .seal(KeychainSeal.wrappedBy(VENDOR))
                    .wrapOnly()
                    .build()
                    .open("tenant");
            long revision = job.record().revision();
            int made = kms.wraps.get() + 2; // One under each KEK.
            kms.duringWrap = () -> {
                if (kms.wraps.get() == made) {
                    time.advance(DEADLINE); // The seal key that the record was checked with is not kept any more.
                    kms.answersWithAnotherKey = true;
                }
            };
            assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(job::primary);
            patient.close();
            kms.answersWithAnotherKey = false;
            time.advance(DEADLINE);
            assertThat(agents.open("tenant").record().revision()).isEqualTo(revision);
        }

        @Test
        void aLongJobMakesAYoungerOneInTime() {
            Keychain job = keychains()
                    .wrapOnly()
                    .primaryAge(Duration.ofHours(1))
                    .build()
                    .open("tenant");
            try (DekLease lease = job.primary()) {
                for (int seconds = 0; seconds < 3580; seconds += 20) {
                    time.advance(Duration.ofSeconds(20));
                    lease.ensureUsable();
                }
                assertThat(primaryOf(job)).isEqualTo(lease.dekId());
                time.advance(Duration.ofSeconds(20));
                assertThat(primaryOf(job)).isNotEqualTo(lease.dekId());
            }
        }

        @Test
        void aJobWhoseDekWasDestroyedMakesAnother() {
            Keychain job = agents.open("tenant");
            DekId first = primaryOf(job);
            job.destroyDek(first, Optional.empty());
            DekId second = primaryOf(job);
            assertThat(second).isNotEqualTo(first);
            agents.open("tenant").destroyDek(second, Optional.empty());
            assertThat(primaryOf(job)).isNotEqualTo(second);
        }

        @Test
        void anotherDekIsRefusedByTheKms() {
            Keychain job = agents.open("tenant");
            DekId others = primaryOf(agents.open("tenant"));
            time.advance(DEADLINE);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> job.lease(others));
        }
    }
}
