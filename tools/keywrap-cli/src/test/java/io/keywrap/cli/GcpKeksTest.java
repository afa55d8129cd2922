package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A KEK in Google Cloud KMS wherever a command takes a KEK. */
class GcpKeksTest {
    private static final String ENDPOINT = "KEYWRAP_GCP_KMS_ENDPOINT";

    @TempDir
    Path folder;

    private final GcpKmsEmulator emulator = GcpKmsEmulator.start();
    private final GcpKmsKey customer = emulator.createKey();
    private final GcpKmsKey vendor = emulator.createKey();
    private TestRun command;
    private String plain;

    @BeforeEach
    void keychain() throws Exception {
        command = new TestRun(folder);
        command.environment.put(ENDPOINT, emulator.endpoint());
        plain = command.write("plain", "text").toString();
        keychain("create", "--kek", uri(customer), "--portable", "--migratable", "--key-context", "tenant=acme");
        must("encrypt", "--store", command.path("store"), "--keychain", "t", plain, command.path("plain.kwrp"));
    }

    @AfterEach
    void end() {
        emulator.close();
    }

    private static String uri(GcpKmsKey key) {
        return "gcp-kms://" + key.name();
    }

    /** Runs a command under the vendor's seal. */
    private void must(String... arguments) {
        command.must(sealed(arguments));
    }

    private String[] sealed(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--seal-kek";
        all[arguments.length + 1] = uri(vendor);
        return all;
    }

    private void keychain(String verb, String... more) {
        String[] all = java.util.Arrays.copyOf(
                new String[] {"keychain", verb, "--store", command.path("store"), "--id", "t"}, 6 + more.length);
        System.arraycopy(more, 0, all, 6, more.length);
        must(all);
    }

    private String[] decrypt() {
        return sealed(
                "decrypt",
                "--store",
                command.path("store"),
                "--keychain",
                "t",
                command.path("plain.kwrp"),
                command.path("out"));
    }

    private void assertDecrypts() {
        command.must(decrypt());
        assertThat(folder.resolve("out")).hasContent("text");
    }

    private void assertRefused(int exitCode, String... words) {
        assertThat(command.run(decrypt())).as(command.err()).isEqualTo(exitCode);
        assertThat(command.err()).contains(words);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void encryptAndDecrypt() {
        assertDecrypts();
    }

    @Test
    void aPortableEnvelopeOpensWithTheKekAlone() {
        command.must("decrypt", "--kek", uri(customer), command.path("plain.kwrp"), command.path("out"));

        assertThat(folder.resolve("out")).hasContent("text");
    }

    @Test
    void rotateAndMigrate() {
        customer.rotate();
        keychain("rotate");
        assertDecrypts();

        keychain("migrate", "--kek", uri(emulator.createKey()), "--vendor-managed");
        assertDecrypts();
    }

    @Test
    void theStatusHasTheVersion() {
        customer.rotate();

        command.must("kek", "status", "--json", uri(customer));

        assertThat(command.outJson().get("currentVersion").getAsString()).isEqualTo("2");
    }

    @Test
    void anOldVersionThatIsDisabledIsNamedAndTheStatusStaysUsable() {
        customer.rotate();
        customer.version(1).disable();

        assertRefused(4, "version 1 of the key is disabled", "ask the customer to enable that version again");
        command.must("kek", "status", uri(customer));

        customer.version(1).enable();
        assertDecrypts();
    }

    @Test
    void aDestructionThatIsScheduledIsToldWithItsDate() {
        customer.primary().scheduleDestroy();
        String day = LocalDate.now(ZoneOffset.UTC).plusDays(30).toString();

        assertRefused(4, "scheduled to be destroyed, on " + day, "restore the version before its date");

        customer.primary().restore();
        assertRefused(4, "version 1 of the key is disabled");
        customer.primary().enable();
        assertDecrypts();
    }

    @Test
    void aVersionIsNoKek() {
        assertThat(command.run("kek", "status", uri(customer) + "/cryptoKeyVersions/1"))
                .isEqualTo(ExitCode.CONFIGURATION);
        assertThat(command.err()).contains("leave out /cryptoKeyVersions/1");
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
                "127.0.0.1:1\n",
                "[::2]:1",
                "0.0.0.0:1",
                "127.1:1",
                "127.999.0.1:1",
                "127.0.0.256:1",
                "127.0.0.01:1",
                "127.0.0.1:0",
                "hunter2@127.0.0.1:1",
                ""
            })
    void whatIsNotOnThisMachineIsRefusedBeforeAnyConnection(String endpoint) {
        command.environment.put(ENDPOINT, endpoint);

        assertRefused(6, "is not HOST:PORT of an emulator on this machine", "; to do: ");
        assertThat(command.err()).doesNotContain("hunter2");
    }

    /** A proxy is another machine, and what is sent is not encrypted. */
    @Test
    void noProxyIsAsked() {
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("127.0.0.1", 1)));
        try {
            assertDecrypts();
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void thisMachineHasOtherNamesToo() {
        command.environment.put(ENDPOINT, "localhost:" + emulator.port());

        assertDecrypts();
    }
}
