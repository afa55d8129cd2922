package io.keywrap.cli;

import static io.keywrap.cli.AwsWire.call;
import static io.keywrap.cli.AwsWire.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The emulator as a process of its own, and clients that know HTTP only. */
class EmulatorIT {
    @TempDir
    Path folder;

    private Process process;
    private BufferedReader lines;

    private void start(String... options) throws Exception {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "emulator";
        arguments[1] = "aws";
        System.arraycopy(options, 0, arguments, 2, options.length);
        process = JarProcess.command(folder, arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        lines = process.inputReader();
    }

    @AfterEach
    void end() throws Exception {
        process.destroy();
        JarProcess.exitCode(process);
    }

    @Test
    void servesTheKeyThatItAnnounces() throws Exception {
        start("--port", "0", "--json");
        JsonObject announced = JsonParser.parseString(lines.readLine()).getAsJsonObject();
        String endpoint = announced.get("endpoint").getAsString();
        String arn = announced.get("arn").getAsString();
        assertThat(announced.get("kek").getAsString()).isEqualTo("aws-kms://" + arn);
        assertThat(announced
                        .getAsJsonObject("environment")
                        .get("AWS_ENDPOINT_URL_KMS")
                        .getAsString())
                .isEqualTo(endpoint);

        JsonObject generate = with("KeyId", arn);
        generate.addProperty("KeySpec", "AES_256");
        JsonObject made = call(endpoint, "GenerateDataKey", generate);
        JsonObject decrypt = with("KeyId", arn);
        decrypt.add("CiphertextBlob", made.get("CiphertextBlob"));
        assertThat(call(endpoint, "Decrypt", decrypt).get("Plaintext")).isEqualTo(made.get("Plaintext"));

        call(endpoint, "DisableKey", with("KeyId", arn));
        assertThat(call(endpoint, "Decrypt", decrypt).get("__type").getAsString())
                .isEqualTo("DisabledException");
        call(endpoint, "EnableKey", with("KeyId", arn));
        assertThat(call(endpoint, "Decrypt", decrypt).get("Plaintext")).isEqualTo(made.get("Plaintext"));
    }

    @Test
    void itsLinesAreForAShellAndTheRequestsFollow() throws Exception {
        start("--region", "eu-west-1", "--account", "444455556666", "--events");
        String endpoint = "";
        String line;
        do {
            line = lines.readLine();
            assertThat(line).matches("# .*|export AWS_[A-Z_]+=\\S+");
            if (line.startsWith("export AWS_ENDPOINT_URL_KMS=")) {
                endpoint = line.substring(line.indexOf('=') + 1);
            }
        } while (!line.startsWith("# try"));
        assertThat(line).contains("arn:aws:kms:eu-west-1:444455556666:key/");

        call(endpoint, "ListKeys", new JsonObject());

        JsonObject event = JsonParser.parseString(lines.readLine()).getAsJsonObject();
        assertThat(event.get("eventName").getAsString()).isEqualTo("ListKeys");
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        start("--json");
        String endpoint = JsonParser.parseString(lines.readLine())
                .getAsJsonObject()
                .get("endpoint")
                .getAsString();
        String port = String.valueOf(URI.create(endpoint).getPort());

        JarProcess.Result second =
                JarProcess.run(JarProcess.command(folder, "emulator", "aws", "--port", port), new byte[0]);

        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.err()).contains("port " + port, "to do: ").hasLineCount(1);
    }
}
