package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Runs the examples of each page on the command, one after the other as a reader would; several pages at once. */
@Execution(ExecutionMode.CONCURRENT)
class DocumentationIT {
    private static final Pattern EXAMPLE = Pattern.compile("```sh run\\n(.*?)```", Pattern.DOTALL);

    /** What a page on AWS needs of the AWS CLI, for machines that lack it. */
    private static final String AWS = """
            #!/bin/sh
            case $2 in disable-key) operation=DisableKey ;; enable-key) operation=EnableKey ;; *) exit 2 ;; esac
            exec curl -fsS "$AWS_ENDPOINT_URL_KMS" -H "X-Amz-Target: TrentService.$operation" \\
              -H 'Content-Type: application/x-amz-json-1.1' -d "{\\"KeyId\\":\\"$4\\"}" \\
              -H 'Authorization: AWS4-HMAC-SHA256 Credential=emulator/20261125/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=0'
            """;

    @TempDir
    Path folder;

    /** What the pages on revocation need of whoever follows them: a store that is in use. */
    private static final String STORE = """
            export KEYWRAP_KEYSTORES=main=main.p12 KEYWRAP_KEYSTORE_PASSWORD='correct horse'
            KEK=keystore:main#tenant-42 SEAL=keystore:main#vendor STORE=keychains
            keywrap keystore create main.p12 --alias tenant-42
            keywrap keystore create main.p12 --alias vendor
            keywrap keychain create --store "$STORE" --id tenant-42 --kek "$KEK" --seal-kek "$SEAL"
            page_somebody() { exit "$1"; }
            """;

    private JarProcess.Result run(String page, int atLeast) throws Exception {
        return run(page, atLeast, "");
    }

    private JarProcess.Result run(String page, int atLeast, String before) throws Exception {
        String text = Files.readString(JarProcess.ROOT.resolve(page));
        List<String> examples =
                EXAMPLE.matcher(text).results().map(match -> match.group(1)).toList();
        assertThat(examples).hasSizeGreaterThanOrEqualTo(atLeast);
        executable(
                "bin/keywrap",
                "#!/bin/sh\nexec '" + String.join("' '", JarProcess.java()) + "' -jar '" + JarProcess.JAR
                        + "' \"$@\"\n");
        executable("instead/aws", AWS);
        Path work = Files.createDirectory(folder.resolve("work"));
        Path script = folder.resolve("examples.sh");
        Files.writeString(
                script,
                "set -exo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + before
                        + String.join("\n", examples) + "\necho reached the end\n");
        ProcessBuilder builder = JarProcess.inFolder(work, List.of("bash", script.toString()));
        builder.environment()
                .merge(
                        "PATH",
                        "",
                        (path, none) -> folder.resolve("bin") + ":" + path + ":" + folder.resolve("instead"));
        return JarProcess.run(builder, new byte[0]);
    }

    private void executable(String name, String text) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void firstRestoreOfTheReadmeRuns() throws Exception {
        JarProcess.Result result = run("README.md", 1);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("restored", "reached the end");
    }

    @Test
    void everyExampleOfTheCommandRuns() throws Exception {
        JarProcess.Result result = run("docs/cli.md", 7);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("data.enc/2026/11/one.csv.kwrp");
    }

    @Test
    void everyExampleOfAwsRuns() throws Exception {
        JarProcess.Result result = run("docs/quickstart/aws.md", 3);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("state    usable");
        assertThat(result.err()).contains("keywrap: the key is disabled; KEK aws-kms://arn:");
    }

    @Test
    void everyExampleOfGoogleCloudRuns() throws Exception {
        JarProcess.Result result = run("docs/quickstart/gcp.md", 3);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("state    usable");
        assertThat(result.err()).contains("KEK gcp-kms://projects/", "code UNAVAILABLE");
    }

    @Test
    void everyExampleOfAzureRuns() throws Exception {
        JarProcess.Result result = run("docs/quickstart/azure.md", 3);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("state    usable");
        assertThat(result.err()).contains("keywrap: the key is disabled; KEK azure-kms://https://localhost:");
    }

    @Test
    void everyExampleOfAzureCertificatesRuns() throws Exception {
        JarProcess.Result result = run("docs/guides/azure-certificates.md", 2);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("reached the end")
                .contains("another certificate")
                .contains("{\"thumbprint\":\"");
    }

    @Test
    void everyExampleForWhoeverIsOnCallRuns() throws Exception {
        JarProcess.Result result = run("docs/guides/on-call.md", 1, STORE);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("1 OPENS").contains("ACTIVE");
    }

    @Test
    void everyExampleOfRevocationRuns() throws Exception {
        JarProcess.Result result = run("docs/guides/revocation.md", 1, STORE);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(folder.resolve("work/drill.json")).content().contains("\"allOpen\": true");
    }

    /** The same store, whose keychain is to be moved to a KEK that is there. */
    private static final String MIGRATION = STORE + """
            OLD=$KEK NEW=keystore:main#next
            keywrap keystore create main.p12 --alias next
            keywrap keychain create --store "$STORE" --id archive --kek "$OLD" --seal-kek "$SEAL"
            """;

    @Test
    void everyExampleOfAPlannedMigrationRuns() throws Exception {
        JarProcess.Result result = run("docs/guides/planned-migration.md", 4, MIGRATION);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("is given up");
        assertThat(folder.resolve("work/dependents.json")).content().contains("\"safeToDelete\": true");
    }

    @Test
    void everyExampleOfAKeyThatMustGoTonightRuns() throws Exception {
        JarProcess.Result result = run("docs/guides/retire-tonight.md", 5, MIGRATION);

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("reached the end").contains("safe to delete");
    }
}
