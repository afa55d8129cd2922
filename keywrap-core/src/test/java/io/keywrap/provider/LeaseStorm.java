package io.keywrap.provider;

import io.keywrap.DekLease;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekRevokedException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.KekUnreachableException;
import io.keywrap.ManualTime;
import io.keywrap.WrappedDek;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Threads that take, use, share and close leases of a few DEKs, in a cache too small for them, while KEKs are refused, go
 * dark and come back, and time passes. Every key that is seen is the right one; everything else is a typed failure.
 */
final class LeaseStorm {
    private static final int USERS = 8;
    private static final int DEKS = 24;
    private static final int ROOM = 10;

    private final long seed;
    private final ManualTime time = new ManualTime();
    private final FakeKms kms = new FakeKms();
    private final List<WrappedDek> deks = new ArrayList<>();
    private final List<KekId> keks = List.of(KekId.of("fake:a"), KekId.of("fake:b"), KekId.of("fake:c"));
    private final KeyProviders providers;
    private volatile boolean over;

    /**
     * How it went.
     *
     * @param seen how often the right key was seen
     * @param refused how often a typed failure was met
     * @param garbage how often a wrong key was seen
     */
    record Tally(long seen, long refused, long garbage) {
        Tally plus(Tally other) {
            return new Tally(seen + other.seen, refused + other.refused, garbage + other.garbage);
        }
    }

    LeaseStorm(long seed, boolean sealed) {
        this.seed = seed;
        this.providers = KeyProviders.builder()
                .time(time)
                .register(kms)
                .cacheEntries(ROOM, ROOM)
                .sealIdleDeks(sealed)
                .build();
        for (int i = 0; i < DEKS; i++) {
            deks.add(FakeKms.wrapped(keks.get(i % keks.size())));
        }
    }

    /** Each user does so many things. */
    Tally rage(int deeds) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(USERS + 1);
        try {
            Future<?> weather = threads.submit(() -> weather(new Random(seed)));
            List<Future<Tally>> users = new ArrayList<>();
            for (int i = 1; i <= USERS; i++) {
                Random random = new Random(seed + i);
                users.add(threads.submit(() -> use(random, deeds)));
            }
            Tally all = new Tally(0, 0, 0);
            for (Future<Tally> user : users) {
                all = all.plus(user.get());
            }
            over = true;
            weather.get();
            return all;
        } finally {
            over = true;
            threads.shutdownNow();
        }
    }

    long openLeases() {
        return providers.statistics().openLeases();
    }

    long entries() {
        return providers.statistics().entries();
    }

    void close() {
        providers.close();
    }

    private void weather(Random random) {
        List<Function<Failure, KekException>> faults = List.of(
                failure -> new KekRevokedException(failure, Reason.DISABLED),
                failure -> new KekRevokedException(failure, Reason.DENIED),
                KekUnreachableException::new);
        while (!over) {
            KekId kek = keks.get(random.nextInt(keks.size()));
            if (random.nextInt(3) == 0) {
                kms.faults.put(kek, faults.get(random.nextInt(faults.size())));
            } else {
                kms.faults.remove(kek);
            }
            time.advance(Duration.ofSeconds(random.nextInt(40)));
            for (int i = random.nextInt(20_000); i > 0; i--) {
                Thread.onSpinWait();
            }
        }
    }

    private Tally use(Random random, int deeds) {
        Deque<Held> held = new ArrayDeque<>();
        long seen = 0;
        long refused = 0;
        long garbage = 0;
        try {
            for (int i = 0; i < deeds; i++) {
                try {
                    if (held.size() < 4 && random.nextInt(3) != 0) {
                        WrappedDek dek = deks.get(random.nextInt(DEKS));
                        held.add(new Held(
                                dek, providers.lease(dek, EncryptionContext.empty(), providers.foregroundDeadline())));
                    } else if (!held.isEmpty()) {
                        Held one = held.peek();
                        boolean right = Arrays.equals(one.dek.wrappedBytes(), one.lease.withBytes(byte[]::clone));
                        seen += right ? 1 : 0;
                        garbage += right ? 0 : 1;
                        if (random.nextBoolean()) {
                            held.remove().lease.close();
                        }
                    }
                } catch (KekException e) {
                    refused++;
                    if (!held.isEmpty()) {
                        held.remove().lease.close();
                    }
                }
            }
            return new Tally(seen, refused, garbage);
        } finally {
            held.forEach(one -> one.lease.close());
        }
    }

    private record Held(WrappedDek dek, DekLease lease) {}
}
