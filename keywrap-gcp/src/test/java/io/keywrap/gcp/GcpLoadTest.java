package io.keywrap.gcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.TimeSource;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.GcpFault;
import io.keywrap.provider.KeyProvider;
import io.keywrap.provider.KeyProviders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A thousand callers at once: one connection, and throttling that ends is not seen by those who can wait. */
class GcpLoadTest extends GcpFixture {
    private static final int CALLERS = 1_000;
    private static final int MOST = 32;

    private final KeyProviders providers =
            KeyProviders.builder().register(GcpKms.factory(name -> kms.client)).build();
    private final KeyProvider stacked = providers.provider(EmulatedKms.kekId(key.name()));
    private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    private final WrappedDek wrapped = wrap(provider);

    @AfterEach
    void stop() {
        threads.shutdownNow();
        providers.close();
    }

    @Test
    void aThousandUnwrapsAtOnceSucceedOverOneConnection() throws Exception {
        for (Future<Boolean> one : unwrapByAll()) {
            assertThat(one.get()).isTrue();
        }
        assertThat(kms.emulator.requests("Decrypt")).isEqualTo(CALLERS);
        assertThat(kms.emulator.connections()).isEqualTo(1);
    }

    @Test
    void throttlingIsSurvivedByAllWhoHaveTheTimeWithFewRequestsInVain() throws Exception {
        int refused = 5 * MOST;
        kms.emulator.inject(GcpFault.quota(Duration.ofMillis(200)), refused);
        for (Future<Boolean> one : unwrapByAll()) {
            assertThat(one.get()).isTrue();
        }
        assertThat(kms.emulator.requests("Decrypt")).isEqualTo(CALLERS + refused);
    }

    private List<Future<Boolean>> unwrapByAll() {
        byte[] expected = dek.withBytes(byte[]::clone);
        CyclicBarrier start = new CyclicBarrier(CALLERS);
        List<Future<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            answers.add(threads.submit(() -> {
                start.await(1, TimeUnit.MINUTES);
                Deadline deadline = Deadline.after(Duration.ofSeconds(60), TimeSource.system());
                try (Dek back = stacked.unwrap(wrapped, context, deadline)) {
                    return Arrays.equals(expected, back.withBytes(byte[]::clone));
                }
            }));
        }
        return answers;
    }
}
