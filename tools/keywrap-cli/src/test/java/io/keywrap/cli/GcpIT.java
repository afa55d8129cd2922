package io.keywrap.cli;

import static io.keywrap.cli.KekProcess.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An emulator of Google Cloud KMS, the command, and clients that withdraw a key: each a process of its own. */
class GcpIT {
    /** The deadline of a call, and time for a JVM to start on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String DISABLED = "version 1 of the key is disabled";
    private static final String TO_DO = "ask the customer to enable that version again";

    @TempDir
    Path folder;

    private Process emulator;
    private KeyManagementServiceClient owner;
    private String key;
    private KekProcess keywrap;

    @BeforeEach
    void start() throws Exception {
        emulator = JarProcess.command(folder, "emulator", "gcp", "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        JsonObject announced =
                JsonParser.parseString(emulator.inputReader().readLine()).getAsJsonObject();
        owner = GcpWire.client(announced.get("endpoint").getAsString());
        key = announced.get("key").getAsString();
        keywrap = new KekProcess(folder, "gcp-kms://" + key);
        announced
                .getAsJsonObject("environment")
                .entrySet()
                .forEach(one ->
                        keywrap.environment.put(one.getKey(), one.getValue().getAsString()));
        Files.writeString(folder.resolve("in"), KekProcess.TEXT);
        assertDone(keywrap.create());
        assertDone(keywrap.encrypt());
    }

    @AfterEach
    void end() throws Exception {
        owner.close();
        emulator.destroy();
        JarProcess.exitCode(emulator);
    }

    private void version(CryptoKeyVersionState state) {
        GcpWire.set(owner, key + "/cryptoKeyVersions/1", state);
    }

    private void assertDecrypts(String out) throws Exception {
        JarProcess.Result result = keywrap.decrypt(out);
        assertDone(result);
        assertThat(result.err()).startsWith("keywrap: decrypted 1 file").hasLineCount(1);
        assertThat(folder.resolve(out)).hasContent(KekProcess.TEXT);
    }

    @Test
    void afterAVersionIsDisabledNothingIsDecryptedUntilItIsEnabled() throws Exception {
        assertDecrypts("before");
        assertThat(keywrap.status().out()).contains("gcp-kms://" + key, "usable", "version  1");

        version(CryptoKeyVersionState.DISABLED);
        keywrap.assertFailed(keywrap.decrypt("no"), 4, DISABLED, "FAILED_PRECONDITION/KEY_DISABLED", TO_DO);
        keywrap.assertFailed(keywrap.status(), 4, DISABLED, TO_DO);
        keywrap.assertFailed(keywrap.encrypt(), 4, DISABLED, TO_DO);

        version(CryptoKeyVersionState.ENABLED);
        assertDecrypts("after");
        assertDone(keywrap.status());
    }

    @Test
    void aDestructionThatIsScheduledIsToldWithItsDate() throws Exception {
        owner.destroyCryptoKeyVersion(key + "/cryptoKeyVersions/1");
        String day = LocalDate.now(ZoneOffset.UTC).plusDays(30).toString();

        keywrap.assertFailed(
                keywrap.decrypt("no"),
                4,
                "scheduled to be destroyed, on " + day,
                "restore the version before its date");

        owner.restoreCryptoKeyVersion(key + "/cryptoKeyVersions/1");
        keywrap.assertFailed(keywrap.decrypt("no"), 4, DISABLED);
        version(CryptoKeyVersionState.ENABLED);
        assertDecrypts("after");
    }

    @Test
    void whatDoesNotListenIsOutOfReachWithinTheDeadline() throws Exception {
        emulator.destroy();
        JarProcess.exitCode(emulator);
        long started = System.nanoTime();

        keywrap.assertFailed(keywrap.decrypt("no"), 5, "code UNAVAILABLE", "it can be tried again");

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(PATIENCE);
        keywrap.assertFailed(keywrap.status(), 5, "it can be tried again");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.7:443",
                "cloudkms.googleapis.com:443",
                "127.0.0.1.example.com:443",
                "http://127.0.0.1:8080",
                "127.0.0.1",
                "127.0.0.1:99999",
                "[::2]:1",
                ""
            })
    void whatIsNotOnThisMachineIsRefusedBeforeAnyConnection(String endpoint) throws Exception {
        keywrap.environment.put("KEYWRAP_GCP_KMS_ENDPOINT", endpoint);

        keywrap.assertFailed(keywrap.status(), 6, "is not HOST:PORT of an emulator on this machine", "unset it");
    }

    @Test
    void debugMessagesTellNeitherKeyContextNorWhatIsOnTheWire() throws Exception {
        JarProcess.Result result = keywrap.run(
                "-v",
                "decrypt",
                "--store",
                "store",
                "--keychain",
                "t",
                "--seal-kek",
                "gcp-kms://" + key,
                "in.kwrp",
                "out");

        assertDone(result);
        assertThat(result.err()).doesNotContain("acme", "OUTBOUND", "INBOUND", "netty");
    }
}
