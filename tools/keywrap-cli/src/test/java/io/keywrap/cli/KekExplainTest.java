package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** References as the command explains them. */
class KekExplainTest {
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void command() {
        command = new TestRun(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:kms:eu-west-1:111122223333:alias/kek, aws-kms://arn:aws:kms:eu-west-1:111122223333:alias/kek",
        "//cloudkms.googleapis.com/projects/acme-prod/locations/global/keyRings/r/cryptoKeys/k,"
                + " gcp-kms://projects/acme-prod/locations/global/keyRings/r/cryptoKeys/k",
        "acme.vault.azure.net/keys/kek, azure-kms://https://acme.vault.azure.net/keys/kek"
    })
    void aKeyOfAnyCloudIsFound(String pasted, String kek) {
        assertThat(command.run("kek", "explain", pasted)).isZero();

        assertThat(command.out().lines().findFirst()).contains("KEK      " + kek);
        assertThat(command.out()).contains("this is  ", "note     ");
        assertThat(command.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "alias/kek, the name of an alias",
        "projects/acme-prod/locations/global/keyRings/r, a key ring",
        "https://acme.vault.azure.net/, a vault",
        "AKIAIOSFODNN7EXAMPLE, an access key of AWS",
        "hello, nothing that names a key in AWS KMS"
    })
    void whatNamesNoneIsExplainedWithExitCode6(String pasted, String looksLike) {
        assertThat(command.run("kek", "explain", pasted)).isEqualTo(ExitCode.CONFIGURATION);

        assertThat(command.out())
                .startsWith("! this looks like " + looksLike)
                .contains("\nto do: ")
                .hasLineCount(2);
    }

    /** As a customer pastes by mistake, with and without quotes around it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "hunter2-hunter2",
                "correct|horse|hunter2",
                "-qhunter2",
                "--hunter2=hunter2",
                "arn:aws:hunter2:eu-west-1:111122223333:hunter2",
                "arn:aws:kms:eu-west-1:111122223333:key/hunter2",
                "projects/p/locations/hunter2",
                "https://hunter2:hunter2@acme.vault.azure.net/keys/kek",
                "https://acme.vault.azure.net/secrets/hunter2",
                "hello|-qhunter2",
                "hello|--hunter2",
                "--cloud|hunter2|arn",
                "--place|hunter2|-v|hunter2"
            })
    void whatMayBeASecretIsNeverRepeated(String pasted) {
        List<String> arguments = new ArrayList<>(List.of("kek", "explain"));
        arguments.addAll(List.of(pasted.split("\\|")));
        for (String json : List.of("", "--json")) {
            List<String> all = new ArrayList<>(arguments);
            if (!json.isEmpty()) {
                all.add(2, json);
            }

            assertThat(command.run(all.toArray(String[]::new))).isIn(ExitCode.CONFIGURATION, ExitCode.USAGE);

            assertThat(command.out() + command.err())
                    .isNotEmpty()
                    .doesNotContain("hunter2")
                    .doesNotContain("wJalr");
        }
    }

    @Test
    void aReferenceThatTheShellHasSplitIsReadAsOne() {
        assertThat(command.run(
                        "kek",
                        "explain",
                        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-",
                        "34cd-56ef-1234567890ab"))
                .isZero();
        assertThat(command.out()).contains("KEK      aws-kms://" + ARN);
    }

    @Test
    void placesAreThoseOfTheCloud() {
        assertThat(command.run("kek", "explain", "--cloud", "aws", "--place", "eu-west-1", ARN))
                .isZero();
        assertThat(command.run("kek", "explain", "--cloud", "aws", "--place", "us-east-1", ARN))
                .isEqualTo(6);
        assertThat(command.out()).contains("a key in eu-west-1, where this data centre takes none");
        assertThat(command.run("kek", "explain", "--cloud", "gcp", ARN)).isEqualTo(6);
        assertThat(command.out()).contains("a reference of AWS");
    }

    @Test
    void theSameAsJson() {
        command.run("kek", "explain", "--json", ARN);
        assertThat(command.outJson().keySet()).containsExactly("accepted", "kek", "looksLike", "notes");

        assertThat(command.run("kek", "explain", "--json", "kek")).isEqualTo(6);
        JsonObject refused = command.outJson();
        assertThat(refused.get("accepted").getAsBoolean()).isFalse();
        assertThat(refused.keySet()).containsExactly("accepted", "looksLike", "notes", "pasteInstead");
    }
}
