package io.keywrap.cli;

import static io.keywrap.cli.AwsWire.call;
import static io.keywrap.cli.AwsWire.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.gax.rpc.FailedPreconditionException;
import com.google.cloud.kms.v1.CryptoKeyVersion.CryptoKeyVersionState;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.cloud.kms.v1.KeyManagementServiceClient;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An emulator as a process of its own, and clients that know nothing of keywrap. */
class EmulatorIT {
    @TempDir
    Path folder;

    private Process process;
    private BufferedReader lines;

    private void start(String cloud, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("emulator", cloud));
        arguments.addAll(List.of(options));
        process = JarProcess.command(folder, arguments.toArray(String[]::new))
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
        start("aws", "--port", "0", "--json");
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
        start("aws", "--region", "eu-west-1", "--account", "444455556666", "--events");
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

    @ParameterizedTest
    @ValueSource(strings = {"aws", "gcp"})
    void aPortThatIsTakenIsSaid(String cloud) throws Exception {
        start(cloud, "--json");
        String endpoint = JsonParser.parseString(lines.readLine())
                .getAsJsonObject()
                .get("endpoint")
                .getAsString();
        String port = endpoint.substring(endpoint.lastIndexOf(':') + 1);

        JarProcess.Result second =
                JarProcess.run(JarProcess.command(folder, "emulator", cloud, "--port", port), new byte[0]);

        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.err()).contains("port " + port, "to do: ").hasLineCount(1);
    }

    @Test
    void servesAKeyOfGoogleCloud() throws Exception {
        start("gcp", "--json", "--events");
        JsonObject announced = JsonParser.parseString(lines.readLine()).getAsJsonObject();
        String endpoint = announced.get("endpoint").getAsString();
        String key = announced.get("key").getAsString();
        assertThat(announced.get("kek").getAsString()).isEqualTo("gcp-kms://" + key);
        assertThat(announced
                        .getAsJsonObject("environment")
                        .get("KEYWRAP_GCP_KMS_ENDPOINT")
                        .getAsString())
                .isEqualTo(endpoint);

        ByteString secret = ByteString.copyFromUtf8("secret");
        try (KeyManagementServiceClient client = GcpWire.client(endpoint)) {
            EncryptResponse made = client.encrypt(key, secret);
            JsonObject event = JsonParser.parseString(lines.readLine()).getAsJsonObject();
            assertThat(event.getAsJsonObject("protoPayload").get("methodName").getAsString())
                    .isEqualTo("Encrypt");

            GcpWire.set(client, made.getName(), CryptoKeyVersionState.DISABLED);
            assertThatThrownBy(() -> client.decrypt(key, made.getCiphertext()))
                    .isInstanceOf(FailedPreconditionException.class)
                    .hasMessageContaining(made.getName() + " is not enabled, current state is: DISABLED.");
            GcpWire.set(client, made.getName(), CryptoKeyVersionState.ENABLED);
            assertThat(client.decrypt(key, made.getCiphertext()).getPlaintext()).isEqualTo(secret);
        }
    }

    @Test
    void theLinesForAShellPointAtIt() throws Exception {
        start("gcp", "--project", "acme-backup", "--location", "global");
        String key = "projects/acme-backup/locations/global/keyRings/ring/cryptoKeys/key-1";
        assertThat(lines.readLine()).matches("# Google Cloud KMS at 127\\.0\\.0\\.1:\\d+; end it with Ctrl-C");
        assertThat(lines.readLine()).isEqualTo("# KEK  gcp-kms://" + key);
        assertThat(lines.readLine()).isEqualTo("# Key  " + key);
        assertThat(lines.readLine()).matches("export KEYWRAP_GCP_KMS_ENDPOINT=127\\.0\\.0\\.1:\\d+");
        assertThat(lines.readLine()).isEqualTo("# try  keywrap kek status gcp-kms://" + key);
    }
}
