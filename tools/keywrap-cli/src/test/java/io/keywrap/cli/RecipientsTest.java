package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several KEKs, who can open what, and the end of it. */
class RecipientsTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void keychain() throws Exception {
        command = TestRun.withKeychain(folder);
        for (String alias : new String[] {"replica", "new"}) {
            Keystores.createKek(
                    folder.resolve("main.p12"), KekId.of("keystore:main#" + alias), TestRun.PASSWORD::toCharArray);
        }
        command.write("plain", "text");
        assertThat(command.encrypt(command.path("plain"), command.path("a.kwrp")))
                .isZero();
    }

    private int keychain(String verb, String... more) {
        String[] first = {"keychain", verb, "--store", command.path("store"), "--id", TestRun.KEYCHAIN};
        return command.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private int decrypt() {
        return command.decrypt(command.path("a.kwrp"), command.path("restored"));
    }

    @Test
    void aKeychainIsMadeWithAReplicaAndAQuorum() {
        command.must(
                "keychain",
                "create",
                "--store",
                command.path("store"),
                "--id",
                "two",
                "--kek",
                "keystore:main#kek",
                "--replica",
                "keystore:main#replica",
                "--write-quorum",
                "1",
                "--json");
        assertThat(command.outJson().getAsJsonArray("replicas")).hasSize(1);
        command.must("keychain", "show", "--store", command.path("store"), "--id", "two");
        assertThat(command.out()).contains("recipient    REPLICA keystore:main#replica");
    }

    @Test
    void aQuorumThatLeavesAControlKekOutIsUsage() {
        assertThat(command.run(
                        "keychain",
                        "create",
                        "--store",
                        command.path("store"),
                        "--id",
                        "two",
                        "--kek",
                        "keystore:main#kek",
                        "--kek",
                        "keystore:main#new",
                        "--write-quorum",
                        "1"))
                .isEqualTo(2);
    }

    @Test
    void recipientsAreChangedAndRepaired() {
        assertThat(keychain(
                        "recipients",
                        "--kek",
                        "keystore:main#new",
                        "--replica",
                        "keystore:main#replica",
                        "--retain",
                        "keystore:main#kek=2127-01-01T00:00:00Z"))
                .isZero();
        assertThat(command.out())
                .contains("RETAINED keystore:main#kek, until 2127-01-01T00:00:00Z")
                .contains("to repair  1 DEKs");
        assertThat(keychain("show", "--json")).isZero();
        assertThat(command.outJson()
                        .getAsJsonArray("deks")
                        .get(0)
                        .getAsJsonObject()
                        .get("incomplete")
                        .getAsBoolean())
                .isTrue();
        assertThat(keychain("repair", "--kek", "keystore:main#new", "--kek", "keystore:main#replica", "--json"))
                .isZero();
        JsonObject repaired = command.outJson();
        assertThat(repaired.get("repaired").getAsInt()).isEqualTo(1);
        assertThat(repaired.get("incomplete").getAsInt()).isZero();
        assertThat(decrypt()).isZero();
    }

    @Test
    void whatCannotBeRepairedOrRetainedIsUsage() {
        assertThat(keychain("repair", "--kek", "keystore:main#new")).isEqualTo(2);
        assertThat(keychain("recipients", "--kek", "keystore:main#new", "--retain", "keystore:main#kek=soon"))
                .isEqualTo(2);
        assertThat(keychain("recipients", "--kek", "keystore:main#new", "--retain", "keystore:main#new"))
                .isEqualTo(2);
    }

    @Test
    void openersAreShownAsTextAndJson() {
        assertThat(keychain("openers", "--vendor-kek", "keystore:main#kek")).isZero();
        assertThat(command.out())
                .contains("CONTROL    keystore:main#kek, VENDOR (BY_SEAL), 1 DEKs")
                .contains("opens nothing", "caches     until ", "elsewhere  backups", "WARNING    CONTROL KEK");
        assertThat(keychain("openers", "--json")).isZero();
        JsonObject openers = command.outJson();
        assertThat(openers.getAsJsonArray("openers")).hasSize(1);
        assertThat(openers.get("portable").getAsBoolean()).isFalse();
    }

    @Nested
    class Destroy {
        @Test
        void givesEvidenceAndTheObjectOpensNoMore() {
            assertThat(keychain("destroy", "--confirm", TestRun.KEYCHAIN, "--requested-by", "ticket 7", "--json"))
                    .isZero();
            JsonObject evidence = command.outJson();
            assertThat(evidence.get("claim").getAsString()).isEqualTo("no longer in this store");
            assertThat(evidence.get("requestedBy").getAsString()).isEqualTo("ticket 7");
            assertThat(evidence.getAsJsonArray("deks")).hasSize(1);
            assertThat(decrypt()).isEqualTo(4);
            assertThat(command.encrypt(command.path("plain"), command.path("b.kwrp")))
                    .isEqualTo(4);
            assertThat(keychain("openers")).isZero();
            assertThat(command.out()).contains("destroyed, revision 2");
        }

        @Test
        void ofOneDekLeavesTheOthers() {
            assertThat(keychain("rotate", "--json")).isZero();
            assertThat(keychain("show", "--json")).isZero();
            String first = command.outJson()
                    .getAsJsonArray("deks")
                    .get(0)
                    .getAsJsonObject()
                    .get("dek")
                    .getAsString();
            assertThat(keychain("destroy", "--dek", first, "--confirm", first)).isZero();
            assertThat(command.out()).contains("DEK        " + first + ", no longer in this store");
            assertThat(decrypt()).isEqualTo(4);
            assertThat(command.encrypt(command.path("plain"), command.path("b.kwrp")))
                    .isZero();
        }

        @Test
        void wantsTheIdTwice() {
            assertThat(keychain("destroy", "--confirm", "another")).isEqualTo(2);
            assertThat(keychain("destroy")).isEqualTo(2);
            assertThat(decrypt()).isZero();
        }

        @Test
        void doesNotTakeTheLastDekByItself() {
            assertThat(keychain("show", "--json")).isZero();
            String only = command.outJson()
                    .getAsJsonArray("deks")
                    .get(0)
                    .getAsJsonObject()
                    .get("dek")
                    .getAsString();
            assertThat(keychain("destroy", "--dek", only, "--confirm", only)).isEqualTo(2);
            assertThat(keychain("destroy", "--dek", "xyz", "--confirm", "xyz")).isEqualTo(2);
            assertThat(decrypt()).isZero();
        }
    }
}
