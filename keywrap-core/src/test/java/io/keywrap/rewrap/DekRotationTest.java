package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.ManualTime;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.DekEntry;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New primaries by age, over a whole store. */
class DekRotationTest {
    private static final KekId SEAL = KekId.of("fake:seal");
    private static final KekId A = KekId.of("fake:a");
    private static final KekId B = KekId.of("fake:b");
    private static final EncryptionContext CONTEXT = EncryptionContext.of("object", "o");

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private FileKeychainStore store;
    private KeyProviders providers;
    private Keychains keychains;

    @BeforeEach
    void store() {
        store = FileKeychainStore.open(folder);
        providers = KeyProviders.builder().time(time).register(kms).executor(Runnable::run).build();
        keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(SEAL))
                .build();
        keychains.create("archived", spec -> spec.control(A));
        keychains.create("two", spec -> spec.control(A).replica(B).portable());
        keychains.open("two").primary().close();
    }

    @AfterEach
    void close() {
        providers.close();
    }

    private DekRotation.Builder job() {
        return DekRotation.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(SEAL))
                .concurrency(1)
                .rate(10_000);
    }

    private DekEntry primary(String id, Usage usage) {
        return keychains.open(id).record().primary(usage).orElseThrow();
    }

    private void ninetyOneDaysLater() {
        time.advance(Duration.ofDays(91));
    }

    @Test
    void whatIsYoungStaysAndIsNotEvenRead() {
        time.advance(Duration.ofDays(89));
        RewrapReport report = job().build().run();
        assertThat(report.complete()).isTrue();
        assertThat(report.keychains()).isZero();
        assertThat(report.calls()).isEmpty();
    }

    @Test
    void everyUseThatIsOldGetsANewPrimaryAndOldDataOpens() {
        byte[] old = EnvelopeCipher.using(keychains.open("archived")).encrypt(new byte[10], CONTEXT);
        DekEntry before = primary("archived", Usage.ENVELOPES);
        ninetyOneDaysLater();

        RewrapReport report = job().build().run();

        assertThat(report.count(Outcome.ROTATED)).isEqualTo(3);
        assertThat(report.complete()).isTrue();
        assertThat(primary("archived", Usage.ENVELOPES).id()).isNotEqualTo(before.id());
        assertThat(primary("two", Usage.OUTSIDE).wraps()).hasSize(2);
        Keychain archived = keychains.open("archived");
        assertThat(archived.record().deks()).hasSize(2);
        assertThat(EnvelopeCipher.using(archived).decrypt(old, CONTEXT)).isEqualTo(new byte[10]);
        byte[] fresh = EnvelopeCipher.using(archived).encrypt(new byte[10], CONTEXT);
        assertThat(PortableFixture.header(fresh).dekId())
                .isEqualTo(primary("archived", Usage.ENVELOPES).id());
    }

    @Test
    void theSecondRunFindsNothing() {
        ninetyOneDaysLater();
        job().build().run();
        RewrapReport again = job().build().run();
        assertThat(again.count(Outcome.ROTATED)).isZero();
        assertThat(again.calls()).isEmpty();
    }

    @Test
    void zeroIsAllThatWereMadeBefore() {
        time.advance(Duration.ofMillis(1));
        assertThat(job().olderThan(Duration.ZERO).build().run().count(Outcome.ROTATED))
                .isEqualTo(3);
    }

    @Test
    void thePlanCountsWhatTheRunAsks() {
        ninetyOneDaysLater();
        RewrapPlan plan = job().build().plan();
        assertThat(plan.keychains()).isEqualTo(2);
        assertThat(plan.deks()).isEqualTo(3);
        assertThat(plan.calls())
                .containsExactly(
                        new Calls(A, Operation.GENERATE, 3),
                        new Calls(B, Operation.WRAP, 2),
                        new Calls(SEAL, Operation.UNWRAP, 2));
        assertThat(primary("archived", Usage.ENVELOPES).createdAt())
                .isEqualTo(keychains.open("archived").record().createdAt());
        ninetyOneDaysLater(); // Nothing is kept in memory any more.
        assertThat(job().build().run().calls()).isEqualTo(plan.calls());
    }

    @Test
    void oneThatFailsIsToldAndAsItWas() {
        kms.wrapFaults.put(B, failure -> new KekRevokedException(failure, Reason.DISABLED));
        ninetyOneDaysLater();
        RewrapReport report = job().build().run();

        assertThat(report.count(Outcome.ROTATED)).isEqualTo(1);
        assertThat(report.items()).singleElement().satisfies(item -> {
            assertThat(item.keychainId()).isEqualTo("two");
            assertThat(item.outcome()).isEqualTo(Outcome.FAILED_NEW_KEK);
            assertThat(item.kekId()).contains(B);
        });
        assertThat(keychains.open("two").record().deks()).hasSize(2);
        kms.wrapFaults.clear();
        time.advance(Duration.ofMinutes(10));
        assertThat(job().build().run().count(Outcome.ROTATED)).isEqualTo(2);
    }

    @Test
    void whoWasFasterIsNotUndone() {
        ninetyOneDaysLater();
        boolean[] done = new boolean[1];
        kms.duringWrap = () -> {
            if (!done[0]) {
                done[0] = true;
                keychains.open("archived").rotate();
            }
        };
        RewrapReport report = job().filter(KeychainFilter.all().withIdPrefix("archived"))
                .build()
                .run();
        assertThat(done[0]).isTrue();
        assertThat(report.complete()).isTrue();
        assertThat(report.count(Outcome.ROTATED)).isZero();
        assertThat(keychains.open("archived").record().deks()).hasSize(2);
    }

    @Test
    void destroyedOnesGetNone() {
        keychains.open("two").destroy(Optional.empty());
        ninetyOneDaysLater();
        assertThat(job().build().run().count(Outcome.ROTATED)).isEqualTo(1);
    }

    @Test
    void oneThatIsCancelledBeginsNothing() {
        ninetyOneDaysLater();
        DekRotation job = job().build();
        job.cancel();
        assertThat(job.run().cancelled()).isTrue();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(job::plan);
        assertThat(keychains.open("archived").record().deks()).hasSize(1);
    }

    @Test
    void optionsHaveTheirLimits() {
        assertThatIllegalStateException()
                .isThrownBy(() -> DekRotation.builder(store, providers).build());
        assertThatIllegalArgumentException().isThrownBy(() -> job().olderThan(Duration.ofDays(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> job().olderThan(Duration.ofDays(4_000)));
        assertThatIllegalArgumentException().isThrownBy(() -> job().rate(0));
        assertThatIllegalArgumentException().isThrownBy(() -> job().concurrency(257));
    }
}
