package io.keywrap.cli;

import static io.keywrap.cli.AwsProcess.assertDone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An emulator of AWS KMS, the command, and clients that withdraw a key: each a process of its own. */
class AwsIT {
    @TempDir
    Path folder;

    private AwsProcessEmulator emulator;
    private String endpoint;
    private String arn;
    private AwsProcess keywrap;

    @BeforeEach
    void start() throws Exception {
        emulator = new AwsProcessEmulator(folder);
        endpoint = emulator.endpoint;
        arn = emulator.arn;
        keywrap = new AwsProcess(folder, endpoint, "aws-kms://" + arn);
        Files.writeString(folder.resolve("in"), AwsProcess.TEXT);
        assertDone(keywrap.create());
        assertDone(keywrap.encrypt());
    }

    @AfterEach
    void end() throws Exception {
        emulator.end();
    }

    private void assertDecrypts(String out) throws Exception {
        JarProcess.Result result = keywrap.decrypt(out);
        assertDone(result);
        assertThat(result.err()).startsWith("keywrap: decrypted 1 file").hasLineCount(1);
        assertThat(folder.resolve(out)).hasContent(AwsProcess.TEXT);
    }

    @Test
    void afterDisableKeyNothingIsDecryptedUntilEnableKey() throws Exception {
        assertDecrypts("before");
        assertThat(keywrap.status().out()).contains("aws-kms://" + arn, "usable");

        AwsWire.call(endpoint, "DisableKey", arn);
        keywrap.assertFailed(
                keywrap.decrypt("no"), 4, "the key is disabled", "ask the customer to enable the key again");
        keywrap.assertFailed(keywrap.status(), 4, "the key is disabled", "ask the customer to enable the key again");
        keywrap.assertFailed(keywrap.encrypt(), 4, "the key is disabled");

        AwsWire.call(endpoint, "EnableKey", arn);
        assertDecrypts("after");
        assertDone(keywrap.status());
    }

    @Test
    void theCommandOfAwsWithdrawsAKeyToo() throws Exception {
        Optional<Path> aws = Stream.of(System.getenv("PATH").split(":"))
                .map(entry -> Path.of(entry, "aws"))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(
                aws.isPresent(), "the command 'aws' is not on the PATH of this machine, so it withdraws no key here");
        String command = aws.orElseThrow().toString();

        assertDone(keywrap.aws(command, "kms", "disable-key", "--key-id", arn));
        keywrap.assertFailed(keywrap.decrypt("no"), 4, "the key is disabled");

        assertDone(keywrap.aws(command, "kms", "enable-key", "--key-id", arn));
        assertDecrypts("after");
    }

    @Test
    void aDeletionThatIsScheduledIsToldWithItsDate() throws Exception {
        JsonObject request = AwsWire.with("KeyId", arn);
        request.addProperty("PendingWindowInDays", 7);
        AwsWire.call(endpoint, "ScheduleKeyDeletion", request);
        String day = LocalDate.now(ZoneOffset.UTC).plusDays(7).toString();

        keywrap.assertFailed(
                keywrap.decrypt("no"),
                4,
                "pending deletion, which is final on " + day,
                "cancel the deletion of the key");

        AwsWire.call(endpoint, "CancelKeyDeletion", arn);
        keywrap.assertFailed(keywrap.decrypt("no"), 4, "the key is disabled");
        AwsWire.call(endpoint, "EnableKey", arn);
        assertDecrypts("after");
    }

    @Test
    void whatDoesNotListenIsOutOfReach() throws Exception {
        emulator.end();

        keywrap.assertFailed(keywrap.decrypt("no"), 5, "it can be tried again");
        keywrap.assertFailed(keywrap.status(), 5, "it can be tried again");
    }

    @Test
    void aRegionThatTheEndpointDoesNotServeIsToldFromTheArn() throws Exception {
        AwsProcess elsewhere =
                new AwsProcess(folder, endpoint, "aws-kms://" + arn.replace(":us-east-1:", ":eu-west-1:"));

        elsewhere.assertFailed(
                elsewhere.status(), 4, "there is no such key", "check the ARN: account, Region and key id");
    }

    @Test
    void debugMessagesTellNeitherKeyContextNorSessionToken() throws Exception {
        keywrap.environment.put("AWS_SESSION_TOKEN", "hush");

        JarProcess.Result result = keywrap.run(
                "-v",
                "decrypt",
                "--store",
                "store",
                "--keychain",
                "t",
                "--seal-kek",
                "aws-kms://" + arn,
                "in.kwrp",
                "out");

        assertDone(result);
        assertThat(result.err()).doesNotContain("acme", "hush");
    }

    @Test
    void theSettingsMayStandInAProfile() throws Exception {
        keywrap.environment.clear();
        keywrap.environment.put("AWS_PROFILE", "tenants");
        Files.writeString(folder.resolve("credentials"), """
                [tenants]
                aws_access_key_id = dummy
                aws_secret_access_key = dummy
                """);
        Files.writeString(folder.resolve("config"), """
                [profile tenants]
                services = here
                [services here]
                kms =
                  endpoint_url = %s
                """.formatted(endpoint));

        assertDecrypts("after");
    }
}
