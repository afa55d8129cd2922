package io.keywrap.recovery;

import io.keywrap.EncryptionContext;
import io.keywrap.TestTenant;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.RecordForge;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.stream.EnvelopeCipher;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A tenant, its store, and what befalls a store: copies, losses, restores. */
final class RecoveryFixture {
    static final EncryptionContext OBJECT = EncryptionContext.of("object", "a.csv");

    final Path folder;
    final List<Finding> findings = new ArrayList<>();

    RecoveryFixture(Path folder) {
        this.folder = folder;
    }

    /** The same files as another process sees them, which remembers nothing. */
    TestTenant tenant() {
        return TestTenant.in(folder);
    }

    StoreRecovery recovery() {
        findings.clear();
        TestTenant tenant = tenant();
        return StoreRecovery.of(tenant.store(), tenant.providers(), KeychainSeal.wrappedBy(TestTenant.VENDOR));
    }

    Path export() {
        return folder.resolve("keychains.kwsx");
    }

    Summary exportNow() throws IOException {
        return recovery().exportTo(export());
    }

    /** A backup of the store's folder, as a backup of the file system makes it. */
    Path backup(String name) throws IOException {
        return copy(tenant().storeFolder(), folder.resolve(name));
    }

    void restore(Path backup) throws IOException {
        lose();
        copy(backup, tenantFolder());
    }

    void lose() throws IOException {
        delete(tenantFolder());
    }

    RecordForge forge() {
        return new RecordForge(tenant());
    }

    /** What an erasure does, which only who has the use of the vendor's KEK can do. */
    void destroy(String keychainId, int dek) {
        forge().editAsVendor(keychainId, next -> next.deks(destroyed(record(keychainId), dek)));
    }

    KeychainRecord record(String keychainId) {
        return tenant().keychains().open(keychainId).record();
    }

    List<String> found() {
        return findings.stream()
                .map(finding -> finding.kind() + " " + finding.subject())
                .sorted()
                .toList();
    }

    EnvelopeSource envelope(Keychain keychain, String name) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, EnvelopeCipher.using(keychain).encrypt(plaintext(name), OBJECT));
        return EnvelopeSource.of(file);
    }

    static byte[] plaintext(String name) {
        return ("content of " + name).getBytes(StandardCharsets.UTF_8);
    }

    byte[] decrypt(String keychainId, EnvelopeSource envelope) throws IOException {
        Keychain keychain = tenant().keychains().open(keychainId);
        return EnvelopeCipher.using(keychain)
                .decrypt(
                        Files.readAllBytes(
                                folder.resolve(Path.of(envelope.name()).getFileName())),
                        OBJECT);
    }

    EnvelopeHeader header(String name) throws IOException {
        return EnvelopeHeader.read(new ByteArrayInputStream(Files.readAllBytes(folder.resolve(name))));
    }

    /** An envelope with another header in front of its payload. */
    EnvelopeSource reheaded(String name, UnaryOperator<EnvelopeHeader.Builder> change) throws IOException {
        return reheaded(name, name, change);
    }

    /** The same as a source of another name. */
    EnvelopeSource reheaded(String name, String newName, UnaryOperator<EnvelopeHeader.Builder> change)
            throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve(name));
        EnvelopeHeader header = header(name);
        EnvelopeHeader.Builder copy = EnvelopeHeader.builder(header.keychainId(), header.dekId())
                .keyContext(header.keyContext())
                .objectContext(header.objectContext())
                .recipients(header.recipients());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(change.apply(copy).build().toBytes());
        int length = header.toBytes().length;
        out.write(whole, length, whole.length - length);
        return source(newName, out.toByteArray());
    }

    static EnvelopeSource source(String name, byte[] content) {
        return new EnvelopeSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public ByteArrayInputStream open() {
                return new ByteArrayInputStream(content);
            }
        };
    }

    private Path tenantFolder() {
        return folder.resolve("store");
    }

    private static List<DekEntry> destroyed(KeychainRecord record, int dek) {
        List<DekEntry> entries = new ArrayList<>(record.deks());
        entries.set(dek, entries.get(dek).inState(State.DESTROYED));
        return entries;
    }

    private static Path copy(Path from, Path to) throws IOException {
        List<Path> all;
        try (var paths = Files.walk(from)) {
            all = paths.toList();
        }
        for (Path path : all) {
            Path target = to.resolve(from.relativize(path).toString());
            if (Files.isDirectory(path)) {
                Files.createDirectories(target);
            } else {
                Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return to;
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
