package io.keywrap.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keywrap.keychain.Keychains;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Many keychains in one database; what it costs to find and open them, in a JVM of little memory. */
final class ManyKeychains {
    private static final int BATCH = 1_000;
    private static final int TENANTS = 2_000;
    private static final int OF_OTHER_KEK = 100; // one in so many
    private static final int ROTATED = 500;
    private static final String VERSION = "1"; // The first of a KEK in memory.

    private final DataSource source;
    private final Dialect dialect;
    private final JdbcKeychainStore store;
    private final Products products;
    private final int count;

    private ManyKeychains(DataSource source, Dialect dialect, Products products, int count) {
        this.source = source;
        this.dialect = dialect;
        this.products = products;
        this.count = count;
        JdbcKeychainStore.createSchema(source);
        this.store = JdbcKeychainStore.open(source);
    }

    /**
     * Runs it and prints what it measured.
     *
     * @param arguments the URL, how many keychains
     * @throws Exception if anything is not as it should be
     */
    public static void main(String[] arguments) throws Exception {
        boolean sqlite = arguments[0].startsWith("jdbc:sqlite:");
        DataSource source =
                sqlite ? Database.sqliteSource(Path.of(arguments[0].substring(12))) : postgres(arguments[0]);
        try (HikariDataSource pool = pool(source);
                Products products = Products.inMemory()) {
            ManyKeychains many = new ManyKeychains(
                    pool, sqlite ? Dialect.SQLITE : Dialect.POSTGRESQL, products, Integer.parseInt(arguments[1]));
            many.make();
            many.open();
            many.page();
            many.filter();
            many.plans();
        }
    }

    private static HikariDataSource pool(DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(2);
        return new HikariDataSource(config);
    }

    private static DataSource postgres(String url) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        source.setUser("postgres");
        return source;
    }

    /** Real records, written many at a time as a migration would; the last thousand by the store itself. */
    private void make() throws Exception {
        long begun = System.nanoTime();
        for (int from = 0; from < count - BATCH; from += BATCH) {
            InMemoryKeychainStore memory = new InMemoryKeychainStore();
            Keychains maker = products.keychains(memory);
            for (int i = from; i < from + BATCH; i++) {
                create(maker, i);
            }
            Bulk.insert(source, memory);
        }
        tell("seed " + (count - BATCH), begun, count - BATCH);
        Keychains keychains = products.keychains(store);
        begun = System.nanoTime();
        for (int i = count - BATCH; i < count; i++) {
            create(keychains, i);
        }
        tell("create " + BATCH, begun, BATCH);
        begun = System.nanoTime();
        for (int i = 0; i < ROTATED; i++) {
            keychains.open(id(i * (count / ROTATED))).rotate();
        }
        tell("open and rotate " + ROTATED, begun, ROTATED);
        try (Connection connection = source.getConnection()) {
            Sql.execute(connection, "ANALYZE");
        }
        tellHeap("making");
    }

    private static String id(int i) {
        return String.format("tenant-%04d/set-%06d", i % TENANTS, i);
    }

    private static void create(Keychains keychains, int i) {
        keychains.create(id(i), spec -> {
            spec.control(i % OF_OTHER_KEK == 0 ? Products.FAST_OTHER : Products.FAST_CUSTOMER);
            spec.keyContext("tenant", "tenant-" + i % TENANTS);
            spec.keyManagement(i % 4 == 0 ? KeyManagement.VENDOR : KeyManagement.CUSTOMER);
        });
    }

    private void open() {
        Keychains keychains = products.keychains(store);
        Random random = new Random(1);
        long begun = System.nanoTime();
        for (int i = 0; i < BATCH; i++) {
            keychains.open(id(random.nextInt(count)));
        }
        tell("open one at random, " + BATCH + " times", begun, BATCH);
        tellHeap("opening");
    }

    private void page() {
        for (int limit : new int[] {100, 1_000, 10_000}) {
            long begun = System.nanoTime();
            int found = pages(KeychainFilter.all(), limit);
            tell("page through all, " + limit + " a page", begun, found);
            require(found == count, found + " keychains");
        }
        tellHeap("paging");
        long begun = System.nanoTime();
        require(store.unreadable().isEmpty(), "nothing unreadable");
        tell("unreadable()", begun, count);
    }

    private int pages(KeychainFilter filter, int limit) {
        int found = 0;
        Optional<String> last = Optional.empty();
        List<String> page;
        do {
            page = store.list(filter, last, limit);
            found += page.size();
            last = page.isEmpty() ? last : Optional.of(page.get(page.size() - 1));
        } while (page.size() == limit);
        return found;
    }

    private void filter() {
        expectations().forEach((filter, expected) -> {
            long begun = System.nanoTime();
            int found = pages(filter, 1_000);
            tell(filter + ": " + found, begun, found);
            require(found == expected, found + " instead of " + expected);
        });
        tellHeap("filtering");
    }

    private Map<KeychainFilter, Integer> expectations() {
        Map<KeychainFilter, Integer> all = new LinkedHashMap<>();
        KeychainFilter any = KeychainFilter.all();
        all.put(any.withIdPrefix("tenant-0042/"), count / TENANTS);
        all.put(any.withKeyContext("tenant", "tenant-42"), count / TENANTS);
        all.put(any.withKek(Products.FAST_OTHER), count / OF_OTHER_KEK);
        all.put(any.withKek(Products.FAST_OTHER).withKekVersion(VERSION).withRole(Role.CONTROL), count / OF_OTHER_KEK);
        all.put(any.withRole(Role.RETAINED), 0);
        all.put(any.withKeyManagement(KeyManagement.VENDOR), count / 4);
        all.put(any.withDekState(State.DECRYPT_ONLY), ROTATED);
        all.put(any.withDekState(State.PRIMARY).withDekMadeBefore(Instant.EPOCH), 0);
        return all;
    }

    /** How the database finds the first page, in its own words. */
    private void plans() throws SQLException {
        String explain =
                dialect == Dialect.SQLITE ? "EXPLAIN QUERY PLAN " : "EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) ";
        try (Connection connection = source.getConnection()) {
            for (KeychainFilter filter : expectations().keySet()) {
                System.out.println("plan of " + filter);
                List<String> plan = explained(connection, explain, Selection.of(filter, ""));
                plan.forEach(line -> System.out.println("    " + line));
                require(plan.stream().noneMatch(line -> line.matches(".*(Seq Scan|SCAN) (on )?keywrap_.*")), "no scan");
            }
        }
    }

    private List<String> explained(Connection connection, String explain, Selection selection) throws SQLException {
        return Sql.rows(
                connection,
                explain + selection.sql(),
                row -> row.getString(dialect == Dialect.SQLITE ? 4 : 1),
                selection.parameters(1_000, 0).toArray());
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static void tell(String what, long begun, int each) {
        double millis = (System.nanoTime() - begun) / 1e6;
        System.out.printf("%s: %.0f ms, %.3f ms each%n", what, millis, each == 0 ? 0 : millis / each);
    }

    private static void tellHeap(String after) {
        System.gc();
        long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.printf("heap in use after %s: %,d KiB%n", after, used >> 10);
    }
}
