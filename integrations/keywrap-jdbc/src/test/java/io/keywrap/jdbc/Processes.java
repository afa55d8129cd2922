package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/** {@link Worker} processes on one PostgreSQL server, and what must be true of it all afterwards. */
final class Processes implements AutoCloseable {
    static final int KEYCHAINS = 3;

    private final Path folder;
    private final PGSimpleDataSource source = new PGSimpleDataSource();
    private final List<Running> running = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final Products products;
    private int started;

    Processes(Path folder) throws IOException {
        this.folder = folder;
        source.setUrl(((PGSimpleDataSource) Database.postgres()).getUrl());
        source.setUser("postgres");
        source.setCurrentSchema(Database.newSchema());
        products = Products.in(folder);
        JdbcKeychainStore.createSchema(source);
        for (int i = 0; i < KEYCHAINS; i++) {
            products.keychains(JdbcKeychainStore.open(source))
                    .create(
                            "tenant-" + i,
                            spec -> spec.control(Products.CUSTOMER)
                                    .replica(Products.REPLICA)
                                    .writeQuorum(1));
        }
    }

    void start(String verb) throws IOException {
        running.add(new Running(verb));
    }

    /** Kills one with SIGKILL, at no moment in particular, and starts another in its place. */
    void killOne(Random random) throws Exception {
        Running doomed = running.remove(random.nextInt(running.size()));
        doomed.child.kill();
        start(doomed.verb);
    }

    int done(String what) {
        return (int) told.stream().filter(line -> line.startsWith(what)).count();
    }

    void awaitAtLeast(int count, String what) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (done(what) < count) {
            assertThat(System.nanoTime()).as("%s times %s", done(what), what).isLessThan(end);
            running.forEach(one -> one.child.assertAlive());
            synchronized (told) {
                told.wait(1_000); // The workers need the processors.
            }
        }
    }

    /** Ends all of them, each of which must be content. */
    void end() throws Exception {
        for (Running one : running) {
            one.child.tellToEnd();
        }
        for (Running one : running) {
            one.child.assertEndsWell(Duration.ofMinutes(1));
        }
        running.clear();
    }

    /** Every DEK and repair whose commit was told is there, no revision was made twice, and every object opens. */
    void assertNothingLost(boolean nobodyWasKilled) throws Exception {
        JdbcKeychainStore store = JdbcKeychainStore.open(source);
        for (int i = 0; i < KEYCHAINS; i++) {
            String id = "tenant-" + i;
            KeychainRecord kept = store.load(id).orElseThrow();
            Set<String> deks = ids(kept.deks());
            assertThat(told("dek", id)).allMatch(deks::contains);
            assertThat(ids(kept.incomplete())).noneMatch(told("repaired", id)::contains);
            assertThat(told("revision", id)).doesNotHaveDuplicates();
            assertThat(kept.revision()).isGreaterThanOrEqualTo(deks.size());
            if (nobodyWasKilled) {
                assertThat(deks).hasSize(1 + told("dek", id).size());
            }
        }
        assertThat(store.unreadable()).isEmpty();
        assertEveryObjectOpens(products.keychains(store));
        for (int i = 0; i < KEYCHAINS; i++) {
            Keychain keychain = products.keychains(store).open("tenant-" + i);
            keychain.repair(Set.of(Products.REPLICA));
            assertThat(keychain.record().incomplete()).isEmpty();
        }
        try (Products apart = Products.without(Products.CUSTOMER, folder)) {
            assertEveryObjectOpens(apart.keychains(store)); // By the REPLICA KEK.
        }
    }

    private List<String> told(String what, String id) {
        return told.stream()
                .map(line -> line.split(" "))
                .filter(words -> words[0].equals(what) && words[1].equals(id))
                .map(words -> words[2])
                .toList();
    }

    private static Set<String> ids(List<DekEntry> deks) {
        return deks.stream().map(dek -> dek.id().toString()).collect(Collectors.toSet());
    }

    private void assertEveryObjectOpens(Keychains keychains) throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path object :
                    files.filter(file -> file.toString().endsWith(".kwrp")).toList()) {
                assertThat(Worker.open(keychains, object)).startsWith("tenant-");
            }
        }
    }

    @Override
    public void close() {
        running.forEach(one -> one.child.end());
        products.close();
    }

    private final class Running {
        private final String verb;
        private final Child child;

        Running(String verb) throws IOException {
            this.verb = verb;
            this.child = new Child(
                    folder,
                    List.of(),
                    Worker.class,
                    List.of(source.getUrl(), folder.toString(), verb, verb + started++, Integer.toString(KEYCHAINS)),
                    this::hear);
        }

        private void hear(String line) {
            if (line.split(" ").length == 3) { // Killed within a line, it may be cut.
                told.add(line);
                synchronized (told) {
                    told.notifyAll();
                }
            }
        }
    }
}
