package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of an application, from the shell. */
class AzureCertTest {
    private static final String TENANT = "22222222-2222-4222-8222-222222222222";
    private static final String CLIENT = "11111111-1111-4111-8111-111111111111";

    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void command() throws IOException {
        command = TestRun.withKeychain(folder);
    }

    private int cert(String verb, String... more) {
        return certOf(CLIENT, verb, more);
    }

    private int certOf(String client, String verb, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "azure-cert",
                verb,
                "--store",
                command.path("store"),
                "--id",
                TestRun.KEYCHAIN,
                "--tenant",
                TENANT,
                "--client",
                client));
        all.addAll(Arrays.asList(more));
        return command.run(all.toArray(String[]::new));
    }

    private X509Certificate certificate(String name) throws Exception {
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    @Test
    void createShowAndRenewGiveTheCertificateToUpload() throws Exception {
        String file = command.path("app.kwrp");
        assertThat(cert("create", "--pem", command.path("app.pem"), "--der", command.path("app.der"), file))
                .isZero();
        assertThat(command.out())
                .contains(
                        "application  " + CLIENT + " in tenant " + TENANT,
                        "364 days left",
                        "SHA-256",
                        "BEGIN CERTIFICATE")
                .doesNotContain("PRIVATE");
        assertThat(certificate("app.pem")).isEqualTo(certificate("app.der"));
        assertThat(command.out())
                .contains(Files.readString(folder.resolve("app.pem")).strip());

        assertThat(cert("show", "--json", file)).isZero();
        JsonObject shown = command.outJson();
        assertThat(shown.getAsJsonObject("current").get("pem").getAsString())
                .isEqualTo(Files.readString(folder.resolve("app.pem")));
        assertThat(shown.get("tenant").getAsString()).isEqualTo(TENANT);
        assertThat(shown.get("daysLeft").getAsLong()).isEqualTo(364);
        assertThat(shown.has("next")).isFalse();

        assertThat(cert("renew", "--days", "30", "--pem", command.path("next.pem"), file))
                .isZero();
        assertThat(certificate("next.pem")).isNotEqualTo(certificate("app.pem"));
        assertThat(cert("show", "--json", "--der", command.path("next.der"), file))
                .isZero();
        JsonObject renewed = command.outJson();
        assertThat(renewed.getAsJsonObject("current")).isEqualTo(shown.getAsJsonObject("current"));
        assertThat(renewed.getAsJsonObject("next").get("daysLeft").getAsLong()).isEqualTo(29);
        assertThat(certificate("next.der")).isEqualTo(certificate("next.pem"));

        assertThat(cert("renew", file)).isEqualTo(ExitCode.USAGE);
        assertThat(command.err()).contains("two certificates already", "to do: ");
    }

    @Test
    void nothingIsReplaced() throws Exception {
        String file = command.path("app.kwrp");
        assertThat(cert("create", file)).isZero();
        byte[] before = Files.readAllBytes(Path.of(file));
        assertThat(cert("create", file)).isEqualTo(ExitCode.OTHER);
        assertThat(command.err()).contains("exists already");
        command.write("taken.pem", "mine");
        assertThat(cert("renew", "--pem", command.path("taken.pem"), file)).isEqualTo(ExitCode.OTHER);
        assertThat(Files.readAllBytes(Path.of(file))).isEqualTo(before);
        assertThat(folder.resolve("taken.pem")).hasContent("mine");
        assertThat(cert("create", "--pem", command.path("new"), command.path("new")))
                .isEqualTo(ExitCode.USAGE);
        assertThat(cert("create", command.path("store/app.kwrp"))).isEqualTo(ExitCode.USAGE);
        assertThat(cert("create", command.path("no/app.kwrp"))).isEqualTo(ExitCode.OTHER);
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void whatIsWrongHasItsExitCode() throws Exception {
        String file = command.path("app.kwrp");
        assertThat(cert("create", "--days", "0", file)).isEqualTo(ExitCode.USAGE);
        assertThat(cert("create", "--days", "731", file)).isEqualTo(ExitCode.USAGE);
        assertThat(certOf("my-app", "create", file)).isEqualTo(ExitCode.USAGE);
        assertThat(cert("show", file)).isEqualTo(ExitCode.OTHER);
        assertThat(folder.resolve("app.kwrp")).doesNotExist();
        assertThat(cert("create", file)).isZero();
        assertThat(certOf(TENANT, "show", file)).isEqualTo(ExitCode.DATA);
        assertThat(command.err()).contains("another application");
        byte[] damaged = Files.readAllBytes(Path.of(file));
        damaged[damaged.length - 1] ^= 1;
        Files.write(Path.of(file), damaged);
        assertThat(cert("show", file)).isEqualTo(ExitCode.DATA);
        command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "wrong");
        assertThat(cert("show", file)).isEqualTo(ExitCode.CONFIGURATION);
    }
}
