package io.keywrap.cli;

import static io.keywrap.cli.AwsProcess.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An emulator of Azure Key Vault, the command, and an owner who withdraws a key: each a process of its own. */
class AzureIT {
    @TempDir
    Path folder;

    private Process emulator;
    private String kek;
    private final Map<String, String> settings = new HashMap<>();
    private AwsProcess keywrap;
    private AzureWire owner;

    @BeforeEach
    void start() throws Exception {
        emulator = JarProcess.command(folder, "emulator", "azure", "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        JsonObject announced =
                JsonParser.parseString(emulator.inputReader().readLine()).getAsJsonObject();
        kek = announced.get("kek").getAsString();
        announced
                .getAsJsonObject("environment")
                .entrySet()
                .forEach(entry -> settings.put(entry.getKey(), entry.getValue().getAsString()));
        keywrap = with(settings);
        owner = new AzureWire(settings, kek);
        Files.writeString(folder.resolve("in"), AwsProcess.TEXT);
        assertDone(keywrap.create());
        assertDone(keywrap.encrypt());
    }

    /** The command with other settings; those of AWS go nowhere. */
    private AwsProcess with(Map<String, String> environment) {
        AwsProcess process = new AwsProcess(folder, "http://127.0.0.1:1", kek);
        process.environment.putAll(environment);
        return process;
    }

    @AfterEach
    void end() throws Exception {
        emulator.destroy();
        JarProcess.exitCode(emulator);
    }

    private void assertDecrypts(String out) throws Exception {
        JarProcess.Result result = keywrap.decrypt(out);
        assertDone(result);
        assertThat(result.err()).startsWith("keywrap: decrypted 1 file").hasLineCount(1);
        assertThat(folder.resolve(out)).hasContent(AwsProcess.TEXT);
    }

    @Test
    void aDisabledKeyDecryptsNothingUntilItIsEnabled() throws Exception {
        assertDecrypts("before");
        assertThat(keywrap.status().out()).contains(kek, "usable").containsPattern("version  [0-9a-f]{32}");

        owner.enabled(false);
        keywrap.assertFailed(keywrap.decrypt("no"), 4, "the key is disabled", "ask the customer to enable the key");
        keywrap.assertFailed(keywrap.status(), 4, "the key is disabled");
        keywrap.assertFailed(keywrap.encrypt(), 4, "the key is disabled");

        owner.enabled(true);
        assertDecrypts("after");
    }

    @Test
    void debugMessagesTellNeitherSecretNorToken() throws Exception {
        JarProcess.Result result = keywrap.run(
                "-v", "decrypt", "--store", "store", "--keychain", "t", "--seal-kek", kek, "in.kwrp", "out");
        assertDone(result);
        assertThat(result.err()).doesNotContain("acme", "Bearer ", "eyJ");
    }
}
