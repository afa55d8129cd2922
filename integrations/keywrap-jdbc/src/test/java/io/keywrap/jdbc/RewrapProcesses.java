package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKeychainStore;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.postgresql.ds.PGSimpleDataSource;

/** Keychains in PostgreSQL with an object under each of their DEKs, and {@link RewrapWorker} processes on them. */
final class RewrapProcesses implements AutoCloseable {
    private static final Duration LONG = Duration.ofMinutes(30);

    private final Path folder;
    private final PGSimpleDataSource source = new PGSimpleDataSource();
    private final JdbcKeychainStore store;
    private final int keychains;
    private final int deks;
    private final List<Child> running = new ArrayList<>();
    private final List<String> told = new CopyOnWriteArrayList<>();

    /** What a job that came to its end says of itself. */
    record Told(boolean complete, long moved, long oldKek, long newKek, long sealKek, Duration elapsed) {}

    /**
     * What a job found that it held in memory.
     *
     * @param deks how many DEKs it had moved by then
     * @param kibibytes the heap after a collection
     */
    record Heap(long deks, long kibibytes) {}

    RewrapProcesses(Path folder, int keychains, int deks) throws Exception {
        this.folder = folder;
        this.keychains = keychains;
        this.deks = deks;
        source.setUrl(((PGSimpleDataSource) Database.postgres()).getUrl());
        source.setUser("postgres");
        source.setCurrentSchema(Database.newSchema());
        JdbcKeychainStore.createSchema(source);
        store = JdbcKeychainStore.open(source);
        try (Products products = Products.distant(Duration.ZERO);
                DataOutputStream objects =
                        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file(folder))))) {
            for (int from = 0; from < keychains; from += Bulk.BATCH) {
                InMemoryKeychainStore memory = new InMemoryKeychainStore();
                for (int i = from; i < Math.min(keychains, from + Bulk.BATCH); i++) {
                    make(products.keychains(memory), i, objects);
                }
                Bulk.insert(source, memory);
            }
        }
    }

    static String id(int i) {
        return String.format("set-%05d", i);
    }

    private void make(Keychains maker, int i, DataOutputStream objects) throws IOException {
        Keychain keychain = maker.create(id(i), spec -> spec.control(DistantKms.FROM));
        for (int j = 0; j < deks; j++) {
            if (j > 0) {
                keychain.rotate();
            }
            byte[] envelope = EnvelopeCipher.using(keychain)
                    .encrypt(keychain.id().getBytes(StandardCharsets.UTF_8), EncryptionContext.empty());
            objects.writeInt(envelope.length);
            objects.write(envelope);
        }
    }

    private static Path file(Path folder) {
        return folder.resolve("objects");
    }

    static List<byte[]> objects(Path folder) throws IOException {
        List<byte[]> objects = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file(folder))))) {
            while (in.available() > 0) {
                byte[] envelope = new byte[in.readInt()];
                in.readFully(envelope);
                objects.add(envelope);
            }
        }
        return objects;
    }

    static void requireOpens(Keychain keychain, byte[] envelope) {
        byte[] plain = EnvelopeCipher.using(keychain).decrypt(envelope, EncryptionContext.empty());
        if (!new String(plain, StandardCharsets.UTF_8).equals(keychain.id())) {
            throw new AssertionError("an object of " + keychain.id() + " is another one");
        }
    }

    private Child start(int megabytes, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(source.getUrl(), folder.toString()));
        all.addAll(List.of(arguments));
        Child child = new Child(folder, List.of("-Xmx" + megabytes + "m"), RewrapWorker.class, all, told::add);
        running.add(child);
        return child;
    }

    Child startReader() throws IOException {
        return start(256, "read");
    }

    Child startJob(String prefix, int concurrency, double rate, Duration latency) throws IOException {
        return start(
                64,
                "rewrap",
                prefix,
                Integer.toString(concurrency),
                Double.toString(rate),
                Long.toString(latency.toMillis()));
    }

    /** Lets a job come to its end. */
    Told end(Child job) throws InterruptedException {
        job.assertEndsWell(LONG);
        String[] words = words("report").get(words("report").size() - 1);
        return new Told(
                Boolean.parseBoolean(words[1]),
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                Long.parseLong(words[4]),
                Long.parseLong(words[5]),
                Duration.ofMillis(Long.parseLong(words[6])));
    }

    /** How many objects a reader has opened, each of them as it should. */
    long endReader(Child reader) throws Exception {
        reader.tellToEnd();
        reader.assertEndsWell(Duration.ofMinutes(1));
        return Long.parseLong(words("read").get(0)[1]);
    }

    List<Heap> heaps() {
        return words("heap").stream()
                .map(words -> new Heap(Long.parseLong(words[1]), Long.parseLong(words[2])))
                .toList();
    }

    private List<String[]> words(String what) {
        return told.stream()
                .map(line -> line.split(" "))
                .filter(words -> words[0].equals(what))
                .toList();
    }

    /** How many keychains are under the new KEK by now. */
    int moved() {
        KeychainFilter filter = KeychainFilter.all()
                .withKek(DistantKms.TO)
                .withRole(Role.CONTROL)
                .leavingOutUnreadable();
        int count = 0;
        Optional<String> after = Optional.empty();
        List<String> page;
        do {
            page = store.list(filter, after, 1_000);
            count += page.size();
            after = page.isEmpty() ? after : Optional.of(page.get(page.size() - 1));
        } while (page.size() == 1_000);
        return count;
    }

    void awaitMoved(Child job, int count) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (moved() < count) {
            job.assertAlive();
            assertThat(System.nanoTime()).as("%s keychains moved", count).isLessThan(end);
            Thread.sleep(20); // The processes need the processors.
        }
    }

    /** Each DEK has one wrap, under the new KEK, and each object opens where the old one is out of reach. */
    void assertAllMoved() throws Exception {
        assertThat(store.unreadable()).isEmpty();
        for (int i = 0; i < keychains; i++) {
            KeychainRecord record = store.load(id(i)).orElseThrow();
            assertThat(record.deks())
                    .hasSize(deks)
                    .allMatch(entry -> entry.wraps().size() == 1
                            && entry.wraps().get(0).role() == Role.CONTROL
                            && entry.wraps().get(0).wrapped().kekId().equals(DistantKms.TO));
            assertThat(record.recipients())
                    .singleElement()
                    .satisfies(recipient -> assertThat(recipient.kekId()).isEqualTo(DistantKms.TO));
        }
        List<byte[]> objects = objects(folder);
        assertThat(objects).hasSize(keychains * deks);
        try (Products apart = Products.distantWithout(DistantKms.FROM)) {
            Keychains opened = apart.keychains(store);
            Optional<Keychain> keychain = Optional.empty();
            for (byte[] envelope : objects) {
                String id =
                        EnvelopeHeader.read(new ByteArrayInputStream(envelope)).keychainId();
                keychain = keychain.filter(one -> one.id().equals(id)).or(() -> Optional.of(opened.open(id)));
                requireOpens(keychain.orElseThrow(), envelope);
            }
        }
    }

    @Override
    public void close() {
        running.forEach(Child::end);
    }
}
