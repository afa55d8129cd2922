package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Envelopes that open with a KEK alone. */
class PortableTest {
    @TempDir
    Path folder;

    private TestRun command;
    private String envelope;
    private String restored;

    @BeforeEach
    void portableEnvelope() throws Exception {
        command = TestRun.withKeychain(folder);
        Keystores.createKek(folder.resolve("main.p12"), KekId.of("keystore:main#b"), TestRun.PASSWORD::toCharArray);
        command.must(
                "keychain",
                "create",
                "--store",
                command.path("store"),
                "--id",
                "p",
                "--kek",
                "keystore:main#b",
                "--portable");
        String plain = command.write("plain", "text").toString();
        envelope = command.path("plain.kwrp");
        restored = command.path("restored");
        command.must(
                "encrypt",
                "--store",
                command.path("store"),
                "--keychain",
                "p",
                "--context",
                "object=o",
                plain,
                envelope);
    }

    private int open(String... keys) {
        String[] all = new String[keys.length + 5];
        all[0] = "decrypt";
        System.arraycopy(keys, 0, all, 1, keys.length);
        all[keys.length + 1] = "--context";
        all[keys.length + 2] = "object=o";
        all[keys.length + 3] = envelope;
        all[keys.length + 4] = restored;
        return command.run(all);
    }

    @Test
    void theKekIsEnough() {
        assertThat(open("--kek", "keystore:main#kek", "--kek", "keystore:main#b"))
                .isZero();
        assertThat(Path.of(restored)).hasContent("text");
    }

    @Test
    void theExpectedKeychainIsChecked() {
        assertThat(open("--kek", "keystore:main#b", "--keychain", "p")).isZero();
        assertThat(open("--kek", "keystore:main#b", "--keychain", "other")).isEqualTo(3);
    }

    @Test
    void anotherKekDoesNotOpenIt() {
        assertThat(open("--kek", "keystore:main#kek")).isEqualTo(3);
        assertThat(Path.of(restored)).doesNotExist();
    }

    @Test
    void itsKeychainOpensItToo() {
        assertThat(open("--store", command.path("store"), "--keychain", "p")).isZero();
    }
}
