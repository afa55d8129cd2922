package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A customer's key from its transport key to its revocation and back, from the shell. */
class ByokTest extends ByokFixture {
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

        assertThat(transportKey("--renew", "--json")).isZero();
        JsonObject second = command.outJson();
        assertThat(transportKey("--activate")).isEqualTo(ExitCode.USAGE);
        assertThat(command.err()).contains("'--remove previous'");
        assertThat(transportKey("--remove", "previous", "--json")).isZero();
        assertThat(command.outJson().has("previous")).isFalse();
        assertThat(transportKey("--remove", "previous")).isEqualTo(ExitCode.USAGE);
        assertThat(take("first", "first")).as("under a key that is gone").isEqualTo(ExitCode.DATA);
        assertThat(command.errJson().toString()).contains("no transport key of region");
        assertThat(transportKey("--activate", "--json")).isZero();
        assertThat(command.outJson().get("current")).isEqualTo(second.get("next"));
        assertThat(transportKey("--renew")).isZero();
        assertThat(transportKey("--remove", "next", "--json")).isZero();
        assertThat(command.outJson().has("next")).isFalse();
    }

    @Test
    void whatIsAskedForMustMakeSense() {
        assertThat(transportKey("--create", "--renew")).isEqualTo(ExitCode.USAGE);
        assertThat(transportKey("--remove", "next", "--renew")).isEqualTo(ExitCode.USAGE);
        assertThat(transportKey("--remove", "current")).isEqualTo(ExitCode.USAGE);
        assertThat(slot("status", "--slot-kek", "keystore:main#kek")).isEqualTo(ExitCode.USAGE);
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
