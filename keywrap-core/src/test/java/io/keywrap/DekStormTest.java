package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;

/** Threads that use a lease while another closes it: each sees the whole key or an error, never a half-wiped key. */
class DekStormTest {
    private static final int USERS = 6;
    private static final int ROUNDS = 400;

    @Test
    void aKeyIsSeenWholeOrNotAtAll() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ExecutorService threads = Executors.newFixedThreadPool(USERS + 1);
        int seen = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] key = new byte[Dek.BYTES];
                random.nextBytes(key);
                DekLease lease = DekLease.takeOwnershipOf(Dek.takeOwnershipOf(DekId.random(), key.clone()));
                CyclicBarrier start = new CyclicBarrier(USERS + 1);
                List<Future<Tally>> users = new ArrayList<>();
                for (int user = 0; user < USERS; user++) {
                    SecretKey leased = user % 2 == 0 ? lease.secretKey() : null;
                    users.add(threads.submit(new User(start, lease, leased, key)));
                }
                int wait = random.nextInt(2_000);
                Future<?> closer = threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < wait; i++) {
                        Thread.onSpinWait();
                    }
                    lease.close();
                    return null;
                });
                closer.get();
                for (Future<Tally> user : users) {
                    Tally tally = user.get();
                    assertThat(tally.garbage)
                            .as("seed %d, round %d", seed, round)
                            .isZero();
                    seen += tally.whole;
                }
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(seen).as("some users came in time").isPositive();
    }

    private record Tally(int whole, int garbage) {}

    /** Uses a lease until it is refused. */
    private record User(CyclicBarrier start, DekLease lease, SecretKey leased, byte[] key) implements Callable<Tally> {
        @Override
        public Tally call() throws Exception {
            start.await();
            int whole = 0;
            int garbage = 0;
            while (true) {
                try {
                    byte[] bytes = leased == null ? lease.withBytes(byte[]::clone) : leased.getEncoded();
                    if (Arrays.equals(bytes, key)) {
                        whole++;
                    } else {
                        garbage++;
                    }
                } catch (IllegalStateException closed) {
                    return new Tally(whole, garbage);
                }
            }
        }
    }
}
