package io.keywrap.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.TestTenant;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/** A process that fills a store with keychains, uses them all, and prints times and the heap in use. */
final class ManyKeychains {
    private static final String PREFIX = "tenant-";
    private static final int REPORT_EACH = 2_000;
    private static final long SLACK_BYTES = 2 << 20;

    /** What may stay of a keychain that was opened and let go: id, revision and digest of its newest record. */
    private static final long MAX_BYTES_REMEMBERED = 400;

    private final TestTenant tenant;
    private final int count;

    private ManyKeychains(Path folder, int count) {
        this.tenant = TestTenant.in(folder);
        this.count = count;
    }

    /** Arguments: the tenant's folder, how many keychains. */
    public static void main(String[] arguments) {
        ManyKeychains many = new ManyKeychains(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        many.create();
        for (int size : new int[] {100, 1_000, 10_000}) {
            many.list("page through, " + size + " a page", KeychainFilter.all(), size, i -> true);
        }
        many.filter();
        many.openOne();
        many.openAll();
        many.keep();
        System.out.printf(
                "all %d keychains; heap at most %d MiB; JDK %s%n",
                many.count, Runtime.getRuntime().maxMemory() >> 20, System.getProperty("java.version"));
    }

    /** One in ten belongs to another customer, one in four has keys that the vendor manages. */
    private void create() {
        Keychains keychains = keychains();
        keychains.create("another", spec -> spec.control(TestTenant.CUSTOMER));
        Flat flat = new Flat(MAX_BYTES_REMEMBERED);
        Stopwatch watch = new Stopwatch();
        for (int i = 0; i < count; i++) {
            int number = i;
            keychains.create(
                    idOf(i),
                    spec -> spec.control(isOfOther(number) ? TestTenant.OTHER_CUSTOMER : TestTenant.CUSTOMER)
                            .keyManagement(isOfVendor(number) ? KeyManagement.VENDOR : KeyManagement.CUSTOMER)
                            .keyContext("tenant", "acme"));
            flat.report("created", i + 1);
        }
        watch.stop("create", count);
    }

    private void filter() {
        list("filter by prefix", KeychainFilter.all().withIdPrefix(PREFIX + "0012"), 1_000, i -> i / 10 == 12);
        list("filter by KEK", KeychainFilter.all().withKek(TestTenant.OTHER_CUSTOMER), 1_000, ManyKeychains::isOfOther);
        list(
                "filter by key management",
                KeychainFilter.all().withKeyManagement(KeyManagement.VENDOR),
                1_000,
                ManyKeychains::isOfVendor);
        list(
                "filter by key management, pages of 10",
                KeychainFilter.all().withKeyManagement(KeyManagement.VENDOR),
                10,
                ManyKeychains::isOfVendor);
    }

    /** Goes through all pages of a filter and demands that each keychain that is meant comes once, and no other. */
    private void list(String what, KeychainFilter filter, int pageSize, IntPredicate meant) {
        Keychains keychains = keychains();
        BitSet seen = new BitSet(count);
        Flat flat = new Flat(0);
        Stopwatch watch = new Stopwatch();
        int listed = 0;
        List<String> page;
        Optional<String> last = Optional.empty();
        do {
            page = keychains.list(filter, last, pageSize);
            for (String id : page) {
                if (id.startsWith(PREFIX)) {
                    int number = Integer.parseInt(id.substring(PREFIX.length()));
                    assertThat(meant.test(number) && !seen.get(number)).as(id).isTrue();
                    seen.set(number);
                }
            }
            listed += page.size();
            last = page.isEmpty() ? last : Optional.of(page.get(page.size() - 1));
        } while (page.size() == pageSize);
        watch.stop(what, listed);
        page = List.of();
        flat.check(0);
        for (int i = 0; i < count; i++) {
            assertThat(seen.get(i)).as(idOf(i)).isEqualTo(meant.test(i));
        }
    }

    private void openOne() {
        int times = 1_000;
        SplittableRandom random = new SplittableRandom(42);
        Keychains keychains = keychains();
        Stopwatch watch = new Stopwatch();
        for (int i = 0; i < times; i++) {
            String id = idOf(random.nextInt(count));
            assertThat(keychains.open(id).id()).isEqualTo(id);
        }
        watch.stop("open one, at random", times);
    }

    private void openAll() {
        Keychains keychains = keychains();
        Flat flat = new Flat(MAX_BYTES_REMEMBERED);
        Stopwatch watch = new Stopwatch();
        for (int i = 0; i < count; i++) {
            assertThat(keychains.open(idOf(i)).record().revision()).isEqualTo(1);
            flat.report("opened", i + 1);
        }
        watch.stop("open all", count);
        System.out.printf("remembered of each keychain that was opened: %d bytes%n", flat.grown() / count);
        assertThat(keychains.open(idOf(0)).id()).isEqualTo(idOf(0));
    }

    /** What one opened keychain costs that is not let go. */
    private void keep() {
        int kept = Math.min(count, 2_000);
        Keychains keychains = keychains();
        Flat flat = new Flat(0);
        List<Keychain> opened = new ArrayList<>(kept);
        for (int i = 0; i < kept; i++) {
            opened.add(keychains.open(idOf(i)));
        }
        System.out.printf("each keychain that is kept open: %d bytes%n", flat.grown() / kept);
        assertThat(opened).hasSize(kept);
    }

    /** As a new process has them: nothing is remembered. */
    private Keychains keychains() {
        return Keychains.builder(FileKeychainStore.open(tenant.storeFolder()), tenant.providers())
                .seal(KeychainSeal.wrappedBy(TestTenant.VENDOR))
                .build();
    }

    private static String idOf(int number) {
        return PREFIX + "%05d".formatted(number);
    }

    private static boolean isOfOther(int number) {
        return number % 10 == 3;
    }

    private static boolean isOfVendor(int number) {
        return number % 4 == 0;
    }

    /** The heap in use after a collection, held against what it was at first. */
    private static final class Flat {
        private final long first = used();
        private final long bytesEach;

        Flat(long bytesEach) {
            this.bytesEach = bytesEach;
        }

        void report(String what, int done) {
            if (done % REPORT_EACH == 0) {
                System.out.printf("%s %d: %d KiB in use%n", what, done, used() >> 10);
                check(done);
            }
        }

        void check(int done) {
            assertThat(grown())
                    .as("bytes of heap more than at first, after %d keychains", done)
                    .isLessThan(SLACK_BYTES + bytesEach * done);
        }

        long grown() {
            return used() - first;
        }

        private static long used() {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            Runtime runtime = Runtime.getRuntime();
            return runtime.totalMemory() - runtime.freeMemory();
        }
    }

    /** Time from its making. */
    private static final class Stopwatch {
        private final long start = System.nanoTime();

        void stop(String what, int done) {
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%s: %d in %.2f s, %.3f ms each%n", what, done, seconds, 1e3 * seconds / Math.max(1, done));
        }
    }
}
