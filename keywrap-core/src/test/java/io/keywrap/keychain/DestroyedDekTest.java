package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekDestroyedException;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KekRevokedException;
import io.keywrap.KekUnreachableException;
import io.keywrap.StoreUnavailableException;
import io.keywrap.store.KeychainRecord.Usage;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A DEK that was destroyed gives no lease in a process that knows it, by whatever way it was opened before. */
class DestroyedDekTest extends RecipientsFixture {
    private static final Optional<String> NOBODY = Optional.empty();

    @Test
    void isClosedToOtherObjectsOfTheSameProcess() {
        Keychain keychain = keychain(spec -> spec.control(A));
        DekId dekId = use(keychain);
        Keychain same = keychains.open(ID);
        keychain.destroyDek(dekId, NOBODY);
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> open(same, dekId));
    }

    @Test
    void endsLeasesByAWrapThatTheRecordHadLostBefore() {
        Keychain keychain = keychain(spec -> spec.control(A));
        DekId dekId = use(keychain);
        DekLease lease = keychain.lease(dekId);
        keychain.changeRecipients(to -> to.control(B).retained(A, time.now().plusSeconds(1)));
        keychain.repair(Set.of(B));
        time.advance(Duration.ofSeconds(1));
        keychain.repair(Set.of());
        keychain.destroyDek(dekId, NOBODY);
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(lease::ensureUsable);
    }

    @Test
    void endsLeasesThatGoOnInAnOutage() {
        Keychain keychain = keychain(spec -> spec.control(A));
        DekId dekId = use(keychain);
        DekLease lease = keychain.lease(dekId);
        kms.faults.put(A, KekUnreachableException::new);
        time.advance(DEADLINE);
        lease.ensureUsable(); // Waits once, and goes on.
        keychain.destroyDek(dekId, NOBODY);
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(lease::ensureUsable);
    }

    @Test
    void isNotHeldOpenByAReaderOfTheStoreWhoHangs() throws Exception {
        Keychain keychain = keychain(spec -> spec.control(A));
        DekId dekId = use(keychain);
        Keychain other = process().open(ID);
        keychain.destroyDek(dekId, NOBODY);
        time.advance(MAX_IN_FLIGHT.plusSeconds(1));
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        store.afterLoad = () -> {
            reads.countDown();
            join(goOn);
        };
        CompletableFuture<Void> hangs = CompletableFuture.runAsync(() -> open(other, dekId));
        assertThat(reads.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> open(other, dekId));
        goOn.countDown();
        assertThat(hangs.handle((done, failure) -> failure.getCause()).get(10, TimeUnit.SECONDS))
                .isInstanceOf(DekDestroyedException.class);
    }

    @Test
    void isNotOpenedLongerThanWorkInFlightMayBe() {
        Keychain keychain = keychain(spec -> spec.control(A));
        DekId dekId = use(keychain);
        Keychain other = process().open(ID);
        keychain.destroyDek(dekId, NOBODY);
        time.advance(MAX_IN_FLIGHT.minusSeconds(1));
        failOnce();
        open(other, dekId);
        time.advance(Duration.ofSeconds(1));
        failOnce();
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> open(other, dekId));
    }

    @Test
    void whatWasHeardWhenControlWasToBeTakenHoldsWhenTheKekFallsSilent() {
        Keychain keychain = keychain(spec -> spec.control(A).replica(B));
        DekId dekId = use(keychain);
        kms.faults.put(A, RecipientsFixture::disabled);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> keychain.changeRecipients(to -> to.control(B)));
        kms.faults.put(A, KekUnreachableException::new);
        time.advance(DEADLINE);
        assertThatExceptionOfType(KekRevokedException.class).isThrownBy(() -> open(keychain, dekId));
    }

    @Test
    void controlIsTakenFromNoKekByWhatIsKeptOfIt() {
        Keychain keychain = keychain(spec -> spec.control(A).replica(B));
        keychain.primary(Usage.ENVELOPES).close(); // Kept in this process's memory for a deadline.
        kms.faults.put(A, RecipientsFixture::disabled);
        assertThatExceptionOfType(KekRevokedException.class)
                .isThrownBy(() -> keychain.changeRecipients(to -> to.control(B)));
    }

    @Test
    void theReportNamesKeksOfEnvelopesThatTheChangeDidNotName() {
        Keychain keychain = keychain(spec -> spec.control(A).replica(C).portable());
        keychain.changeRecipients(to -> to.control(B));
        Erasure erasure = keychain.destroy(NOBODY);
        assertThat(erasure.after().openers())
                .extracting(opener -> opener.kekId() + " " + opener.inEnvelopes())
                .contains(A + " true", C + " true");
    }

    private void failOnce() {
        store.afterLoad = () -> {
            throw new StoreUnavailableException("told to", null);
        };
    }

    private static void join(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
