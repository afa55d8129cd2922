package io.keywrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.DekEntry;
import io.keywrap.store.KeyManagement;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that format version 1 was ever written as opens, and is written again byte for byte. */
class GoldenFilesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/v1");
    private static final Map<String, Integer> OF_PLAIN =
            Map.of("empty", 0, "small", 100, "two-segments", 65_504 + 7, "segment-256k", 70_000, "segment-1m", 70_000);

    @TempDir
    Path folder;

    private KeyProviders providers;
    private Keychains keychains;

    @BeforeEach
    void openACopy() throws IOException {
        try (Stream<Path> files = Files.walk(GOLDEN)) {
            files.filter(Files::isRegularFile).forEach(this::copy);
        }
        providers = GoldenFiles.providers(folder);
        keychains = GoldenFiles.keychains(folder, providers);
    }

    @AfterEach
    void close() {
        providers.close();
    }

    @Test
    void keychainsOpenWithTheirSeals() {
        assertThat(keychains.list(KeychainFilter.all(), Optional.empty(), 10))
                .containsExactlyInAnyOrder("plain", "portable Ключ", "migrated", "recipients");

        KeychainRecord plain = keychains.open("plain").record();
        assertThat(plain.revision()).isEqualTo(3);
        assertThat(plain.portable()).isFalse();
        assertThat(plain.deks())
                .extracting(dek -> dek.usage() + " " + dek.state())
                .containsExactly(
                        Usage.ENVELOPES + " " + State.DECRYPT_ONLY,
                        Usage.ENVELOPES + " " + State.PRIMARY,
                        Usage.OUTSIDE + " " + State.PRIMARY);

        KeychainRecord portable = keychains.open("portable Ключ").record();
        assertThat(portable.portable()).isTrue();
        assertThat(portable.keyContext()).isEqualTo(EncryptionContext.of("tenant", "acme"));
        assertThat(portable.recipients())
                .extracting(KeychainRecord.Recipient::kekId)
                .containsExactly(GoldenFiles.CUSTOMER, GoldenFiles.SECOND);
    }

    @Test
    void recordsAreWrittenAgainAsTheyWere() throws IOException {
        int records = 0;
        try (Stream<Path> files = Files.walk(GOLDEN.resolve("store"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                assertThat(KeychainRecord.parse(bytes).toBytes()).isEqualTo(bytes);
                records++;
            }
        }
        assertThat(records).isEqualTo(4);
    }

    @Test
    void envelopesOpenWithTheirKeychain() throws IOException {
        EnvelopeCipher cipher = EnvelopeCipher.using(keychains.open("plain"));
        for (Map.Entry<String, Integer> envelope : OF_PLAIN.entrySet()) {
            byte[] bytes = Files.readAllBytes(folder.resolve(envelope.getKey() + ".kwrp"));
            assertThat(cipher.decrypt(bytes, GoldenFiles.OBJECT))
                    .as(envelope.getKey())
                    .isEqualTo(GoldenFiles.random(envelope.getValue()));
        }
        assertThat(EnvelopeCipher.using(keychains.open("portable Ключ"))
                        .decrypt(Files.readAllBytes(folder.resolve("portable.kwrp")), GoldenFiles.OBJECT))
                .isEqualTo(GoldenFiles.random(100));
    }

    @Test
    void aPortableEnvelopeOpensWithEachOfItsKeks() throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("portable.kwrp"));
        for (KekId kek : Set.of(GoldenFiles.CUSTOMER, GoldenFiles.SECOND)) {
            assertThat(EnvelopeCipher.portable(providers, Set.of(kek)).decrypt(bytes, GoldenFiles.OBJECT))
                    .isEqualTo(GoldenFiles.random(100));
        }
    }

    @Test
    void aDekForOutsideUseIsTheSameKey() throws IOException {
        String[] outside = Files.readString(folder.resolve("outside-dek.txt")).split(" ");
        Keychain keychain = keychains.open("plain");
        try (DekLease lease = keychain.lease(DekId.of(outside[0]))) {
            assertThat(lease.withBytes(GoldenFiles::digest)).isEqualTo(outside[1]);
        }
    }

    @Test
    void aMigratedKeychainHasItsOldDeksAndAnAdoptedKey() throws IOException {
        Keychain keychain = keychains.open("migrated");
        assertThat(keychain.record().keyManagement()).isEqualTo(KeyManagement.CUSTOMER);
        assertThat(keychain.record().migratable()).isTrue();
        assertThat(keychain.record().deks()).hasSize(3);
        try (DekLease lease = keychain.lease(DekId.of(Files.readString(folder.resolve("adopted-dek.txt"))))) {
            assertThat(lease.withBytes(byte[]::clone)).isEqualTo(GoldenFiles.random(32));
        }
    }

    @Test
    void aKeychainHasItsRecipientsAndADestroyedDek() {
        KeychainRecord record = keychains.open("recipients").record();
        assertThat(record.recipients())
                .containsExactly(
                        new Recipient(Role.CONTROL, GoldenFiles.SECOND),
                        new Recipient(Role.REPLICA, GoldenFiles.VENDOR),
                        new Recipient(Role.RETAINED, GoldenFiles.CUSTOMER, Optional.of(GoldenFiles.RETAINED_UNTIL)));
        assertThat(record.writeQuorum()).isEqualTo(1);
        assertThat(record.deks())
                .extracting(DekEntry::state)
                .containsExactly(State.DESTROYED, State.DECRYPT_ONLY, State.PRIMARY);
        assertThat(record.deks().get(1).wraps())
                .extracting(KeychainRecord.Wrap::role)
                .containsExactly(Role.RETAINED, Role.CONTROL);
        assertThat(record.incomplete()).containsExactly(record.deks().get(1));
    }

    @Test
    void anExportIsWhatTheStoreHasAndFillsAnEmptyOne() throws IOException {
        Path export = folder.resolve("export.kwsx");
        assertThat(GoldenFiles.recovery(folder, providers)
                        .compareWith(export, finding -> {})
                        .toString())
                .isEqualTo("Summary[4 examined, {}]");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(GoldenFiles.recovery(empty, providers)
                        .importFrom(export, finding -> {})
                        .toString())
                .isEqualTo("Summary[4 examined, {ADDED=4}]");
    }

    @Test
    void aWrappedDekUnwrapsAndIsWrittenAgainAsItWas() throws IOException {
        String text = Files.readString(folder.resolve("wrapped-dek.txt"));
        WrappedDek wrapped = WrappedDek.parseText(text);
        assertThat(wrapped.toText()).isEqualTo(text);
        try (Dek dek = providers
                .provider(GoldenFiles.CUSTOMER)
                .unwrap(wrapped, GoldenFiles.SINGLE_CONTEXT, providers.foregroundDeadline())) {
            assertThat(dek.withBytes(byte[]::clone)).isEqualTo(GoldenFiles.random(32));
        }
    }

    private void copy(Path file) {
        Path target = folder.resolve(GOLDEN.relativize(file));
        try {
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
