package io.keywrap.cli;

import static io.keywrap.cli.AwsProcess.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsPrincipal;
import io.keywrap.emulators.AwsRole;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the packaged command has the credentials for AWS from, and what it says where there are none. */
class AwsCredentialsIT {
    /** The deadline of a call, and time for a JVM to start on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final AwsKmsEmulator emulator =
            AwsKmsEmulator.builder().onlyKnownCredentials().start(0);
    private AwsProcess keywrap;

    @BeforeEach
    void key() {
        keywrap = new AwsProcess(
                folder,
                emulator.endpoint().toString(),
                "aws-kms://" + emulator.createKey().arn());
    }

    @AfterEach
    void end() {
        emulator.close();
    }

    private void withoutKeys() {
        keywrap.environment.remove("AWS_ACCESS_KEY_ID");
        keywrap.environment.remove("AWS_SECRET_ACCESS_KEY");
    }

    private void assertNoCredentials() throws Exception {
        keywrap.assertFailed(
                keywrap.status(), 6, "finds no credentials that work", "give this process AWS credentials");
        assertThat(emulator.events()).isEmpty();
    }

    @Test
    void credentialsThatAwsDoesNotKnowAreSaid() throws Exception {
        keywrap.assertFailed(
                keywrap.status(), 6, "AWS does not accept the credentials", "code UnrecognizedClientException");
    }

    @Test
    void noCredentialsAreSaidWhereThereIsNoMetadataService() throws Exception {
        withoutKeys();
        keywrap.environment.put("AWS_EC2_METADATA_DISABLED", "true");

        assertNoCredentials();
    }

    @Test
    void aMetadataServiceThatKeepsSilentIsNotWaitedForBeyondTheDeadline() throws Exception {
        withoutKeys();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            keywrap.environment.put("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort());
            long started = System.nanoTime();

            assertNoCredentials();

            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(PATIENCE);
        }
    }

    @Test
    void aTokenServiceThatKeepsSilentIsNotWaitedForBeyondTheDeadline() throws Exception {
        withoutKeys();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Files.writeString(folder.resolve("token"), "token");
            keywrap.environment.put("AWS_REGION", "us-east-1");
            keywrap.environment.put("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/keywrap");
            keywrap.environment.put(
                    "AWS_WEB_IDENTITY_TOKEN_FILE", folder.resolve("token").toString());
            keywrap.environment.put("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:" + silent.getLocalPort());
            long started = System.nanoTime();

            keywrap.assertFailed(keywrap.status(), 5, "the credentials for the call did not come in time", "STS");

            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(PATIENCE);
        }
    }

    @Test
    void aProfileMayAssumeARole() throws Exception {
        String role = "arn:aws:iam::" + emulator.account() + ":role/keywrap";
        emulator.role(AwsRole.of(role).trusting("arn:aws:iam::" + emulator.account() + ":root"));
        emulator.identityPolicy(emulator.principal(role), """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}""");
        AwsPrincipal person = emulator.principal("arn:aws:iam::" + emulator.account() + ":user/admin");
        withoutKeys();
        keywrap.environment.put("AWS_PROFILE", "vendor");
        keywrap.environment.put("AWS_ENDPOINT_URL_STS", emulator.endpoint().toString());
        Files.writeString(folder.resolve("credentials"), """
                [person]
                aws_access_key_id = %s
                aws_secret_access_key = %s
                """.formatted(person.accessKeyId(), person.secretAccessKey()));
        Files.writeString(folder.resolve("config"), """
                [profile vendor]
                role_arn = %s
                source_profile = person
                region = us-east-1
                """.formatted(role));

        JarProcess.Result result = keywrap.status();

        assertDone(result);
        assertThat(result.err()).isEmpty();
        assertThat(emulator.events()).anyMatch(event -> event.toJson().contains("assumed-role/keywrap"));
    }

    @Test
    void thePeoplesSignOnIsThereAndSaysThatItIsDue() throws Exception {
        withoutKeys();
        keywrap.environment.put("AWS_EC2_METADATA_DISABLED", "true");
        keywrap.environment.put("AWS_PROFILE", "person");
        Files.writeString(folder.resolve("config"), """
                [profile person]
                sso_session = office
                sso_account_id = 111122223333
                sso_role_name = operator
                [sso-session office]
                sso_start_url = https://example.awsapps.com/start
                sso_region = us-east-1
                """);

        assertNoCredentials();
        assertThat(keywrap.run(
                                "kek",
                                "status",
                                "-v",
                                "aws-kms://" + emulator.createKey().arn())
                        .err())
                .contains("SSO")
                .doesNotContain("must be on the class path", "NoClassDefFoundError");
    }
}
