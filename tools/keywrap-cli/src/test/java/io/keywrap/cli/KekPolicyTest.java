package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies as the command writes them; what they allow is shown where they are made. */
class KekPolicyTest {
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String ROLE = "arn:aws:iam::444455556666:role/backup";

    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void command() {
        command = new TestRun(folder);
    }

    private JsonObject json() {
        return JsonParser.parseString(command.out()).getAsJsonObject();
    }

    @Nested
    class Aws {
        private void run(String... more) {
            String[] all = new String[more.length + 8];
            System.arraycopy(
                    new String[] {"kek", "policy", "aws", "--role", "backup", "--principal", ROLE, " '" + ARN + "' "},
                    0,
                    all,
                    0,
                    8);
            System.arraycopy(more, 0, all, 8, more.length);
            command.must(all);
        }

        @Test
        void wordsComeWithTheStatements() {
            run("--context", "tenant=acme");

            assertThat(command.out())
                    .startsWith("1. Open the console of AWS in the Region eu-west-1")
                    .contains("\"Sid\": \"KeywrapBackup\"", "\"kms:EncryptionContext:tenant\": \"acme\"");
        }

        @Test
        void jsonIsTheStatementsAlone() {
            run("--format", "json", "--role", "monitor");

            assertThat(json().getAsJsonArray("Statement")).hasSize(3);
        }

        @Test
        void aPolicyIsMergedAndTheDifferenceShown() throws Exception {
            command.write(
                    "policy.json",
                    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Mine\",\"Effect\":\"Allow\"}]}");

            run("--merge", command.path("policy.json"));
            assertThat(command.out())
                    .startsWith("--- policy\n+++ policy with keywrap\n@@ ")
                    .contains("\n+      \"Sid\"");

            run("--merge", command.path("policy.json"), "--format", "json");
            assertThat(json().getAsJsonArray("Statement")).hasSize(2);
        }

        @Test
        void whatIsNoPolicyIsAUsageErrorAndWhatIsNotThereIs1() throws Exception {
            command.write("policy.json", "no");
            String[] line = {
                "kek",
                "policy",
                "aws",
                "--role",
                "backup",
                "--principal",
                ROLE,
                ARN,
                "--merge",
                command.path("policy.json")
            };
            assertThat(command.run(line)).isEqualTo(ExitCode.USAGE);
            assertThat(command.err()).contains("the policy is not JSON");
            command.write("policy.json", " ");
            assertThat(command.run(line)).isEqualTo(ExitCode.USAGE);
            line[line.length - 1] = command.path("none.json");
            assertThat(command.run(line)).isEqualTo(ExitCode.OTHER);
        }

        @Test
        void commandsGrantsAndTheVendorsOwnPolicies() {
            run("--format", "cli");
            assertThat(command.out())
                    .contains("aws kms get-key-policy", "aws kms put-key-policy")
                    .hasLineCount(2);
            run("--format", "grant");
            assertThat(command.out()).startsWith("aws kms create-grant").hasLineCount(1);
            run("--format", "vendor");
            assertThat(command.out()).startsWith("# " + ROLE + "\n{").contains("\"Resource\": \"" + ARN + "\"");
        }

        @Test
        void theSameAsJson() {
            run("--json", "--format", "grant");

            assertThat(json().get("kek").getAsString()).isEqualTo("aws-kms://" + ARN);
            assertThat(json().get("format").getAsString()).isEqualTo("grant");
            assertThat(json().getAsJsonArray("lines")).hasSize(1);
        }
    }

    @Nested
    class Gcp {
        private void run(String format, String role) {
            command.must(
                    "kek",
                    "policy",
                    "gcp",
                    "--role",
                    role,
                    "--principal",
                    "a@vendor.iam.gserviceaccount.com",
                    "--format",
                    format,
                    "projects/acme-prod/locations/europe-west1/keyRings/backup/cryptoKeys/kek/cryptoKeyVersions/1");
        }

        @Test
        void inEveryForm() {
            run("words", "backup");
            assertThat(command.out()).contains("2. Open Security, Key Management, the key ring backup");
            run("cli", "backup");
            assertThat(command.out())
                    .contains("gcloud kms keys add-iam-policy-binding 'kek'")
                    .hasLineCount(1);
            run("json", "backup");
            assertThat(json().keySet()).containsExactly("bindings");
            run("json", "monitor");
            assertThat(json().getAsJsonObject("customRoles").keySet()).containsExactly("keywrapKeyStatus");
        }
    }

    @Nested
    class Azure {
        private void run(String... more) {
            String[] all = new String[more.length + 8];
            System.arraycopy(
                    new String[] {
                        "kek",
                        "policy",
                        "azure",
                        "--role",
                        "backup",
                        "--principal",
                        "33333333-3333-4333-8333-333333333333",
                        "https://acme.vault.azure.net/keys/kek"
                    },
                    0,
                    all,
                    0,
                    8);
            System.arraycopy(more, 0, all, 8, more.length);
            command.must(all);
        }

        @Test
        void inEveryForm() {
            run();
            assertThat(command.out()).startsWith("1. Open the Azure portal, the vault acme");
            run("--format", "cli");
            assertThat(command.out())
                    .startsWith("VAULT=$(az keyvault show --name acme")
                    .hasLineCount(3);
            run("--format", "cli", "--access-policy");
            assertThat(command.out())
                    .startsWith("KEPT=$(az keyvault show --name acme ")
                    .contains(" && az keyvault set-policy --name acme --object-id ")
                    .hasLineCount(1);
            run("--format", "json");
            assertThat(json().keySet()).containsExactly("roleDefinitions", "roleAssignments");
            run("--format", "json", "--with-status", "--role", "restore");
            assertThat(json().getAsJsonArray("roleDefinitions")).isEmpty();
            run("--format", "json", "--access-policy");
            assertThat(json().keySet()).containsExactly("accessPolicies");
        }

        @Test
        void withItsPlaces() {
            String vault =
                    "/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/g/providers/Microsoft.KeyVault/vaults/acme";
            run("--format", "json", "--tenant", "22222222-2222-4222-8222-222222222222", "--vault-id", vault);

            assertThat(command.out()).contains(vault + "/keys/kek").doesNotContain("<");
        }
    }
}
