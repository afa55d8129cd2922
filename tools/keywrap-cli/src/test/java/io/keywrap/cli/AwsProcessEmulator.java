package io.keywrap.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;

/** An emulator of AWS KMS as a process of its own, with a ready key. */
final class AwsProcessEmulator {
    final String endpoint;
    final String arn;
    private final Process process;

    AwsProcessEmulator(Path folder) throws Exception {
        process = JarProcess.command(folder, "emulator", "aws", "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        JsonObject announced =
                JsonParser.parseString(process.inputReader().readLine()).getAsJsonObject();
        endpoint = announced.get("endpoint").getAsString();
        arn = announced.get("arn").getAsString();
    }

    void end() throws Exception {
        process.destroy();
        JarProcess.exitCode(process);
    }
}
