package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Places in which there can be no store, and stores that could not be made. */
class StorePlaceTest {
    /** On Linux a name of a file in a folder may have so many bytes, with all that is above it. */
    private static final int LONGEST_PATH = 4095;

    @TempDir
    Path folder;

    private StoreRun at;
    private TestRun command;

    @BeforeEach
    void keychains() throws Exception {
        at = new StoreRun(folder);
        command = at.command;
        at.exportNow();
        command.write("plain", "text");
        assertThat(command.encrypt(command.path("plain"), command.path("e.kwrp")))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "store check --seal-kek keystore:main#kek",
                "store export --seal-kek keystore:main#kek DIR/new.kwsx",
                "store import --seal-kek keystore:main#kek DIR/out.kwsx",
                "store import --dry-run --seal-kek keystore:main#kek DIR/out.kwsx",
                "store rebuild --id k --seal-kek keystore:main#kek --kek keystore:main#kek DIR/e.kwrp",
                "keychain create --id x --kek keystore:main#kek",
                "keychain list",
                "keychain show --id b",
                "keychain show --id b --unverified",
                "keychain rotate --id b",
                "keychain recipients --id b --kek keystore:main#kek",
                "keychain repair --id b",
                "keychain openers --id b",
                "keychain destroy --id b --confirm b",
                "keychain migrate --id b --kek keystore:main#kek --vendor-managed",
                "encrypt --keychain b DIR/plain DIR/x",
                "decrypt --keychain b DIR/e.kwrp DIR/x"
            })
    void aFileWhereAFolderMustBeIsConfiguration(String line) throws Exception {
        command.write("half/records", "a file");
        Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("missing"));
        for (String place : List.of("plain", "plain/below", "half", "nowhere")) {
            String[] arguments = (line.replace("DIR/", folder + "/") + " --store " + command.path(place)).split(" ");

            assertThat(command.run(arguments)).as(place).isEqualTo(6);

            assertThat(command.err()).contains("there can be no store in ", place, "to do: check --store");
        }
    }

    @Test
    void aKekThatCannotBeUsedMakesNoStore() {
        assertThat(command.run(
                        "keychain", "create", "--store", command.path("new"), "--id", "x", "--kek", "keystore:main#no"))
                .isEqualTo(4);
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void aStoreThatCanKeepNothingIsNone() throws Exception {
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        Path place = tooDeepForRecords();

        assertThat(command.run(
                        "keychain", "create", "--store", place.toString(), "--id", "x", "--kek", "keystore:main#kek"))
                .isEqualTo(5);
        assertThat(command.err()).contains("to do: check the disk", "File name too long");
        assertThat(place.resolve("records")).doesNotExist();
        assertThat(command.run(
                        "store",
                        "import",
                        "--store",
                        place.toString(),
                        "--seal-kek",
                        "keystore:main#kek",
                        command.path("out.kwsx")))
                .isEqualTo(5);
        assertThat(place.resolve("records")).doesNotExist();
        assertThat(command.run("keychain", "list", "--store", place.toString())).isEqualTo(6);
    }

    /** Its folders and its lock can be made, and no record: as on a disk that is full. */
    private Path tooDeepForRecords() throws Exception {
        int length = LONGEST_PATH - "/records/00/".length() - 20;
        Path deep = folder;
        while (length - deep.toString().length() > 250) {
            deep = deep.resolve("d".repeat(200));
        }
        Files.createDirectories(deep);
        return deep.resolve("s".repeat(length - deep.toString().length() - 1));
    }
}
