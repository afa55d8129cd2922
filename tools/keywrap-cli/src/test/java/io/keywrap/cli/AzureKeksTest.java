package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywrap.emulators.AzureKey;
import io.keywrap.emulators.AzureKeySpec;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A KEK in Azure wherever a command takes a KEK, and the variables that lead to an emulator and nowhere else. */
class AzureKeksTest {
    private static final String ENDPOINT = "KEYWRAP_AZURE_KEY_VAULT_ENDPOINT";
    private static final String APPLICATION = "11111111-1111-4111-8111-111111111111";

    @TempDir
    Path folder;

    private final AzureKeyVaultEmulator emulator = AzureKeyVaultEmulator.start();
    private final AzureKey key = emulator.createKey();
    private TestRun command;

    @BeforeEach
    void settings() throws Exception {
        command = new TestRun(folder);
        emulator.registerApplication(APPLICATION).secret("secret", Instant.MAX);
        command.environment.put(ENDPOINT, emulator.endpoint().toString());
        command.environment.put(
                "KEYWRAP_AZURE_CA",
                Files.writeString(folder.resolve("ca.pem"), emulator.caPem()).toString());
        command.environment.put("AZURE_AUTHORITY_HOST", emulator.authorityHost().toString());
        command.environment.put("AZURE_TENANT_ID", emulator.tenant());
        command.environment.put("AZURE_CLIENT_ID", APPLICATION);
        command.environment.put("AZURE_CLIENT_SECRET", "secret");
    }

    @AfterEach
    void end() {
        emulator.close();
    }

    private static String kek(AzureKey key) {
        return "azure-kms://" + key.id();
    }

    private void assertFails(int exitCode, String... words) {
        assertThat(command.run("kek", "status", kek(key))).isEqualTo(exitCode);
        assertThat(command.err())
                .contains(words)
                .contains(kek(key), "; to do: ")
                .hasLineCount(1);
    }

    private void encryptWith(AzureKey one) throws Exception {
        command.must(
                "keychain", "create", "--store", command.path("store"), "--id", "t", "--kek", kek(one), "--portable");
        command.write("plain", "text");
        command.must(
                "encrypt",
                "--store",
                command.path("store"),
                "--keychain",
                "t",
                "--seal-kek",
                kek(one),
                command.path("plain"),
                command.path("plain.kwrp"));
    }

    private void assertDecryptsWith(AzureKey one) {
        command.must("decrypt", "--kek", kek(one), command.path("plain.kwrp"), command.path("out"));
        assertThat(folder.resolve("out")).hasContent("text");
    }

    @Test
    void encryptsAndDecryptsAlsoAfterARotation() throws Exception {
        encryptWith(key);
        key.rotate();
        assertDecryptsWith(key);
        command.must("kek", "status", kek(key));
        assertThat(command.out()).contains(kek(key), "usable", "version  " + key.version());
    }

    @Test
    void anAesKeyIsNamedByTheEnvironment() throws Exception {
        AzureKey aes = emulator.createKey(AzureKeySpec.octHsm());
        assertThat(command.run("kek", "status", kek(aes))).isEqualTo(6);
        command.environment.put("KEYWRAP_AZURE_AES_KEYS", "https://acme.vault.azure.net/keys/x " + aes.id());
        encryptWith(aes);
        assertDecryptsWith(aes);
    }

    @Test
    void anAesKeyIsTheSameInWhateverFormItIsNamed() {
        AzureKey aes = emulator.createKey(AzureKeySpec.octHsm());
        for (String named :
                new String[] {aes.id() + "/", aes.versionedId(), aes.id().toUpperCase(Locale.ROOT)}) {
            command.environment.put("KEYWRAP_AZURE_AES_KEYS", named);
            command.must("kek", "status", kek(aes));
            command.must("kek", "status", "azure-kms://" + aes.versionedId());
        }
    }

    @Test
    void credentialsThatAreNotWholeAreConfiguration() {
        for (String name : new String[] {"AZURE_TENANT_ID", "AZURE_CLIENT_ID"}) {
            String whole = command.environment.remove(name);
            assertFails(6, name);
            command.environment.put(name, "");
            assertFails(6, name);
            command.environment.put(name, whole);
        }
        command.environment.put("AZURE_TENANT_ID", "no tenant / at all");
        assertFails(6, "AZURE_TENANT_ID");
        assertThat(emulator.events()).isEmpty();
    }

    @Test
    void aDeletedKeyIsToldWithTheDateOfItsPurge() {
        key.softDelete(7);
        assertFails(
                4, "the key was deleted, can be recovered, and is purged on 20", "recover the key before it is purged");
    }

    @Test
    void whatDoesNotListenIsOutOfReach() {
        emulator.close();
        assertFails(5, "it can be tried again");
    }

    @Test
    void credentialsThatTheSignInDoesNotAcceptAreConfiguration() {
        command.environment.put("AZURE_CLIENT_SECRET", "wrong");
        assertFails(6, "AADSTS7000215", "renew the certificate or secret");
        command.environment.remove("AZURE_CLIENT_SECRET");
        assertFails(6, "there are no credentials for the emulator");
    }

    @Test
    void anAuthorityThatIsNotTrustedIsConfiguration() throws Exception {
        Files.writeString(folder.resolve("ca.pem"), "");
        assertFails(6, "has no certificate in PEM");
        command.environment.put("KEYWRAP_AZURE_CA", command.path("none.pem"));
        assertFails(6, "no such file or folder");
        command.environment.remove("KEYWRAP_AZURE_CA");
        assertFails(6, "certificate", "not trusted");
        command.environment.put("KEYWRAP_AZURE_CA", command.path("ca.pem"));
        command.environment.remove(ENDPOINT);
        assertFails(6, "KEYWRAP_AZURE_CA is set, and no " + ENDPOINT);
    }

    @Test
    void credentialsOfAzureItselfAreNotForAnEmulator() {
        command.environment.put("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com");
        assertFails(6, "AZURE_AUTHORITY_HOST is not " + ENDPOINT);
        assertThat(emulator.events()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://10.0.0.1:8443",
                "https://localhost.evil.example:8443",
                "https://localhost",
                "https://user@localhost:1",
                "http://localhost:8443",
                "localhost:8443"
            })
    void anEndpointOnAnotherMachineIsRefused(String elsewhere) {
        command.environment.put(ENDPOINT, elsewhere);
        assertFails(6, ENDPOINT, "set it to https://localhost:<port> of an emulator");
        assertThat(emulator.events()).isEmpty();
    }

    @Test
    void withoutTheVariablesNoPortOfThisMachineIsCalled() {
        command.environment.clear();
        assertFails(6, "its host is none that a token may be sent to");
        assertThat(emulator.events()).isEmpty();
    }

    @Test
    void aPortThatWasNotNamedIsNotCalled() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            other.setSoTimeout(1);
            assertThat(command.run(
                            "kek", "status", "azure-kms://https://localhost:" + other.getLocalPort() + "/keys/k"))
                    .isEqualTo(6);
            assertThat(command.err())
                    .contains("its host is none that a token may be sent to")
                    .hasLineCount(1);
            assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(other::accept);
        }
    }
}
