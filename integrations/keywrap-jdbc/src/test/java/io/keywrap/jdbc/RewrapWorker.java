package io.keywrap.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keywrap.KekId;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.rewrap.Rewrap;
import io.keywrap.rewrap.RewrapPlan.Calls;
import io.keywrap.rewrap.RewrapProgress;
import io.keywrap.rewrap.RewrapReport;
import io.keywrap.rewrap.RewrapReport.Outcome;
import io.keywrap.store.KeychainFilter;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.postgresql.ds.PGSimpleDataSource;

/** A process that re-wraps the keychains of a database, or reads objects of them until its standard input ends. */
final class RewrapWorker {
    private static final long HEAP_EVERY = Duration.ofSeconds(5).toNanos();
    private static final int HELD = 50;

    private RewrapWorker() {}

    /**
     * Runs it.
     *
     * @param arguments the URL, the folder of the objects, the verb; to rewrap: the prefix of the keychains'
     *     ids, calls at once, calls of a KEK in a second, and how many milliseconds a call takes
     * @throws Exception if an object does not open
     */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        boolean reads = arguments[2].equals("read");
        Duration latency = Duration.ofMillis(reads ? 0 : Long.parseLong(arguments[6]));
        try (HikariDataSource pool = pool(arguments[0]);
                Products products = Products.distant(latency)) {
            JdbcKeychainStore store = JdbcKeychainStore.open(pool);
            if (reads) {
                read(products.keychains(store), RewrapProcesses.objects(folder));
            } else {
                tell(Rewrap.builder(store, products.providers)
                        .seal(products.seal())
                        .filter(KeychainFilter.all().withIdPrefix(arguments[3]))
                        .move(DistantKms.FROM, DistantKms.TO)
                        .retain(Duration.ZERO)
                        .concurrency(Integer.parseInt(arguments[4]))
                        .rate(Double.parseDouble(arguments[5]))
                        .listener(heap())
                        .resume()
                        .build()
                        .run());
            }
        }
    }

    private static HikariDataSource pool(String url) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        source.setUser("postgres");
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        return new HikariDataSource(config);
    }

    /** Tells now and then how far it is, and what the heap holds that somebody can reach. */
    private static Consumer<RewrapProgress> heap() {
        AtomicLong next = new AtomicLong(System.nanoTime());
        return progress -> {
            if (System.nanoTime() - next.get() >= 0) {
                next.set(System.nanoTime() + HEAP_EVERY);
                System.out.println("heap " + progress.deksDone() + " " + (heapBytes() >> 10));
            }
        };
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void tell(RewrapReport report) {
        report.items().stream().limit(5).forEach(System.err::println);
        System.out.println("heap " + report.count(Outcome.MOVED) + " " + (heapBytes() >> 10));
        System.out.println("report " + report.complete() + " " + report.count(Outcome.MOVED) + " "
                + asked(report, DistantKms.FROM) + " " + asked(report, DistantKms.TO) + " "
                + asked(report, DistantKms.VENDOR) + " " + report.elapsed().toMillis());
    }

    private static long asked(RewrapReport report, KekId kek) {
        return report.calls().stream()
                .filter(one -> one.kekId().equals(kek))
                .mapToLong(Calls::count)
                .sum();
    }

    private record Held(Keychain keychain, byte[] envelope) {}

    /** Half of them by keychains as they are now, half by such that were opened some time ago. */
    private static void read(Keychains keychains, List<byte[]> objects) throws Exception {
        Random random = new Random();
        List<Held> held = new ArrayList<>();
        long count = 0;
        for (; System.in.available() == 0 || count == 0; count++) {
            if (!held.isEmpty() && random.nextBoolean()) {
                Held one = held.get(random.nextInt(held.size()));
                RewrapProcesses.requireOpens(one.keychain(), one.envelope());
            } else {
                byte[] envelope = objects.get(random.nextInt(objects.size()));
                String id =
                        EnvelopeHeader.read(new ByteArrayInputStream(envelope)).keychainId();
                Held one = new Held(keychains.open(id), envelope);
                RewrapProcesses.requireOpens(one.keychain(), envelope);
                if (held.size() == HELD) {
                    held.remove(random.nextInt(HELD));
                }
                held.add(one);
            }
            Thread.sleep(2); // The job needs the processors too.
        }
        System.out.println("read " + count);
    }
}
