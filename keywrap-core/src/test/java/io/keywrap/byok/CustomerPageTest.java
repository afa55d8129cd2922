package io.keywrap.byok;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.crypto.Jca;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page for customers: its commands run one after the other, and its tables say what is so. */
class CustomerPageTest {
    private static final Path PAGE = Path.of("../docs/customers/byok.md");
    private static final Pattern COMMANDS = Pattern.compile("```sh run\\n(.*?)```", Pattern.DOTALL);
    private static final String PASSPHRASE = "of a password manager";

    /** Stands for a vault. */
    private static final String PASS = "#!/bin/sh\ncase $1 in insert) cat >../vault ;; show) cat ../vault ;; esac\n";

    @TempDir
    Path folder;

    @Test
    void itsCommandsMakeUploadsThatOpen() throws Exception {
        ScriptRun.require("openssl");
        TransportKeys keys =
                new TransportFixture(folder.resolve("vendor")).builder().create();
        Path work = Files.createDirectory(folder.resolve("work"));
        Files.writeString(
                work.resolve("transport-eu-west-1.pem"), keys.current().toPem());
        for (String script : List.of("make-key.sh", "make-key-passphrase.sh")) {
            Files.copy(ScriptRun.script(script), work.resolve(script));
        }
        for (int i = 1; i <= 5; i++) {
            Files.createDirectory(work.resolve(i == 1 ? "upload" : "upload-" + i));
        }

        String out = run(work);

        byte[] second = secret(keys, work.resolve("upload-2"));
        assertThat(secret(keys, work.resolve("upload"))).isNotEqualTo(second);
        assertThat(secret(keys, work.resolve("upload-3"))).isEqualTo(second);
        byte[] keyFile = Files.readAllBytes(work.resolve("upload-4/encrypted_key.bin"));
        byte[] inFile = null;
        for (String upload : List.of("upload-4", "upload-5")) {
            byte[] passphrase = Files.readAllBytes(work.resolve(upload).resolve("encrypted_passphrase.bin"));
            byte[] opened = TransportFixture.opened(Upload.ofKeyFile(keyFile, passphrase), keys);
            assertThat(inFile == null || Arrays.equals(inFile, opened)).isTrue();
            inFile = opened;
        }
        assertThat(out).endsWith(HexFormat.of().formatHex(Jca.platform().sha256(inFile)) + "\n");
    }

    private String run(Path work) throws Exception {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.setPosixFilePermissions(
                Files.writeString(bin.resolve("pass"), PASS), PosixFilePermissions.fromString("rwxr-xr-x"));
        StringBuilder script = new StringBuilder("set -eu\n");
        COMMANDS.matcher(Files.readString(PAGE)).results().forEach(match -> script.append(match.group(1)));
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script.toString())
                .directory(work.toFile())
                .redirectError(folder.resolve("err").toFile())
                .redirectInput(Files.writeString(folder.resolve("in"), (PASSPHRASE + "\n").repeat(3))
                        .toFile());
        builder.environment().merge("PATH", bin.toString(), (path, mine) -> mine + ":" + path);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("err")))
                .isZero();
        return out;
    }

    private static byte[] secret(TransportKeys keys, Path upload) throws Exception {
        return TransportFixture.opened(
                Upload.ofSecret(
                        Files.readAllBytes(upload.resolve("encrypted_secret.bin")),
                        Files.readString(upload.resolve("secret_digest.txt"))),
                keys);
    }

    @Test
    void itExplainsEveryReason() throws Exception {
        String page = Files.readString(PAGE);
        for (UploadRefusedException.Reason reason : UploadRefusedException.Reason.values()) {
            assertThat(page).contains("\n| `" + reason + "` |");
        }
        assertThat(page)
                .contains("`encrypted_secret.bin` | " + Upload.ENCRYPTED_BYTES)
                .contains("`encrypted_key.bin` | " + Upload.KEY_FILE_BYTES)
                .contains(Upload.MIN_PASSPHRASE + " to " + Upload.MAX_PASSPHRASE + " characters");
    }
}
