package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.Dek;
import io.keywrap.EncryptionContext;
import io.keywrap.KekException;
import io.keywrap.byok.ByokKms;
import io.keywrap.byok.ByokSlots;
import io.keywrap.byok.SlotRefusedException;
import io.keywrap.byok.SlotState;
import io.keywrap.byok.SlotStatus;
import io.keywrap.byok.TransportKeys;
import io.keywrap.byok.Upload;
import io.keywrap.byok.UploadRefusedException;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.keychain.Keychains;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.FileKeychainStore;
import io.keywrap.stream.EnvelopeCipher;
import io.keywrap.testkit.InMemoryKms;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Own, document {@code 003_4b6cb46888fe808f}, first row: a customer makes a key with the script of their region, with a digest or
 * under a passphrase, uploads it, validates, and activates. The other rows are in {@link Document003OwnScenarioTest}.
 */
class Document003OwnUploadScenarioTest {
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");
    private static final String SLOT = "acme";
    private static final Path SCRIPTS =
            Path.of("../../docs/byok").toAbsolutePath().normalize();
    private static final int MOST_SECONDS = 120;

    @TempDir
    Path folder;

    private final InMemoryKms kms = new InMemoryKms();
    private FileKeychainStore store;
    private ByokKms byok;
    private KeyProviders providers;
    private Keychains keychains;
    private ByokSlots slots;
    private TransportKeys transport;

    @BeforeEach
    void start() throws IOException {
        assumeThat(Stream.of(System.getenv("PATH").split(File.pathSeparator)))
                .as("openssl, which is not installed here")
                .anyMatch(place -> Files.isExecutable(Path.of(place, "openssl")));
        store = FileKeychainStore.open(folder.resolve("store"));
        byok = ByokKms.builder(store, kms.kek("vendor").id()).build();
        providers = KeyProviders.builder().register(kms).register(byok).build();
        slots = byok.slots(providers);
        keychains = Keychains.builder(store, providers)
                .seal(KeychainSeal.wrappedBy(kms.kek("vendor").id()))
                .build();
        EnvelopeCipher ofTheVendor = EnvelopeCipher.using(keychains.create(
                "transport", spec -> spec.control(kms.kek("vendor").id())));
        TransportKeys made =
                TransportKeys.builder(ofTheVendor).region("eu-west-1").create();
        made.save(folder.resolve("transport.kwrp"));
        transport = TransportKeys.builder(ofTheVendor).region("eu-west-1").open(folder.resolve("transport.kwrp"));
        Files.writeString(folder.resolve("transport.pem"), transport.current().toPem());
        Files.createDirectory(folder.resolve("out"));
    }

    @AfterEach
    void end() {
        if (providers != null) {
            byok.close();
            providers.close();
        }
        kms.close();
    }

    /** Runs a script as the customer does, and returns what it has printed. */
    private String script(String name, String input, String... options) throws Exception {
        List<String> line = new ArrayList<>(List.of("sh", SCRIPTS.resolve(name).toString()));
        line.addAll(List.of(options));
        line.add(folder.resolve("transport.pem").toString());
        line.add(folder.resolve("out").toString());
        Process process = new ProcessBuilder(line)
                .redirectError(folder.resolve("messages").toFile())
                .redirectInput(Files.writeString(folder.resolve("input"), input).toFile())
                .redirectOutput(folder.resolve("printed").toFile())
                .start();
        assertThat(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("messages")))
                .isZero();
        Files.delete(folder.resolve("input"));
        return Files.readString(folder.resolve("printed"));
    }

    private byte[] made(String name) throws IOException {
        return Upload.read(new ByteArrayInputStream(
                Files.readAllBytes(folder.resolve("out").resolve(name))));
    }

    private String digest() throws IOException {
        return Files.readString(folder.resolve("out").resolve("secret_digest.txt"));
    }

    private SlotStatus validate(Upload upload) {
        try (Dek uploaded = upload.secret(transport)) {
            return slots.validate(SLOT, uploaded);
        }
    }

    private void assertServes() {
        EnvelopeCipher cipher =
                EnvelopeCipher.using(keychains.create("tenant-42", spec -> spec.control(ByokKms.kekId(SLOT))));
        byte[] data = "id,name\n".getBytes(StandardCharsets.UTF_8);
        assertThat(cipher.decrypt(cipher.encrypt(data, OBJECT), OBJECT)).isEqualTo(data);
    }

    @Test
    void aKeyWithItsDigestIsValidatedAndActivatedAndStoredOnlyWrapped() throws Exception {
        String key = script("make-key.sh", "", "-o").strip();

        SlotStatus pending = validate(Upload.ofSecret(made("encrypted_secret.bin"), digest()));
        assertThat(pending.pending().orElseThrow().state()).isEqualTo(SlotState.PENDING);
        assertThatExceptionOfType(KekException.class)
                .as("not before it is activated")
                .isThrownBy(this::assertServes);
        assertThat(store.load("tenant-42"))
                .as("a keychain of a key that is pending")
                .isEmpty();
        slots.activate(SLOT, pending.pending().orElseThrow().number());
        assertServes();

        assertNowhere(Base64.getDecoder().decode(key));
        assertNowhere(key.getBytes(StandardCharsets.US_ASCII));
    }

    private void assertNowhere(byte[] secret) throws IOException {
        String text = new String(secret, StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(text);
            }
        }
    }

    @Test
    void aKeyUnderAPassphraseIsValidatedAndActivated() throws Exception {
        script("make-key-passphrase.sh", "correct horse battery staple\n");

        SlotStatus pending = validate(Upload.ofKeyFile(made("encrypted_key.bin"), made("encrypted_passphrase.bin")));
        slots.activate(SLOT, pending.pending().orElseThrow().number());
        assertServes();
    }

    @Test
    void whatDoesNotMatchIsRefusedWithTheReasonAndLeavesNothing() throws Exception {
        script("make-key.sh", "");
        String other = Base64.getEncoder().encodeToString(new byte[32]);
        byte[] damaged = made("encrypted_secret.bin");
        damaged[100] ^= 1;

        assertRefused(
                UploadRefusedException.Reason.DIGEST_MISMATCH, Upload.ofSecret(made("encrypted_secret.bin"), other));
        assertRefused(UploadRefusedException.Reason.NOT_DECRYPTED, Upload.ofSecret(damaged, digest()));
        assertThat(slots.status(SLOT)).isEmpty();
    }

    @Test
    void aKeyFileAndThePassphraseOfAnotherAreRefusedAndLeaveNothing() throws Exception {
        script("make-key-passphrase.sh", "correct horse battery staple\n");
        byte[] keyFile = made("encrypted_key.bin");
        for (String name : List.of("encrypted_key.bin", "encrypted_passphrase.bin")) {
            Files.delete(folder.resolve("out").resolve(name));
        }
        script("make-key-passphrase.sh", "another horse battery staple\n");

        assertRefused(
                UploadRefusedException.Reason.KEY_FILE_MISMATCH,
                Upload.ofKeyFile(keyFile, made("encrypted_passphrase.bin")));
        assertThat(slots.status(SLOT)).isEmpty();
    }

    private void assertRefused(UploadRefusedException.Reason reason, Upload upload) {
        assertThatExceptionOfType(UploadRefusedException.class)
                .isThrownBy(() -> validate(upload))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void theSameKeyUploadedAgainGivesAccessBack() throws Exception {
        String key = script("make-key.sh", "", "-o");
        slots.activate(
                SLOT,
                validate(Upload.ofSecret(made("encrypted_secret.bin"), digest()))
                        .pending()
                        .orElseThrow()
                        .number());
        slots.revoke(SLOT, "revoke");
        for (String name : List.of("encrypted_secret.bin", "secret_digest.txt")) {
            Files.move(folder.resolve("out").resolve(name), folder.resolve(name));
        }

        script("make-key.sh", "");
        Upload another = Upload.ofSecret(made("encrypted_secret.bin"), digest());
        assertThatExceptionOfType(SlotRefusedException.class)
                .isThrownBy(() -> restore(another))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(SlotRefusedException.Reason.OTHER_KEY));
        for (String name : List.of("encrypted_secret.bin", "secret_digest.txt")) {
            Files.delete(folder.resolve("out").resolve(name));
        }

        script("make-key.sh", key, "-i");
        restore(Upload.ofSecret(made("encrypted_secret.bin"), digest()));
        assertServes();
    }

    private void restore(Upload upload) {
        try (Dek uploaded = upload.secret(transport)) {
            slots.restore(SLOT, uploaded);
        }
    }
}
