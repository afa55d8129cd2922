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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertDebugMessagesTellNothing();
    }

    /** Google's gRPC would show each frame, and with it DEKs and key context. */
    private void assertDebugMessagesTellNothing() throws Exception {
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
                "verbose");

        assertDone(result);
        assertThat(result.err()).doesNotContain("acme", "OUTBOUND", "INBOUND", "netty");
    }

    @Test
    void whatDoesNotListenIsOutOfReachWithinTheDeadline() throws Exception {
        emulator.destroy();
        JarProcess.exitCode(emulator);
        long started = System.nanoTime();

        keywrap.assertFailed(keywrap.decrypt("no"), 5, "code UNAVAILABLE", "it can be tried again");

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(PATIENCE);
    }
}
