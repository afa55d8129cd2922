package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A customer's key from its transport key to its revocation and back, from the shell. */
class ByokTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void command() throws IOException {
        command = TestRun.withKeychain(folder);
    }

    private int transportKey(String... more) {
        return run(
                more,
                "transport-key",
                "--id",
                TestRun.KEYCHAIN,
                "--region",
                "eu-west-1",
                command.path("transport.kwrp"));
    }

    private int slot(String verb, String... more) {
        return run(more, verb, "--vendor-kek", "keystore:main#kek", "--slot", "acme");
    }

    private int run(String[] more, String... first) {
        List<String> all = new ArrayList<>(List.of("byok"));
        all.addAll(Arrays.asList(first));
        all.addAll(2, List.of("--store", command.path("store")));
        all.addAll(Arrays.asList(more));
        return command.run(all.toArray(String[]::new));
    }

    /** What the script does, by the JDK. */
    private void upload(String name, int key) throws Exception {
        String pem = Files.readString(folder.resolve("transport.pem")).replaceAll("-----[^-]*-----|\\s", "");
        PublicKey transport = KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem)));
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) key);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                transport,
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        Files.write(folder.resolve(name + ".bin"), cipher.doFinal(secret));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret);
        Files.writeString(folder.resolve(name + ".txt"), Base64.getEncoder().encodeToString(digest) + "\n");
    }

    private int take(String secret, String digest) {
        return slot(
                "import",
                "--json",
                "--transport-keys",
                command.path("transport.kwrp"),
                "--keychain",
                TestRun.KEYCHAIN,
                "--region",
                "eu-west-1",
                "--secret",
                command.path(secret + ".bin"),
                "--digest",
                command.path(digest + ".txt"));
    }

    private String states() {
        StringBuilder states = new StringBuilder();
        slot("status", "--json");
        command.outJson().getAsJsonArray("versions").forEach(version -> {
            JsonObject one = version.getAsJsonObject();
            states.append(one.get("version").getAsInt())
                    .append(' ')
                    .append(one.get("state").getAsString())
                    .append(';');
        });
        return states.toString();
    }

    @Test
    void aKeyGoesThroughItsLife() throws Exception {
        assertThat(transportKey("--create", "--pem", command.path("transport.pem")))
                .isZero();
        assertThat(command.out()).contains("region    eu-west-1", "current", "BEGIN PUBLIC KEY");
        upload("first", 1);
        upload("second", 2);
        upload("third", 3);

        assertThat(slot("status")).isEqualTo(ExitCode.KEK);
        assertThat(command.err()).contains("byok://acme", "no slot of this name");
        assertThat(take("first", "second")).isEqualTo(ExitCode.DATA);
        assertThat(slot("status")).as("nothing is left").isEqualTo(ExitCode.KEK);

        assertThat(take("first", "first")).isZero();
        assertThat(command.outJson().get("kek").getAsString()).isEqualTo("byok://acme");
        assertThat(states()).isEqualTo("1 PENDING;");
        assertThat(slot("activate", "--version-number", "2")).isEqualTo(ExitCode.OTHER);
        assertThat(slot("activate", "--version-number", "1")).isZero();
        assertThat(take("second", "second")).isZero();
        assertThat(slot("archive", "--version-number", "2")).isZero();
        assertThat(command.out()).contains("version  1 ARCHIVED since", "version  2 ACTIVE since");

        assertThat(slot("revoke", "--confirm", "yes")).isEqualTo(ExitCode.OTHER);
        assertThat(command.err()).contains("type the word 'revoke'");
        assertThat(slot("revoke", "--confirm", "revoke")).isZero();
        assertThat(states()).isEqualTo("1 REVOKED;2 REVOKED;");
        assertThat(take("third", "third")).isEqualTo(ExitCode.OTHER);
        assertThat(command.errJson().toString()).contains("none of its keys");
        assertThat(take("second", "second")).isZero();
        assertThat(states()).isEqualTo("1 REVOKED;2 ACTIVE;");
        assertThat(slot("drop", "--version-number", "1", "--confirm", "drop")).isZero();
        assertThat(states()).isEqualTo("2 ACTIVE;");
        assertThat(storeHolds(new byte[] {2, 2, 2, 2, 2, 2, 2, 2})).isFalse();
    }

    private boolean storeHolds(byte[] secret) throws IOException {
        String wanted = new String(secret, StandardCharsets.ISO_8859_1);
        try (var files = Files.walk(folder.resolve("store"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(wanted)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void transportKeysAreRenewedWithOverlap() throws Exception {
        assertThat(transportKey("--create", "--pem", command.path("transport.pem")))
                .isZero();
        assertThat(transportKey("--activate")).isEqualTo(ExitCode.USAGE);
        upload("first", 1);
        assertThat(transportKey("--renew", "--json")).isZero();
        JsonObject renewed = command.outJson();
        assertThat(renewed.has("next")).isTrue();
        assertThat(transportKey("--activate", "--json")).isZero();
        assertThat(command.outJson().get("current")).isEqualTo(renewed.get("next"));
        assertThat(command.outJson().get("previous")).isEqualTo(renewed.get("current"));
        assertThat(take("first", "first")).as("under the key before").isZero();
        assertThat(transportKey("--create")).isEqualTo(ExitCode.OTHER);
        assertThat(command.err()).contains("exists already");
    }

    @Test
    void whatIsAskedForMustMakeSense() {
        assertThat(transportKey("--create", "--renew")).isEqualTo(ExitCode.USAGE);
        assertThat(run(new String[0], "status", "--vendor-kek", "keystore:main#kek", "--slot", "a/b"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(run(new String[0], "status", "--vendor-kek", "byok://other", "--slot", "acme"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(slot(
                        "import",
                        "--transport-keys",
                        "t",
                        "--keychain",
                        TestRun.KEYCHAIN,
                        "--region",
                        "eu-west-1",
                        "--secret",
                        "s"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(command.err()).contains("go together");
    }
}
