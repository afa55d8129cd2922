package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts that customers run leave nothing, and promise nothing, when something fails or stops them. */
class ByokScriptFailuresTest {
    private static final String PASSPHRASE = "correct horse battery staple";
    private static final String MAKE_KEY = "make-key.sh";
    private static final String MAKE_KEY_FILE = "make-key-passphrase.sh";

    @TempDir
    Path folder;

    private ScriptRun run;
    private String pem;

    @BeforeEach
    void makeAVendor() throws IOException {
        TransportKeys keys =
                new TransportFixture(folder.resolve("vendor")).builder().create();
        run = new ScriptRun(folder.resolve("customer"));
        pem = Files.writeString(folder.resolve("transport.pem"), keys.current().toPem())
                .toString();
    }

    @ParameterizedTest
    @CsvSource({
        "make-key.sh,rand",
        "make-key.sh,base64",
        "make-key.sh,pkeyutl",
        "make-key.sh,dgst",
        "make-key.sh,pkey",
        "make-key-passphrase.sh,rand",
        "make-key-passphrase.sh,pkeyutl",
        "make-key-passphrase.sh,enc",
        "make-key-passphrase.sh,dgst"
    })
    void whateverOpensslFailsWithNothingRemains(String script, String command) throws Exception {
        run.recorded("openssl", "if [ \"$1\" = " + command + " ]; then exit 1; fi");
        ScriptRun.Result result = run.input(PASSPHRASE + "\n").run(ScriptRun.shell("dash"), script, pem);
        assertThat(result.exit()).as(result.err()).isNotZero();
        assertThat(run.left()).isEmpty();
    }

    /** Nothing is not the digest of nothing. */
    @Test
    void anOpensslThatSaysNothingDoesNotOpenAKeyFile() throws Exception {
        run.input(PASSPHRASE + "\n").run(ScriptRun.shell("dash"), MAKE_KEY_FILE, pem);
        String keyFile = run.out.resolve("encrypted_key.bin").toString();
        run.recorded("openssl", "if [ \"$1\" = dgst ] || [ \"$1\" = enc ]; then exit 0; fi");
        Path again = Files.createDirectory(folder.resolve("again"));
        ScriptRun.Result result = run.input("another passphrase\n")
                .run(ScriptRun.shell("dash"), MAKE_KEY_FILE, "-k", keyFile, pem, again.toString());
        assertThat(result.exit()).as(result.err()).isEqualTo(1);
        assertThat(again).isEmptyDirectory();
    }

    /** As a variable is that somebody has forgotten to set: whoever wants to give access back needs no other key. */
    @Test
    void aKeyFileWithoutANameMakesNoNewKey() throws Exception {
        ScriptRun.Result result =
                run.input(PASSPHRASE + "\n").run(ScriptRun.shell("dash"), MAKE_KEY_FILE, "-k", "", pem);
        assertThat(result.exit()).as(result.err()).isEqualTo(2);
        assertThat(run.left()).isEmpty();
    }

    /** A vault that fails before it has taken the key. */
    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "zsh"})
    @Timeout(60)
    void whenNobodyTakesTheKeyNothingRemains(String shell) throws Exception {
        String gone = folder.resolve("gone").toString();
        assertThat(new ProcessBuilder(ScriptRun.require("mkfifo"), gone).start().waitFor())
                .isZero();
        String script = String.join(" ", ScriptRun.shell(shell)) + " '" + ScriptRun.script(MAKE_KEY) + "' -o '" + pem;
        String line = "{ read -r line <'" + gone + "'; exec " + script + "' 2>/dev/null; } |" + " { exec <&-; echo >'"
                + gone + "'; }; exit ${PIPESTATUS[0]}";
        Process process = new ProcessBuilder(ScriptRun.require("bash"), "-c", line)
                .directory(run.out.toFile())
                .start();
        assertThat(process.waitFor()).isNotZero();
        assertThat(run.left()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "zsh"})
    @Timeout(60)
    void whenTheyAreStoppedNothingRemains(String shell) throws Exception {
        Path there = folder.resolve("there");
        Path go = folder.resolve("go");
        assertThat(new ProcessBuilder(ScriptRun.require("mkfifo"), there.toString(), go.toString())
                        .start()
                        .waitFor())
                .isZero();
        run.recorded("openssl", "if [ \"$1\" = pkeyutl ]; then echo >'" + there + "'; read -r line <'" + go + "'; fi");
        Process process = run.start(ScriptRun.shell(shell), MAKE_KEY, pem);
        Files.readAllBytes(there);
        assertThat(run.left()).contains("encrypted_secret.bin");
        process.destroy();
        Files.writeString(go, "\n");
        ScriptRun.Result result = run.result(process);
        assertThat(result.exit()).isEqualTo(143);
        assertThat(run.left()).isEmpty();
    }
}
