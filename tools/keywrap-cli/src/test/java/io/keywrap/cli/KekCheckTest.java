package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.keywrap.emulators.AzureKeyVaultEmulator;
import io.keywrap.emulators.CloudTrailEvent;
import io.keywrap.emulators.GcpKmsEmulator;
import io.keywrap.emulators.GcpKmsKey;
import io.keywrap.onboarding.Preflight;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preflights as the command prints them; what they tell apart is shown in each adapter. */
class KekCheckTest {
    @TempDir
    Path folder;

    @Nested
    class OfAKekInAws {
        private AwsRun aws;

        @BeforeEach
        void start() {
            aws = new AwsRun(folder);
        }

        @AfterEach
        void end() {
            aws.close();
        }

        private int check(String... more) {
            String[] all = new String[more.length + 3];
            all[0] = "kek";
            all[1] = "check";
            all[2] = aws.kek();
            System.arraycopy(more, 0, all, 3, more.length);
            return aws.command.run(all);
        }

        @Test
        void oneThatWillDoIs0WithItsWarnings() {
            assertThat(check("--region", "us-east-1", "--owner", "111122223333", "--context", "tenant=acme"))
                    .as(aws.command.err())
                    .isZero();

            assertThat(aws.command.out())
                    .startsWith("KEK   " + aws.kek() + "\nPASS  form ")
                    .contains(
                            "\nPASS  region                us-east-1\n",
                            "\nPASS  permission: unwrap    kms:Decrypt is allowed\n",
                            "\nWARN  wrong context         refused by the key for another DEK, another keychain, another tenant;"
                                    + " the policy allows every key context\n      to do: ",
                            "\nWARN  rotation              off\n      to do: advise the customer")
                    .endsWith("\nWARN  in all\n");
            assertThat(aws.command.err()).isEmpty();
        }

        @Test
        void oneThatWillNotIs1() {
            assertThat(check("--region", "eu-west-1")).isEqualTo(1);
            assertThat(aws.command.out()).contains("\nFAIL  region ").endsWith("\nFAIL  in all\n");

            aws.customer.disable();
            assertThat(check()).isEqualTo(1);
            assertThat(aws.command.out()).contains("\nFAIL  key state             the key is disabled\n");
        }

        @Test
        void theSameAsJson() {
            aws.customer.ignoreContext(true);

            assertThat(check("--json")).isEqualTo(1);

            JsonObject result = aws.command.outJson();
            assertThat(result.keySet()).containsExactly("kek", "verdict", "checks");
            assertThat(result.get("verdict").getAsString()).isEqualTo("FAIL");
            List<JsonObject> checks = result.getAsJsonArray("checks").asList().stream()
                    .map(JsonElement::getAsJsonObject)
                    .toList();
            assertThat(checks)
                    .filteredOn(check -> check.get("check").getAsString().equals("CONTEXT"))
                    .singleElement()
                    .matches(check -> check.get("verdict").getAsString().equals("FAIL"))
                    .matches(check -> check.has("toDo"));
        }

        @Test
        void aRoleNeedsItsOwnPermissionsAlone() {
            aws.customer.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                    + "\"Action\":[\"kms:Encrypt\",\"kms:GenerateDataKey\"],\"Resource\":\"*\"}]}");

            assertThat(check("--role", "backup")).isZero();
            assertThat(check("--role", "backup", "--role", "restore")).isEqualTo(1);
            assertThat(aws.command.out()).contains("\nFAIL  permission: unwrap    kms:Decrypt is denied");
            assertThat(check()).isEqualTo(1);
        }

        @Test
        void theCustomerSeesWhoLooked() {
            aws.emulator.clearEvents();

            check();

            assertThat(aws.emulator.events())
                    .extracting(CloudTrailEvent::toJson)
                    .anyMatch(event -> event.contains(Preflight.KEYCHAIN));
        }
    }

    @Test
    void ofAKekInGoogleCloud() {
        TestRun command = new TestRun(folder);
        try (GcpKmsEmulator emulator = GcpKmsEmulator.start()) {
            command.environment.put(GcpKeks.ENDPOINT, emulator.endpoint());
            GcpKmsKey key = emulator.createKey();
            String uri = "gcp-kms://" + key.name();

            assertThat(command.run("kek", "check", uri)).as(command.err()).isZero();
            assertThat(command.out()).contains("PASS  permission: wrap      cloudkms.cryptoKeyVersions.useToEncrypt");

            key.deny("cloudkms.cryptoKeyVersions.useToDecrypt");
            assertThat(command.run("kek", "check", uri)).isEqualTo(1);
        }
    }

    @Test
    void ofAKekInAVaultThatNobodyTrusts() {
        TestRun command = new TestRun(folder);
        try (AzureKeyVaultEmulator emulator = AzureKeyVaultEmulator.start()) {
            String uri = "azure-kms://" + emulator.createKey().id();

            assertThat(command.run("kek", "check", uri)).isEqualTo(1);
            assertThat(command.out()).contains("FAIL  form").hasLineCount(4);
        }
    }

    @Test
    void ofAKekInAKeyStore() throws Exception {
        TestRun command = new TestRun(folder).withKek();

        assertThat(command.run("kek", "check", "keystore:main#kek")).isZero();
        assertThat(command.out()).contains("PASS  wrong context").endsWith("  in all\n");
        assertThat(command.run("kek", "check", "keystore:main#none")).isEqualTo(1);
    }

    @Test
    void aSchemeThatNobodyServesIs6() {
        TestRun command = new TestRun(folder);

        assertThat(command.run("kek", "check", "byok://slot")).isEqualTo(6);
        assertThat(command.err()).contains("no provider is registered", "to do: ");
    }
}
