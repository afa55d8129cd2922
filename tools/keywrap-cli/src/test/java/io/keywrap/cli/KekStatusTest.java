package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.keywrap.emulators.AwsFault;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a KEK can be used, and what to do where it cannot. */
class KekStatusTest {
    @TempDir
    Path folder;

    @Nested
    class OfAKekInAwsKms {
        private AwsRun aws;

        @BeforeEach
        void start() {
            aws = new AwsRun(folder);
        }

        @AfterEach
        void end() {
            aws.close();
        }

        private int status() {
            return aws.command.run("kek", "status", aws.kek());
        }

        private void assertSays(String... words) {
            assertThat(aws.command.err())
                    .startsWith("keywrap: ")
                    .contains(words)
                    .contains("KEK " + aws.kek(), "to do: ")
                    .hasLineCount(1);
            assertThat(aws.command.out()).isEmpty();
        }

        @Test
        void itIsUsableAndHasAVersion() {
            assertThat(status()).as(aws.command.err()).isZero();

            assertThat(aws.command.out().lines())
                    .containsExactly(
                            "KEK      " + aws.kek(),
                            "state    usable",
                            "version  " + aws.customer.currentKeyMaterialId());
            assertThat(aws.command.err()).isEmpty();
        }

        @Test
        void theVersionFollowsARotation() {
            aws.customer.rotate();

            aws.command.must("kek", "status", "--json", aws.kek());

            JsonObject result = aws.command.outJson();
            assertThat(result.keySet()).containsExactly("kek", "usable", "currentVersion");
            assertThat(result.get("kek").getAsString()).isEqualTo(aws.kek());
            assertThat(result.get("usable").getAsBoolean()).isTrue();
            assertThat(result.get("currentVersion").getAsString()).isEqualTo(aws.customer.currentKeyMaterialId());
        }

        @Test
        void nothingIsWrappedOrUnwrapped() {
            aws.emulator.clearEvents();

            assertThat(status()).isZero();

            assertThat(aws.emulator.events())
                    .singleElement()
                    .matches(event -> event.toJson().contains("\"DescribeKey\""));
        }

        @Test
        void aDisabledKeyIs4UntilItIsEnabled() {
            aws.customer.disable();
            assertThat(status()).isEqualTo(4);
            assertSays("the key is disabled", "enable the key again");

            aws.customer.enable();
            assertThat(status()).isZero();
        }

        @Test
        void aRefusalIsJsonWhereThatWasAskedFor() {
            aws.customer.disable();

            assertThat(aws.command.run("kek", "status", "--json", aws.kek())).isEqualTo(4);

            JsonObject error = aws.command.errJson().getAsJsonObject("error");
            assertThat(error.get("kind").getAsString()).isEqualTo("KekRevokedException");
            assertThat(error.get("exitCode").getAsInt()).isEqualTo(4);
            assertThat(error.get("kek").getAsString()).isEqualTo(aws.kek());
            assertThat(error.get("reason").getAsString()).isEqualTo("DISABLED");
            assertThat(aws.command.out()).isEmpty();
        }

        @Test
        void aKeyToBeDeletedIs4WithItsDate() {
            aws.customer.scheduleDeletion(Duration.ofDays(7));

            assertThat(status()).isEqualTo(4);

            String day = aws.customer.deletionDate().orElseThrow().toString().substring(0, 10);
            assertSays("pending deletion, which is final on " + day, "cancel the deletion");
            aws.command.run("kek", "status", "--json", aws.kek());
            JsonObject error = aws.command.errJson().getAsJsonObject("error");
            assertThat(error.get("reason").getAsString()).isEqualTo("PENDING_DELETION");
            assertThat(error.get("deletion").getAsString()).startsWith(day);
        }

        @Test
        void aKeyThatIsNotThereIs4() {
            aws.customer.delete();

            assertThat(status()).isEqualTo(4);
            assertSays("there is no such key", "check the ARN: account, Region and key id");
        }

        @Test
        void aKeyThatMayNotBeAskedAboutIs4() {
            aws.customer.policy("{\"Version\":\"2012-10-17\",\"Statement\":[]}");

            assertThat(status()).isEqualTo(4);
            assertSays("access to the key is denied", "key policy");
        }

        @Test
        void whetherItMayBeUsedIsNotTold() {
            aws.customer.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                    + "\"Action\":\"kms:DescribeKey\",\"Resource\":\"*\"}]}");

            assertThat(status()).isZero();
            aws.command.must("kek", "status", "--help");
            assertThat(aws.command.out()).contains("it does not tell whether you may");
        }

        @Test
        void withAStoreItTellsWhatDependsOnItAndWhetherItUnwraps() {
            StoreInAws store = new StoreInAws(aws).with("a").with("b");

            assertThat(store.run("kek", "status", aws.kek()))
                    .as(aws.command.err())
                    .isZero();

            assertThat(aws.command.out())
                    .contains("state    usable", "CONTROL  2          2     1 of 1     ACTIVE")
                    .endsWith("2 keychains, 1 KEK version: 1 OPENS\n");
        }

        @Test
        void withAStoreARefusalIsTheResult() {
            StoreInAws store = new StoreInAws(aws).with("a");
            aws.customer.disable();

            assertThat(store.run("kek", "status", aws.kek(), "--json")).isEqualTo(4);

            JsonObject result = aws.command.outJson();
            assertThat(result.get("usable").getAsBoolean()).isFalse();
            assertThat(result.get("exitCode").getAsInt()).isEqualTo(4);
            assertThat(result.get("reason").getAsString()).isEqualTo("DISABLED");
            JsonObject kek = result.getAsJsonArray("keks").get(0).getAsJsonObject();
            assertThat(kek.get("state").getAsString()).isEqualTo("REVOKED");
            assertThat(aws.command.err()).isEmpty();
        }

        @Test
        void whoMayAskAndNotUnwrapIsFoundOutWithAStore() {
            StoreInAws store = new StoreInAws(aws).with("a");
            aws.customer.policy("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
                    + "\"Action\":\"kms:DescribeKey\",\"Resource\":\"*\"}]}");

            assertThat(store.run("kek", "status", aws.kek())).isEqualTo(4);
            assertThat(aws.command.out()).contains("state    usable", "SUSPECT DENIED", "1 REFUSED");
        }

        @Test
        void throttlingIs5() {
            aws.emulator.injectAlways(AwsFault.throttling());

            assertThat(status()).isEqualTo(5);
            // The last of several attempts may have been cut short by the deadline, and tells that instead.
            assertThat(aws.command.err())
                    .containsAnyOf("AWS asks for fewer calls", "AWS did not answer in time")
                    .contains("KEK " + aws.kek(), "; to do: ")
                    .hasLineCount(1);
        }

        @Test
        void anOutageIs5() {
            aws.emulator.injectAlways(AwsFault.error(503, "ServiceUnavailableException", ""));

            assertThat(status()).isEqualTo(5);
            assertSays("it can be tried again");
        }

        @Test
        void credentialsThatAwsRefusesAre6() {
            aws.set("aws.accessKeyId", "AKIANOBODY");

            assertThat(status()).isEqualTo(6);
            assertSays("does not accept the credentials", "renew the credentials");
        }

        @Test
        void whatIsNoArnIs6() {
            assertThat(aws.command.run("kek", "status", "aws-kms://tenant-42")).isEqualTo(6);
            assertThat(aws.command.err())
                    .contains("aws-kms://tenant-42", "to do: ")
                    .hasLineCount(1);
        }
    }

    @Nested
    class OfAKekInAKeyStore {
        private TestRun command;

        @BeforeEach
        void keyStore() throws Exception {
            command = new TestRun(folder).withKek();
        }

        @Test
        void itIsUsableAndHasNoVersion() {
            command.must("kek", "status", "keystore:main#kek");
            assertThat(command.out().lines())
                    .containsExactly("KEK      keystore:main#kek", "state    usable", "version  not told");

            command.must("kek", "status", "--json", "keystore:main#kek");
            assertThat(command.outJson().keySet()).containsExactly("kek", "usable");
        }

        @Test
        void anAliasThatIsNotThereIs4() {
            assertThat(command.run("kek", "status", "keystore:main#none")).isEqualTo(4);
            assertThat(command.err()).contains("keystore:main#none", "check the alias");
            assertThat(command.out()).isEmpty();
        }

        @Test
        void aWrongPasswordIs6() {
            command.environment.put("KEYWRAP_KEYSTORE_PASSWORD", "wrong");

            assertThat(command.run("kek", "status", "keystore:main#kek")).isEqualTo(6);
            assertThat(command.err()).contains("keystore:main#kek", "to do: ");
        }
    }

    @Test
    void aSchemeThatNobodyServesIs6() {
        TestRun command = new TestRun(folder);

        assertThat(command.run("kek", "status", "byok://slot")).isEqualTo(6);
        assertThat(command.err())
                .contains("no provider is registered for its scheme", "aws-kms", "azure-kms", "keystore");
    }
}
