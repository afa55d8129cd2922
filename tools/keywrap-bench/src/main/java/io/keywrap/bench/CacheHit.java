package io.keywrap.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.keywrap.DekLease;
import io.keywrap.KekId;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to lease a DEK that is kept, beside a bare look into Caffeine. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class CacheHit {
    private static final int ENTRIES = 1_000;

    /** Made by JMH. */
    public CacheHit() {}

    /**
     * A look into Caffeine, set up as keywrap's cache is: bounded, and entries expire.
     *
     * @param bare the cache
     * @param cursor this thread's place
     * @return what was found
     */
    @Benchmark
    public byte @Nullable [] caffeineGet(Bare bare, Cursor cursor) {
        return bare.cache.getIfPresent(bare.keys.get(cursor.next()));
    }

    /**
     * Leases a DEK and gives it back.
     *
     * @param kept DEKs
     * @param cursor this thread's place
     * @return the lease, closed
     */
    @Benchmark
    public DekLease leaseAndClose(Kept kept, Cursor cursor) {
        Wraps wraps = kept.wraps.get(cursor.next());
        DekLease lease = kept.providers.lease(wraps.wrapped(), wraps.keyContext(), kept.providers.foregroundDeadline());
        lease.close();
        return lease;
    }

    /**
     * The same through a keychain, as products do it.
     *
     * @param kept a keychain
     * @return the lease, closed
     */
    @Benchmark
    public DekLease keychainPrimaryAndClose(Kept kept) {
        DekLease lease = kept.keychain.primary();
        lease.close();
        return lease;
    }

    /**
     * What is asked before every segment.
     *
     * @param kept an open lease
     */
    @Benchmark
    public void ensureUsable(Kept kept) {
        kept.lease.ensureUsable();
    }

    /** Goes round all entries. */
    @State(Scope.Thread)
    public static class Cursor {
        private int at;

        /** Made by JMH. */
        public Cursor() {}

        int next() {
            at = at + 1 == ENTRIES ? 0 : at + 1;
            return at;
        }
    }

    /** Caffeine alone. */
    @State(Scope.Benchmark)
    public static class Bare {
        private final List<String> keys =
                IntStream.range(0, ENTRIES).mapToObj(i -> "tenant-" + i).toList();
        private final Cache<String, byte[]> cache = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfterWrite(Duration.ofMinutes(5))
                .build();

        /** Made by JMH. */
        public Bare() {
            keys.forEach(key -> cache.put(key, LocalKms.random(32)));
        }
    }

    /** DEKs that keywrap keeps. */
    @State(Scope.Benchmark)
    public static class Kept {
        /** Whether they are sealed while nobody uses them. */
        @Param({"true", "false"})
        public boolean sealed;

        private KeyProviders providers;
        private List<Wraps> wraps;
        private Keychain keychain;
        private DekLease lease;

        /** Made by JMH. */
        public Kept() {}

        /** Makes the DEKs and has all of them kept. */
        @Setup
        public void makeDeks() {
            KekId kekId = KekId.of("local:customer");
            providers = KeyProviders.builder()
                    .register(LocalKeyProvider.factory(new LocalKms()))
                    .cacheEntries(10_000, 10_000)
                    .sealIdleDeks(sealed)
                    .build();
            wraps = Wraps.make(ENTRIES, kekId, providers);
            wraps.forEach(each -> providers
                    .lease(each.wrapped(), each.keyContext(), providers.foregroundDeadline())
                    .close());
            keychain = Keychains.builder(new InMemoryKeychainStore(), providers)
                    .seal(KeychainSeal.wrappedBy(kekId))
                    .build()
                    .create("tenant-42", spec -> spec.control(kekId).keyContext("tenant", "acme"));
            lease = keychain.primary();
        }

        /** Ends the lease. */
        @TearDown
        public void close() {
            lease.close();
            providers.close();
        }
    }
}
