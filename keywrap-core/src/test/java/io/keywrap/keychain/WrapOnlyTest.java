package io.keywrap.keychain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.DekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs of a host that may wrap and not unwrap. */
class WrapOnlyTest extends RecipientsFixture {
    @BeforeEach
    void create() {
        keychain(spec -> spec.control(A));
    }

    private Keychain job() {
        process();
        return job(processes.get(processes.size() - 1));
    }

    @Test
    void allThreadsOfAJobHaveOneDek() {
        kms.faults.put(A, RecipientsFixture::disabled);
        Keychain job = job();
        DekId mine = use(job);
        assertThat(onAnotherThread(() -> use(job))).isEqualTo(mine);
    }

    @Test
    void noneIsMadeForAKeychainThatWasDestroyed() {
        Keychain job = job();
        use(job);
        keychains.open(ID).destroy(Optional.empty());
        time.advance(DEADLINE);
        kms.wraps.set(0);
        assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(job::primary);
        assertThat(kms.wraps).as("its KEKs are not asked for anything").hasValue(0);
    }

    /** It needs providers that keep DEKs: with others it cannot do without unwrapping, nor with one DEK. */
    @Test
    void whereNothingIsKeptEachLeaseHasANewDekThatIsUnwrapped() {
        try (KeyProviders keepNothing = KeyProviders.builder()
                .time(time)
                .register(kms)
                .cacheDeadline(Duration.ZERO)
                .build()) {
            Keychain job = job(keepNothing);
            kms.unwrapsOf.clear();
            DekId first = use(job);
            assertThat(kms.unwrapsOf).containsEntry(A, 1);
            assertThat(use(job)).isNotEqualTo(first);
            kms.faults.put(A, RecipientsFixture::disabled);
            assertThatExceptionOfType(KekRevokedException.class).isThrownBy(job::primary);
        }
    }
}
