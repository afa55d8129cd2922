package io.keywrap.cli;

import static io.keywrap.cli.AwsProcess.assertDone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command against an emulator of AWS KMS that is not keywrap's: moto's server. It keeps the state of a key and does
 * not enforce it: a disabled key still decrypts there, so only the question for the state tells.
 */
class MotoIT {
    @TempDir
    Path folder;

    private Process moto;
    private String endpoint;
    private JsonObject key;
    private AwsProcess keywrap;

    @BeforeEach
    void start() throws Exception {
        Optional<Path> server = Stream.of(System.getenv("PATH").split(":"))
                .map(entry -> Path.of(entry, "moto_server"))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(
                server.isPresent(),
                "the command 'moto_server' is not on the PATH of this machine, so nothing runs against moto here");
        moto = JarProcess.inFolder(folder, List.of(server.orElseThrow().toString(), "-H", "127.0.0.1", "-p", "0"))
                .redirectErrorStream(true)
                .start();
        endpoint = announced(moto.inputReader());
        JsonObject request = AwsWire.with("KeyUsage", "ENCRYPT_DECRYPT");
        key = AwsWire.call(endpoint, "CreateKey", request).getAsJsonObject("KeyMetadata");
        keywrap = new AwsProcess(folder, endpoint, "aws-kms://" + key.get("Arn").getAsString());
        Files.writeString(folder.resolve("in"), AwsProcess.TEXT);
        assertDone(keywrap.create());
        assertDone(keywrap.encrypt());
    }

    /** Waits until the server says where it listens. */
    private static String announced(BufferedReader lines) throws Exception {
        String line = lines.readLine();
        while (line != null && !line.contains("http://127.0.0.1:")) {
            line = lines.readLine();
        }
        assertThat(line).as("where moto listens").isNotNull();
        return line.substring(line.indexOf("http://")).replaceAll("\\s.*", "");
    }

    @AfterEach
    void end() throws Exception {
        if (moto != null) {
            List<ProcessHandle> children = moto.descendants().toList();
            children.forEach(ProcessHandle::destroyForcibly);
            moto.destroyForcibly();
            moto.waitFor();
            assertThat(children).noneMatch(ProcessHandle::isAlive);
        }
    }

    /** For moto a key that is changed must be named by its id. */
    private void change(String operation) throws Exception {
        AwsWire.call(endpoint, operation, key.get("KeyId").getAsString());
    }

    @Test
    void whatIsEncryptedIsDecryptedAgain() throws Exception {
        assertDone(keywrap.decrypt("out"));

        assertThat(folder.resolve("out")).hasContent(AwsProcess.TEXT);
        assertThat(keywrap.status().out()).contains("usable", "not told");
    }

    @Test
    void aDisabledKeyIsToldByItsStatusAloneAndStillDecryptsThere() throws Exception {
        change("DisableKey");

        keywrap.assertFailed(keywrap.status(), 4, "the key is disabled", "enable the key again");
        assertDone(keywrap.decrypt("out"));
        assertThat(folder.resolve("out")).hasContent(AwsProcess.TEXT);

        change("EnableKey");
        assertDone(keywrap.status());
    }

    @Test
    void aKeyToBeDeletedIsToldByItsStatusAlone() throws Exception {
        JsonObject request = AwsWire.with("KeyId", key.get("KeyId").getAsString());
        request.addProperty("PendingWindowInDays", 7);
        AwsWire.call(endpoint, "ScheduleKeyDeletion", request);

        keywrap.assertFailed(keywrap.status(), 4, "the key is pending deletion, which is final on ");
        assertDone(keywrap.decrypt("out"));
    }

    @Test
    void aKeyThatIsNotThereIsMissingThereToo() throws Exception {
        String arn = key.get("Arn").getAsString();
        AwsProcess other = new AwsProcess(
                folder, endpoint, "aws-kms://" + arn.replaceAll("[^/]+$", "00000000-0000-4000-8000-000000000000"));

        other.assertFailed(other.status(), 4, "there is no such key", "code NotFoundException");
    }

    @Test
    void aWrapOfAnotherContextIsRefusedThereToo() throws Exception {
        JsonObject request = AwsWire.with("KeyId", key.get("Arn").getAsString());
        request.addProperty("KeySpec", "AES_256");
        JsonObject made = AwsWire.call(endpoint, "GenerateDataKey", request);
        JsonObject decrypt = AwsWire.with("KeyId", key.get("Arn").getAsString());
        decrypt.add("CiphertextBlob", made.get("CiphertextBlob"));
        decrypt.add("EncryptionContext", AwsWire.with("tenant", "another"));

        assertThat(AwsWire.call(endpoint, "Decrypt", decrypt).get("__type").getAsString())
                .isEqualTo("InvalidCiphertextException");
    }
}
