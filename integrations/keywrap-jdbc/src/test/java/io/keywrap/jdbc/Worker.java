package io.keywrap.jdbc;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.KeychainConflictException;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A process that works on the keychains of a database until its standard input ends, and tells what it has done: a line
 * for each DEK whose commit has returned, for each that it has seen repaired, and for each object that it has encrypted.
 * While it rotates, the REPLICA KEK is out of its reach; while it repairs, it is not.
 */
final class Worker {
    private Worker() {}

    /**
     * Runs it.
     *
     * @param arguments the URL, the folder of the keys and objects, the verb (tend, encrypt, restore), a name, and how
     *     many keychains there are
     * @throws Exception if anything fails but a race with another process
     */
    public static void main(String[] arguments) throws Exception {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(arguments[0]);
        source.setUser("postgres");
        Path folder = Path.of(arguments[1]);
        Random random = new Random();
        try (Products products = Products.in(folder);
                Products apart = Products.without(Products.REPLICA, folder)) {
            KeychainStore store = JdbcKeychainStore.open(source);
            Keychains keychains = products.keychains(store);
            Keychains keychainsApart = apart.keychains(store);
            for (int i = 0; System.in.available() == 0; i++) {
                String id = "tenant-" + random.nextInt(Integer.parseInt(arguments[4]));
                switch (arguments[2]) {
                    case "tend" -> tend(random, keychains.open(id), keychainsApart.open(id));
                    case "encrypt" -> encrypt(keychains.open(id), folder.resolve(arguments[3] + "-" + i + ".kwrp"));
                    default -> restore(keychains, folder, random);
                }
            }
        }
    }

    private static void tend(Random random, Keychain keychain, Keychain apart) {
        try {
            if (random.nextInt(3) == 0) {
                repair(keychain);
            } else {
                rotate(apart);
            }
        } catch (KeychainConflictException e) {
            System.out.println("conflict " + keychain.id() + " -"); // The others were always faster.
        }
    }

    private static void rotate(Keychain keychain) {
        keychain.rotate();
        KeychainRecord record = keychain.record();
        System.out.println("dek " + keychain.id() + " "
                + record.primary(Usage.ENVELOPES).orElseThrow().id());
        System.out.println("revision " + keychain.id() + " " + record.revision());
    }

    private static void repair(Keychain keychain) {
        Set<DekId> repaired = incomplete(keychain.record());
        keychain.repair(Set.of(Products.REPLICA));
        repaired.removeAll(incomplete(keychain.record()));
        repaired.forEach(dek -> System.out.println("repaired " + keychain.id() + " " + dek));
    }

    private static Set<DekId> incomplete(KeychainRecord record) {
        return record.incomplete().stream().map(DekEntry::id).collect(Collectors.toCollection(HashSet::new));
    }

    private static void encrypt(Keychain keychain, Path file) throws Exception {
        byte[] plain = keychain.id().getBytes(StandardCharsets.UTF_8);
        byte[] envelope = EnvelopeCipher.using(keychain).encrypt(plain, EncryptionContext.empty());
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, envelope);
        Files.move(part, file);
        System.out.println("object " + keychain.id() + " " + file.getFileName());
    }

    private static void restore(Keychains keychains, Path folder, Random random) throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> objects =
                    files.filter(file -> file.toString().endsWith(".kwrp")).toList();
            if (!objects.isEmpty()) {
                System.out.println("restored " + open(keychains, objects.get(random.nextInt(objects.size()))) + " -");
            }
        }
    }

    /** Opens an object with the keychain that its header names, and gives its content. */
    static String open(Keychains keychains, Path object) throws Exception {
        byte[] envelope = Files.readAllBytes(object);
        String id = EnvelopeHeader.read(new ByteArrayInputStream(envelope)).keychainId();
        byte[] plain = EnvelopeCipher.using(keychains.open(id)).decrypt(envelope, EncryptionContext.empty());
        return new String(plain, StandardCharsets.UTF_8);
    }
}
