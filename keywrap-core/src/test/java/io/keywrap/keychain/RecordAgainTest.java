package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.KeychainConflictException;
import io.keywrap.KeychainSealBrokenException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainRecord.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What it takes to read a record again that is as old as a kept DEK may be. */
class RecordAgainTest extends RecipientsFixture {
    /** Takes the clock from where the sum of two of its readings overflows to where it does not: their difference counts. */
    private static final Duration HALF_OF_ALL_TIME = Duration.ofDays(54_750);

    private Keychain keychain;
    private DekId dekId;

    @BeforeEach
    void used() {
        keychain = keychain(spec -> spec.control(A));
        dekId = use(keychain);
        time.advance(DEADLINE.plusSeconds(1));
        kms.unwrapsOf.clear();
    }

    @Test
    void theSameRecordTakesNoCallOfTheKmsOfItsSeal() {
        open(keychain, dekId);
        assertThat(kms.unwrapsOf).containsKey(A).doesNotContainKey(SEAL);
    }

    @Test
    void anotherRecordIsCheckedByItsSeal() {
        int before = keychain.record().deks().size();
        process().open(ID).rotate();
        kms.unwrapsOf.clear();
        open(keychain, dekId);
        assertThat(kms.unwrapsOf).containsKey(SEAL);
        assertThat(keychain.record().deks()).hasSizeGreaterThan(before);
    }

    @Test
    void anotherRecordOfTheSameRevisionIsChecked() throws IOException {
        byte[] bytes = Files.readAllBytes(file());
        bytes[bytes.length - 1] ^= 1;
        Files.write(file(), bytes);
        assertThatExceptionOfType(KeychainSealBrokenException.class).isThrownBy(() -> open(keychain, dekId));
    }

    @Test
    void whatWasReadAgainIsNotRolledBack() throws IOException {
        byte[] older = Files.readAllBytes(file());
        rotatedElsewhere();
        open(keychain, dekId);
        Files.write(file(), older);
        time.advance(DEADLINE);
        assertThatExceptionOfType(KeychainSealBrokenException.class)
                .isThrownBy(() -> open(keychain, dekId))
                .withMessageContaining("rolled back");
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".keychain"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void itIsReadOnceEachTimeThatItHasBecomeOld() {
        for (int i = 0; i < 4; i++) {
            DekId newest = rotatedElsewhere();
            assertThat(loadsOf(() -> assertThat(use(keychain)).isEqualTo(newest)))
                    .isEqualTo(1);
            time.advance(DEADLINE.minusNanos(1));
            assertThat(loadsOf(() -> use(keychain))).isZero();
            time.advance(i == 2 ? HALF_OF_ALL_TIME : Duration.ofNanos(1));
        }
    }

    @Test
    void itIsNotReadWhereItWasReadForAnotherReason() {
        for (Runnable reads : List.<Runnable>of(keychain::refresh, keychain::rotate, () -> keychain.repair(Set.of()))) {
            time.advance(DEADLINE);
            reads.run();
            assertThat(loadsOf(() -> open(keychain, dekId))).isZero();
        }
    }

    @Test
    void whatWasJustOpenedIsNotReadAgain() {
        Keychain opened = process().open(ID);
        assertThat(loadsOf(() -> open(opened, dekId))).isZero();
        Keychain job = job(processes.get(0));
        use(job);
        assertThat(loadsOf(() -> use(job))).isZero();
    }

    @Test
    void aDekThatIsNotKnownIsLookedFor() {
        keychain.refresh();
        DekId newest = rotatedElsewhere();
        assertThat(loadsOf(() -> open(keychain, newest))).isEqualTo(1);
    }

    @Test
    void inAnOutageItIsTriedEveryMinute() {
        failOnce();
        assertThat(loadsOf(() -> open(keychain, dekId))).isEqualTo(1);
        for (int minute = 0; minute < 3; minute++) {
            time.advance(Duration.ofMinutes(1).minusNanos(1));
            assertThat(loadsOf(() -> open(keychain, dekId))).isZero();
            time.advance(Duration.ofNanos(1));
            failOnce();
            assertThat(loadsOf(() -> open(keychain, dekId))).isEqualTo(1);
        }
        DekId newest = rotatedElsewhere();
        time.advance(Duration.ofMinutes(1));
        assertThat(use(keychain)).isEqualTo(newest);
        assertThat(loadsOf(() -> use(keychain))).as("it is over").isZero();
    }

    /** They do not wait, since whoever reads may hang. */
    @Test
    void whileOneReadsOthersGoOnForAsLongAsWorkInFlight() {
        keychain.refresh();
        DekId newest = use(keychain);
        time.advance(MAX_IN_FLIGHT.minusNanos(1));
        store.afterLoad = () -> assertThat(onAnotherThread(() -> use(keychain))).isEqualTo(newest);
        assertThat(loadsOf(() -> open(keychain, dekId))).isEqualTo(1);
        time.advance(MAX_IN_FLIGHT);
        store.afterLoad = () -> assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() -> onAnotherThread(() -> use(keychain)))
                .havingCause()
                .isInstanceOf(StoreUnavailableException.class)
                .withMessageContaining("was not read for PT24H,");
        assertThat(loadsOf(() -> open(keychain, dekId))).isEqualTo(1);
    }

    /** What others change while it goes on is not in it. */
    @Test
    void itsAgeCountsFromWhenTheReadBegan() {
        Duration read = Duration.ofSeconds(30);
        for (Runnable reads : List.<Runnable>of(keychain::refresh, keychain::rotate, () -> open(keychain, dekId))) {
            time.advance(DEADLINE);
            store.afterLoad = () -> time.advance(read);
            reads.run();
            time.advance(DEADLINE.minus(read).minusNanos(1));
            assertThat(loadsOf(() -> open(keychain, dekId))).isZero();
            time.advance(Duration.ofNanos(1));
            assertThat(loadsOf(() -> open(keychain, dekId))).isEqualTo(1);
        }
    }

    @Test
    void anOutageCountsFromWhenItWasLastRead() {
        for (Runnable reads : List.<Runnable>of(keychain::refresh, keychain::rotate, () -> open(keychain, dekId))) {
            time.advance(MAX_IN_FLIGHT.minusNanos(1));
            reads.run();
            time.advance(MAX_IN_FLIGHT.minusNanos(1));
            failOnce();
            open(keychain, dekId);
            time.advance(Duration.ofNanos(1));
            failOnce();
            assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> open(keychain, dekId));
        }
    }

    @Test
    void whoWasSlowerThanOthersTriesEightTimes() {
        AtomicInteger attempts = new AtomicInteger();
        store.everyTime = () -> {
            if (attempts.incrementAndGet() < 8) {
                throw new KeychainConflictException(ID);
            }
        };
        keychain.rotate();
        assertThat(attempts).hasValue(8);
        attempts.set(0);
        store.everyTime = () -> {
            attempts.incrementAndGet();
            throw new KeychainConflictException(ID);
        };
        assertThatExceptionOfType(KeychainConflictException.class).isThrownBy(keychain::rotate);
        assertThat(attempts).hasValue(8);
    }

    private DekId rotatedElsewhere() {
        Keychain other = process().open(ID);
        other.rotate();
        return other.record().primary(Usage.OUTSIDE).orElseThrow().id();
    }

    private int loadsOf(Runnable work) {
        int before = store.loads;
        work.run();
        return store.loads - before;
    }

    private void failOnce() {
        store.afterLoad = () -> {
            throw new StoreUnavailableException("told to", null);
        };
    }
}
