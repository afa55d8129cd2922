package io.keywrap.cli;

import static io.keywrap.cli.AwsProcess.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.InetAddress;
import java.net.ServerSocket;
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

    private AwsProcess with(String variable, String value) {
        Map<String, String> changed = new HashMap<>(settings);
        changed.put(variable, value);
        return with(changed);
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
    void aRotatedKeyStillDecryptsWhatItsOldVersionWrapped() throws Exception {
        String before = keywrap.status().out();
        owner.rotate();
        assertThat(keywrap.status().out()).isNotEqualTo(before);
        assertDecrypts("after");
    }

    @Test
    void aDeletedKeyIsToldWithTheDateOfItsPurge() throws Exception {
        owner.delete();
        keywrap.assertFailed(keywrap.decrypt("no"), 4, "the key was deleted, can be recovered, and is purged on 20");
        keywrap.assertFailed(keywrap.status(), 4, "ask the customer to recover the key");
    }

    @Test
    void whatDoesNotListenIsOutOfReach() throws Exception {
        emulator.destroy();
        JarProcess.exitCode(emulator);
        Files.writeString(Path.of(settings.get("KEYWRAP_AZURE_CA")), "");
        keywrap.assertFailed(keywrap.decrypt("no"), 6, "has no certificate in PEM");
        Files.delete(Path.of(settings.get("KEYWRAP_AZURE_CA")));
        Map<String, String> withoutCa = new HashMap<>(settings);
        withoutCa.remove("KEYWRAP_AZURE_CA");
        keywrap = with(withoutCa);
        keywrap.assertFailed(keywrap.decrypt("no"), 5, "it can be tried again");
        keywrap.assertFailed(keywrap.status(), 5, "it can be tried again");
    }

    @Test
    void credentialsThatTheSignInDoesNotAcceptAreConfiguration() throws Exception {
        AwsProcess wrong = with("AZURE_CLIENT_SECRET", "wrong");
        wrong.assertFailed(wrong.status(), 6, "AADSTS7000215", "renew the certificate or secret");
        AwsProcess none = with("AZURE_CLIENT_SECRET", "");
        none.assertFailed(none.status(), 6, "there are no credentials for the emulator");
    }

    @Test
    void anAuthorityThatIsNotTrustedIsConfiguration() throws Exception {
        Map<String, String> withoutCa = new HashMap<>(settings);
        withoutCa.remove("KEYWRAP_AZURE_CA");
        AwsProcess untrusting = with(withoutCa);
        untrusting.assertFailed(untrusting.status(), 6, "certificate", "not trusted");
    }

    @Test
    void credentialsOfAzureItselfAreNotForAnEmulator() throws Exception {
        AwsProcess real = with("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com");
        real.assertFailed(real.status(), 6, "AZURE_AUTHORITY_HOST is not KEYWRAP_AZURE_KEY_VAULT_ENDPOINT");
    }

    @Test
    void anEndpointOnAnotherMachineIsRefusedBeforeAnybodyIsCalled() throws Exception {
        for (String elsewhere : new String[] {
            "https://10.0.0.1:8443",
            "https://localhost.evil.example:8443",
            "https://localhost",
            "https://user@localhost:1"
        }) {
            AwsProcess refused = with("KEYWRAP_AZURE_KEY_VAULT_ENDPOINT", elsewhere);
            refused.assertFailed(refused.status(), 6, "KEYWRAP_AZURE_KEY_VAULT_ENDPOINT is no port of this machine");
        }
        AwsProcess plain = with("KEYWRAP_AZURE_KEY_VAULT_ENDPOINT", "http://localhost:8443");
        plain.assertFailed(plain.status(), 6, "KEYWRAP_AZURE_KEY_VAULT_ENDPOINT does not begin with https://");
        AwsProcess none = with(Map.of());
        none.assertFailed(none.status(), 6, "its host is none that a token may be sent to");
    }

    @Test
    void aPortThatWasNotNamedIsNotCalled() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            other.setSoTimeout(1);
            String url = "azure-kms://https://localhost:" + other.getLocalPort() + "/keys/kek";
            JarProcess.Result result = keywrap.run("kek", "status", url);
            assertThat(result.exitCode()).isEqualTo(6);
            assertThat(result.err())
                    .contains("its host is none that a token may be sent to")
                    .hasLineCount(1);
            org.assertj.core.api.Assertions.assertThatExceptionOfType(java.net.SocketTimeoutException.class)
                    .isThrownBy(other::accept);
        }
    }

    @Test
    void debugMessagesTellNeitherSecretNorToken() throws Exception {
        JarProcess.Result result = keywrap.run(
                "-v", "decrypt", "--store", "store", "--keychain", "t", "--seal-kek", kek, "in.kwrp", "out");
        assertDone(result);
        assertThat(result.err()).doesNotContain("acme", "Bearer ", "eyJ");
    }
}
