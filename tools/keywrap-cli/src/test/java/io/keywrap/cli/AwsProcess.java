package io.keywrap.cli;

import java.nio.file.Path;
import java.util.List;

/** The packaged command with a keychain under a KEK in AWS KMS, and settings of the AWS SDK that only the test knows. */
final class AwsProcess extends KekProcess {
    AwsProcess(Path folder, String endpoint, String kek) {
        super(folder, kek);
        environment.put("AWS_ENDPOINT_URL_KMS", endpoint);
        environment.put("AWS_ACCESS_KEY_ID", "dummy");
        environment.put("AWS_SECRET_ACCESS_KEY", "dummy");
    }

    @Override
    void prepare(ProcessBuilder builder) {
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_CONFIG_FILE", folder.resolve("config").toString());
        builder.environment()
                .put(
                        "AWS_SHARED_CREDENTIALS_FILE",
                        folder.resolve("credentials").toString());
        super.prepare(builder);
    }

    /** Runs the command of AWS as its user would. */
    JarProcess.Result aws(String... arguments) throws Exception {
        ProcessBuilder builder = JarProcess.inFolder(folder, List.of(arguments));
        prepare(builder);
        builder.environment().put("AWS_REGION", "us-east-1");
        builder.environment().put("AWS_DEFAULT_REGION", "us-east-1");
        return JarProcess.run(builder, new byte[0]);
    }
}
