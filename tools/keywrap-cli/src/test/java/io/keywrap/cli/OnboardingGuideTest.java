package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.keywrap.EncryptionContext;
import io.keywrap.aws.AwsKeyArn;
import io.keywrap.aws.AwsKeyPolicy;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.onboarding.PolicyRole;
import io.keywrap.onboarding.VendorAccess;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide to onboarding compiles and runs, and the pages for customers show what is made. */
class OnboardingGuideTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Pattern BLOCK =
            Pattern.compile("^```java onboarding\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final String IMPORTS = Stream.of(
                    "io.keywrap.*",
                    "io.keywrap.aws.*",
                    "io.keywrap.azure.*",
                    "io.keywrap.cli.OnboardingDocBlock",
                    "io.keywrap.emulators.AwsKmsEmulator",
                    "io.keywrap.gcp.*",
                    "io.keywrap.keychain.*",
                    "io.keywrap.onboarding.*",
                    "io.keywrap.store.*",
                    "io.keywrap.stream.*",
                    "java.io.*",
                    "java.nio.file.*",
                    "java.util.*")
            .map(name -> "import " + name + "; ")
            .collect(Collectors.joining());

    @TempDir
    Path folder;

    private static String page(String name) throws IOException {
        return Files.readString(ROOT.resolve(name));
    }

    @Test
    void theGuideCompilesAndRuns() throws Exception {
        List<String> blocks = BLOCK.matcher(page("docs/guides/onboarding.md"))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(9);
        Path classes = compiled(String.join("\n", blocks));
        Path work = Files.createDirectory(folder.resolve("work"));
        URL[] path = {classes.toUri().toURL()};
        try (AwsKmsEmulator emulator =
                        AwsKmsEmulator.builder().region("eu-west-1").start(0);
                URLClassLoader loader = new URLClassLoader(path, OnboardingGuideTest.class.getClassLoader())) {
            OnboardingDocBlock example = (OnboardingDocBlock) loader.loadClass("Example")
                    .getConstructor(Path.class, AwsKmsEmulator.class)
                    .newInstance(work, emulator);
            example.run();

            assertThat(work.resolve("accounts.csv.kw")).isNotEmptyFile();
            assertThat(example.logged)
                    .anyMatch(line -> line.startsWith("this is the ARN of a key"))
                    .anyMatch(line -> line.contains("where this data centre takes none"))
                    .anyMatch(line -> line.contains("+++ policy with keywrap"))
                    .anyMatch(line -> line.startsWith("gcloud kms keys add-iam-policy-binding"))
                    .anyMatch(line -> line.startsWith("Open the Azure portal"))
                    .anyMatch(line -> line.startsWith("KEK   aws-kms://") && line.contains("\nPASS  wrong context"))
                    .noneMatch(line -> line.contains("\nFAIL"));
            assertThat(emulator.events()).extracting(CloudTrailEvent::eventName).contains("GenerateDataKey");
        }
    }

    @Test
    void thePageForCustomersOfAwsShowsTheStatementThatIsMade() throws Exception {
        Matcher shown = Pattern.compile("```json\\n(.*?)```", Pattern.DOTALL).matcher(page("docs/customers/aws.md"));
        assertThat(shown.find()).isTrue();
        String made = AwsKeyPolicy.of(
                        AwsKeyArn.parse("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
                        VendorAccess.of(PolicyRole.BACKUP, "arn:aws:iam::444455556666:role/backup"),
                        EncryptionContext.of("tenant", "acme"))
                .statements();

        assertThat(JsonParser.parseString(shown.group(1)))
                .isEqualTo(JsonParser.parseString(made)
                        .getAsJsonObject()
                        .getAsJsonArray("Statement")
                        .get(0));
    }

    @Test
    void thePagesForTheOthersShowTheLinesThatAreMade() throws Exception {
        TestRun command = new TestRun(folder);
        command.must(
                "kek",
                "policy",
                "gcp",
                "--role",
                "backup",
                "--principal",
                "backup@vendor.iam.gserviceaccount.com",
                "--format",
                "cli",
                "projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek");
        assertThat(joined(page("docs/customers/gcp.md"))).contains(command.out().strip());
        command.must(
                "kek",
                "policy",
                "azure",
                "--role",
                "rewrap",
                "--principal",
                "33333333-3333-4333-8333-333333333333",
                "--format",
                "cli",
                "https://acme.vault.azure.net/keys/kek");
        assertThat(joined(page("docs/customers/azure.md")))
                .contains(command.out().strip());
    }

    @Test
    void whoeverReadsHearsOfTheCheckAndWhoseKeyItIs() throws Exception {
        for (String cloud : List.of("aws", "gcp", "azure")) {
            assertThat(page("docs/customers/" + cloud + ".md")).as(cloud).contains("`keywrap kek check`");
        }
        assertThat(page("README.md")).contains("`keywrap kek check`");
        assertThat(page("docs/guides/integration.md")).contains("**Whose key it is.**", "`owner`");
    }

    /** Lines that go on after a backslash as one. */
    private static String joined(String page) {
        return page.replaceAll(" \\\\\\n +", " ");
    }

    private Path compiled(String blocks) throws IOException {
        return CompiledBlocks.in(
                Files.createDirectory(folder.resolve("classes")),
                IMPORTS
                        + "public class Example extends OnboardingDocBlock { public Example(Path folder, AwsKmsEmulator"
                        + " emulator) throws IOException { super(folder, emulator); }"
                        + " @Override public void run() throws Exception {\n" + blocks + "\n}}");
    }
}
