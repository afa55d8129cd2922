package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores in databases, by their URLs. */
class StoreUrlTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void keys() throws Exception {
        command = new TestRun(folder).withKek();
    }

    private String sqlite() {
        return "jdbc:sqlite:" + command.path("keychains.db");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://h/db?password=hush",
                "jdbc:postgresql://h/db?user=a&password=hush",
                "jdbc:postgresql://h/db?PASSWORD=hush",
                "jdbc:postgresql://h/db?pass%77ord=hush",
                "jdbc:postgresql://h/db?%70%61%73%73%77%6f%72%64=hush",
                "jdbc:postgresql://h/db?sslpassword=hush",
                "jdbc:postgresql://h/db?user=a&hush",
                "jdbc:postgresql://h/db?user=a&&password=hush",
                "jdbc:postgresql://h/db?user=a?password=hush&password=hush",
                "jdbc:postgresql://h/db? password=hush",
                "jdbc:postgresql://a:hush@h/db",
                "jdbc:postgresql://a:hush%40h/db",
                "jdbc:postgresql://h/db?options=-c%20hush",
                "JDBC:postgresql://h/db?password=hush",
                " jdbc:postgresql://h/db?password=hush",
                "jdbc:PostgreSQL://h/db?password=hush",
                "postgresql://a:hush@h/db",
                "postgres://a:hush@h/db",
                "jdbc:mysql://h/db?password=hush",
                "jdbc:sqlite:keychains.db?password=hush",
                "jdbc:sqlite:file:keychains.db",
                "jdbc:sqlite::memory:",
                "jdbc:sqlite:",
                "postgresql:a:hush@h/db",
                "host=h user=a password=hush",
                "host=h user=a PASSWORD=hush",
                "jdbc:postgresql://a:hush/db",
                "jdbc:postgresql://h,a:hush/db",
                "jdbc:postgresql://[::1]:hush/db",
                "jdbc:postgresql://h:99999/db",
                "jdbc:postgresql://,/db",
                "jdbc:postgresql://h/hush\ndb",
                "jdbc:postgresql://h/hush\u0085db",
                "jdbc:postgresql://h/hush\u2028db?sslmode=disable",
                "jdbc:postgresql://h/hush?user=a\r",
                "jdbc:postgresql://h/hush%0adb",
                "jdbc:postgresql://h/hush?user=a%00",
                "jdbc:sqlite:hush\u001b[2J.db",
                "\njdbc:sqlite:hush.db"
            })
    void aUrlThatMayHoldAPasswordIsRefusedAndNotRepeated(String url) throws Exception {
        for (String[] line : new String[][] {
            {"keychain", "list", "--store", url},
            {"keychain", "list", "--json", "-v", "--store", url},
            {"keychain", "create", "--store", url, "--id", "a", "--kek", "keystore:main#kek"},
            {"encrypt", "--store", url, "--keychain", "a", "in", "out"},
            {"decrypt", "--store", url, "--keychain", "a", "in", "out"},
            {"store", "check", "--store", url, "--seal-kek", "keystore:main#kek"}
        }) {
            assertThat(command.run(line)).isEqualTo(ExitCode.USAGE);
            assertThat(command.err() + command.out()).contains("URL of a store").doesNotContain("hush");
        }
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://127.0.0.1:1/db",
                "jdbc:postgresql://127.0.0.1:1,localhost:1/db?targetServerType=primary",
                "jdbc:postgresql://[::1]:1/a%20b"
            })
    void hostsAndPortsAreTaken(String url) {
        assertThat(command.run("keychain", "list", "--store", url))
                .isEqualTo(ExitCode.of(new io.keywrap.StoreUnavailableException("", null)));
    }

    @Test
    void manyHostsTakeNoMoreOfTheStack() {
        String url = "jdbc:postgresql://" + "h,".repeat(2_000) + "h/db";
        assertThat(StoreUrl.parse(url)).hasToString(url);
        assertThatExceptionOfType(UsageException.class).isThrownBy(() -> StoreUrl.parse(url + "?password=hush"));
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> StoreUrl.parse("jdbc:postgresql://" + "h,".repeat(2_050)))
                .withMessageContaining("4096");
    }

    @Test
    void aKeychainInSqliteIsMadeUsedAndListed() throws Exception {
        command.must("keychain", "create", "--store", sqlite(), "--id", "a", "--kek", "keystore:main#kek");
        command.must("keychain", "rotate", "--store", sqlite(), "--id", "a");
        command.write("in", "hello");
        command.must("encrypt", "--store", sqlite(), "--keychain", "a", command.path("in"), command.path("out"));
        command.must("decrypt", "--store", sqlite(), "--keychain", "a", command.path("out"), command.path("back"));
        assertThat(folder.resolve("back")).hasContent("hello");
        command.must("keychain", "list", "--store", sqlite());
        assertThat(command.out().strip()).isEqualTo("a");
        command.must("store", "check", "--store", sqlite(), "--seal-kek", "keystore:main#kek");
    }

    @Test
    void aMistypedFileIsNotMadeByReading() {
        assertThat(command.run("keychain", "list", "--store", sqlite())).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(command.err()).contains("there is no store in");
        assertThat(folder.resolve("keychains.db")).doesNotExist();
    }

    @Test
    void theFileOfSqliteIsNoTarget() throws Exception {
        command.must("keychain", "create", "--store", sqlite(), "--id", "a", "--kek", "keystore:main#kek");
        command.write("in", "hello");
        for (String part : new String[] {"", "-wal", "-shm", "-journal"}) {
            int code = command.run(
                    "encrypt",
                    "--store",
                    sqlite(),
                    "--keychain",
                    "a",
                    command.path("in"),
                    command.path("keychains.db" + part));
            assertThat(code).isEqualTo(ExitCode.USAGE);
            assertThat(command.err()).contains("OUT is the store");
        }
    }

    @Test
    void aPasswordFileThatIsNotThereIsAMistakeOfTheSettings() {
        int code = command.run(
                "keychain",
                "list",
                "--store",
                "jdbc:postgresql://127.0.0.1:1/none",
                "--store-password-file",
                command.path("none"));
        assertThat(code).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(command.err())
                .contains("cannot be read: no such file or folder; to do: check --store-password-file");
    }

    @Test
    void aDatabaseThatIsNotThereIsAnOutage() {
        command.environment.put(StorePassword.VARIABLE, "hush");
        int code = command.run("keychain", "list", "-v", "--store", "jdbc:postgresql://127.0.0.1:1/none?user=keeper");
        assertThat(command.err())
                .contains("the database of the store cannot be reached (SQLSTATE 08001)")
                .doesNotContain("hush");
        assertThat(code).isEqualTo(ExitCode.of(new io.keywrap.StoreUnavailableException("", null)));
    }
}
