package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is made again from portable envelopes. */
class StoreRebuildTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void portableEnvelopesOfALostStore() throws Exception {
        command = TestRun.withKeychain(folder);
        Keystores.createKek(folder.resolve("main.p12"), KekId.of("keystore:main#seal"), TestRun.PASSWORD::toCharArray);
        command.must(
                "keychain",
                "create",
                "--store",
                command.path("store"),
                "--id",
                "p",
                "--kek",
                "keystore:main#kek",
                "--seal-kek",
                "keystore:main#seal",
                "--portable",
                "--key-context",
                "tenant=hush");
        command.write("data/in/a", "A");
        command.write("data/b", "B");
        command.must(
                "encrypt",
                "--store",
                command.path("store"),
                "--keychain",
                "p",
                command.path("data"),
                command.path("data.enc"));
        Files.move(folder.resolve("store"), folder.resolve("lost"));
    }

    private int rebuild(String... more) {
        String[] first = {
            "store", "rebuild", "--store", command.path("store"), "--id", "p", "--seal-kek", "keystore:main#seal"
        };
        return command.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    @Test
    void everyEnvelopeOpensAgain() {
        assertThat(rebuild("--kek", "keystore:main#kek", command.path("data.enc")))
                .isZero();

        assertThat(command.out())
                .contains("DEK_RECOVERED", "REBUILT", "2 envelopes examined: 1 REBUILT, 1 DEK_RECOVERED, no problem")
                .doesNotContain("hush");
        command.must(
                "decrypt",
                "--store",
                command.path("store"),
                "--keychain",
                "p",
                command.path("data.enc"),
                command.path("restored"));
        assertThat(folder.resolve("restored/in/a")).hasContent("A");
    }

    @Test
    void aRebuiltKeychainGetsItsPrimaryByRotating() {
        rebuild("--kek", "keystore:main#kek", command.path("data.enc"));

        command.must("keychain", "rotate", "--store", command.path("store"), "--id", "p", "--json");

        assertThat(command.outJson().get("revisionBefore").getAsLong()).isEqualTo(1);
        assertThat(command.outJson().get("revision").getAsLong()).isEqualTo(2);
        assertThat(command.outJson().get("primary").getAsString()).isNotBlank();
    }

    @Test
    void thatThereIsNoEnvelopeIsAProblem() throws Exception {
        Files.createDirectory(folder.resolve("nothing"));

        assertThat(rebuild("--kek", "keystore:main#kek", command.path("nothing")))
                .isEqualTo(3);
        assertThat(command.out()).contains("! there is no envelope", "0 envelopes examined: 1 problem");
        assertThat(folder.resolve("store")).doesNotExist();
    }

    @Test
    void aMistypedIdIsAProblemAndMakesNothing() {
        String[] all = {
            "store",
            "rebuild",
            "--store",
            command.path("store"),
            "--id",
            "typo",
            "--seal-kek",
            "keystore:main#seal",
            "--kek",
            "keystore:main#kek",
            command.path("data.enc")
        };
        assertThat(command.run(all)).isEqualTo(3);
        assertThat(command.out()).contains("! there is no envelope of keychain 'typo'", "2 ENVELOPE_SKIPPED");
        assertThat(folder.resolve("store")).doesNotExist();
    }

    @Test
    void envelopesThatAreRefusedAreProblems() throws Exception {
        command.write("data.enc/note.txt", "no envelope");

        assertThat(rebuild("--kek", "keystore:main#kek", command.path("data.enc")))
                .isEqualTo(3);
        assertThat(command.out()).contains("! ENVELOPE_REFUSED", "note.txt", "  REBUILT", "1 problem");
    }

    @Test
    void aFolderThatCannotBeReadIsAProblemOfItsName() throws Exception {
        Path closed = folder.resolve("data.enc/in");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        try {
            assumeThat(Files.isReadable(closed)).as("root reads every folder").isFalse();
            assertThat(rebuild("--kek", "keystore:main#kek", command.path("data.enc")))
                    .isEqualTo(3);
            assertThat(command.out()).contains("! ENVELOPE_REFUSED", "access denied");
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void underAnotherKekThereIsNothingToGainAndNoStoreIsMade() {
        assertThat(rebuild("--kek", "keystore:main#seal", command.path("data.enc")))
                .isEqualTo(3);
        assertThat(command.out()).contains("2 ENVELOPE_REFUSED, 2 problems");
        assertThat(folder.resolve("store")).doesNotExist();
    }

    @Test
    void aMisconfiguredKeyStoreOrAMissingSealKekIsNoFinding() {
        command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "wrong");
        assertThat(rebuild("--kek", "keystore:main#kek", command.path("data.enc")))
                .isEqualTo(6);
        command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", TestRun.PASSWORD);
        assertThat(command.run(
                        "store",
                        "rebuild",
                        "--store",
                        command.path("store"),
                        "--id",
                        "p",
                        "--seal-kek",
                        "keystore:main#missing",
                        "--kek",
                        "keystore:main#kek",
                        command.path("data.enc")))
                .isEqualTo(4);
        assertThat(command.out()).isEmpty();
        assertThat(folder.resolve("store")).doesNotExist();
    }
}
