package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.FakeKms;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KeyProviders;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.store.KeychainFilter;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often the KEK of the seals is asked, and for how long. */
class RecordsTest {
    private static final KekId SEAL = KekId.of("fake:seal");

    @TempDir
    Path folder;

    private final FakeKms kms = new FakeKms();
    private FileKeychainStore store;
    private KeyProviders providers;
    private Gate gate;
    private Records records;

    private KeyProviders providers() {
        return KeyProviders.builder()
                .register(kms)
                .time(new ManualTime())
                .executor(Runnable::run)
                .build();
    }

    /** A process that has seen none of them. */
    @BeforeEach
    void keychains() {
        store = FileKeychainStore.open(folder);
        try (KeyProviders before = providers()) {
            Keychains keychains = Keychains.builder(store, before)
                    .seal(KeychainSeal.wrappedBy(SEAL))
                    .build();
            for (int i = 0; i < 10; i++) {
                keychains.create("k" + i, spec -> spec.control(FakeKms.KEK));
            }
        }
        providers = providers();
        gate = new Gate(providers, 10_000, 1);
        records = new Records(
                new Settings(store, providers, SEAL, KeychainFilter.all(), 10_000, 1, Optional.empty(), false), gate);
    }

    @AfterEach
    void close() {
        providers.close();
    }

    private void fails(String keychainId) {
        kms.faults.put(SEAL, KekUnreachableException::new);
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> records.load(keychainId));
        kms.faults.clear();
    }

    private long asked() {
        return gate.calls().stream().mapToLong(Calls::count).sum();
    }

    @Test
    void sealKeyThatIsKeptIsNotAskedFor() {
        for (int i = 0; i < 3; i++) {
            assertThat(records.load("k0").keychainId()).isEqualTo("k0");
        }
        assertThat(gate.calls()).containsExactly(new Calls(SEAL, Operation.UNWRAP, 1));
        records.load("k1");
        assertThat(asked()).isEqualTo(2);
    }

    @Test
    void answerBetweenFailuresLetsItBeAskedFurtherOn() {
        for (int i = 0; i < 3; i++) {
            fails("k0");
            fails("k0");
            records.load("k" + (i + 1));
        }
        assertThat(asked()).isEqualTo(9);
    }

    @Test
    void threeFailuresInARowAreEnough() {
        for (int i = 0; i < 5; i++) {
            fails("k0");
        }
        assertThat(asked()).isEqualTo(3);
        int unwraps = kms.unwraps.get();
        assertThatExceptionOfType(KekUnreachableException.class).isThrownBy(() -> records.load("k1"));
        assertThat(kms.unwraps.get()).isEqualTo(unwraps);
    }

    @Test
    void ratesAndNumbersOfCallsHaveTheirLimits() {
        for (double rate : new double[] {0.01, 10_000}) {
            assertThat(Settings.requireRate(rate)).isEqualTo(rate);
        }
        for (double rate : new double[] {0.009, 10_000.1, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Settings.requireRate(rate));
        }
        for (int calls : new int[] {1, 256}) {
            assertThat(Settings.requireConcurrency(calls)).isEqualTo(calls);
        }
        for (int calls : new int[] {0, 257, -1}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Settings.requireConcurrency(calls));
        }
    }
}
