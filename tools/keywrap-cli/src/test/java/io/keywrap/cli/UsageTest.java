package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line itself: help, version, and what it refuses. */
class UsageTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void command() {
        command = new TestRun(folder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo",
                "keystore",
                "keystore create",
                "keychain",
                "keychain create",
                "keychain list",
                "keychain show",
                "keychain rotate",
                "keychain migrate",
                "keychain recipients",
                "keychain repair",
                "keychain openers",
                "keychain destroy",
                "store",
                "store check",
                "store export",
                "store import",
                "store rebuild",
                "azure-cert",
                "azure-cert create",
                "azure-cert show",
                "azure-cert renew",
                "byok",
                "byok transport-key",
                "byok import",
                "byok activate",
                "byok archive",
                "byok revoke",
                "byok drop",
                "byok status",
                "kek",
                "kek explain",
                "kek check",
                "kek list",
                "kek policy",
                "kek policy aws",
                "kek policy gcp",
                "kek policy azure",
                "kek status",
                "kek watch",
                "kek dependents",
                "drill",
                "rewrap",
                "encrypt",
                "decrypt",
                "inspect",
                "emulator",
                "emulator aws",
                "emulator gcp",
                "emulator azure"
            })
    void helpIsThereOnEveryLevelWithAnExampleAndTheSharedOptions(String level) {
        String[] arguments = (level + " --help").strip().split(" ");

        assertThat(command.run(arguments)).isZero();

        assertThat(command.out())
                .contains("Usage: keywrap", "Example", "--keystore", "--password-file", "--json")
                .contains(level.isEmpty() ? "keywrap demo" : "keywrap " + level);
        assertThat(command.err()).isEmpty();
    }

    @Test
    void rootHelpListsTheExitCodes() {
        command.run("--help");

        assertThat(command.out())
                .containsPattern("0 +done")
                .containsPattern("2 +usage")
                .containsPattern("3 +data not authentic")
                .containsPattern("4 +KEK revoked")
                .containsPattern("5 +KEK throttled")
                .containsPattern("6 +configuration")
                .containsPattern("1 +anything else");
    }

    @Test
    void helpOfDecryptWarnsOfWhatStandardOutputMayHold() {
        command.run("decrypt", "--help");

        assertThat(command.out().replaceAll("\\s+", " ")).contains("may have been written before a later one fails");
    }

    @Test
    void versionIsOneLine() {
        assertThat(command.run("--version")).isZero();
        assertThat(command.out()).startsWith("keywrap ").contains("Java").hasLineCount(1);
        assertThat(command.run("keychain", "list", "--version")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unknown",
                "keystore",
                "keychain",
                "store unknown",
                "kek",
                "kek status",
                "kek status notauri",
                "kek status keystore:a#b keystore:a#c",
                "kek status --store s keystore:a#b",
                "kek status --seal-kek keystore:a#b keystore:a#b",
                "kek list",
                "kek list --store s",
                "kek explain",
                "kek explain --place eu-west-1 a",
                "kek check",
                "kek check notauri",
                "kek check --context acme keystore:a#b",
                "kek check --role nobody keystore:a#b",
                "kek explain --cloud ibm a",
                "kek policy",
                "kek policy aws --role backup --principal 444455556666",
                "kek policy aws --role backup --principal 444455556666 alias/kek",
                "kek policy aws --role admin --principal 444455556666 arn:aws:kms:eu-west-1:111122223333:alias/kek",
                "kek policy aws --role backup --principal * arn:aws:kms:eu-west-1:111122223333:alias/kek",
                "kek policy aws --role backup --principal 444455556666 --format diff arn:aws:kms:eu-west-1:111122223333:alias/kek",
                "kek policy aws --role backup --principal 444455556666 --format grant arn:aws:kms:eu-west-1:111122223333:alias/kek",
                "kek policy aws --role backup arn:aws:kms:eu-west-1:111122223333:alias/kek",
                "kek policy gcp --role backup --principal allUsers projects/acme-prod/locations/global/keyRings/r/cryptoKeys/k",
                "kek policy azure --role backup --principal app https://acme.vault.azure.net/keys/kek",
                "kek policy azure --role backup --principal 33333333-3333-4333-8333-333333333333 --tenant t"
                        + " https://acme.vault.azure.net/keys/kek",
                "kek watch --store s",
                "kek watch --store s --seal-kek keystore:a#b --interval 4s",
                "kek watch --store s --seal-kek keystore:a#b --interval 2h",
                "kek watch --store s --seal-kek keystore:a#b --interval 5",
                "kek watch --store s --seal-kek keystore:a#b --for -1s",
                "kek dependents --store s --seal-kek keystore:a#b",
                "kek dependents keystore:a#b --store s",
                "kek dependents notauri --store s --seal-kek keystore:a#b",
                "rewrap --store s --seal-kek keystore:a#s",
                "rewrap --store s --from keystore:a#b --to keystore:a#c",
                "rewrap --store s --seal-kek keystore:a#s --from keystore:a#b",
                "rewrap --store s --seal-kek keystore:a#s --to keystore:a#b",
                "rewrap --store s --seal-kek keystore:a#s --from keystore:a#b --to keystore:a#c --rate 50",
                "rewrap --store s --seal-kek keystore:a#s --from keystore:a#b --to keystore:a#c --retain 90",
                "rewrap --store s --seal-kek keystore:a#s --renew keystore:a#b --change-to CUSTOMER",
                "rewrap --store s --seal-kek keystore:a#s --renew keystore:a#b --cut-over",
                "rewrap --store s --seal-kek keystore:a#s --from keystore:a#b --cut-over --dry-run",
                "drill --store s",
                "drill --seal-kek keystore:a#b",
                "drill --store s --seal-kek keystore:a#b --kek notauri",
                "drill --store s --seal-kek keystore:a#b --vendor-managed --customer-managed",
                "emulator",
                "emulator aws --port 65536",
                "emulator aws --port -1",
                "emulator aws --region nowhere",
                "emulator aws --account 1",
                "emulator gcp --port 65536",
                "emulator gcp --project a/b",
                "emulator gcp --project p",
                "emulator gcp --location x",
                "emulator gcp --location EU",
                "emulator azure --port 65536",
                "emulator azure --tenant contoso",
                "--unknown",
                "encrypt",
                "encrypt --store s --keychain k in out --unknown",
                "encrypt --store s --keychain k in",
                "encrypt --store s --keychain k in out more",
                "encrypt --store s --keychain",
                "encrypt --store s --keychain --verbose in out",
                "encrypt --keychain k in out",
                "encrypt --store s --store t --keychain k in out",
                "encrypt --store s --keychain k --context novalue - -",
                "encrypt --store s --keychain k --context =v - -",
                "encrypt --store s --keychain k --context a=1 --context a=2 - -",
                "encrypt --store s --keychain k --context kw:dek=1 - -",
                "encrypt --store s --keychain k --segment-length many - -",
                "encrypt --store s --keychain k --prove-every soon - -",
                "encrypt --store s --keychain k --prove-every 0s - -",
                "encrypt --store s --keychain k --keystore main - -",
                "decrypt --store s --keychain k --prove-every 61m - -",
                "decrypt - -",
                "decrypt --store s - -",
                "decrypt --store s --keychain k --kek keystore:main#kek - -",
                "decrypt --kek keystore:main#kek --seal-kek keystore:main#kek - -",
                "decrypt --kek notauri - -",
                "decrypt --store s --keychain k --any-context --exact-context - -",
                "decrypt --store s --keychain k --any-context --context a=1 - -",
                "keystore create",
                "keystore create f.p12",
                "keystore create f.p12 --alias a --name no/name",
                "keychain create --store s --id i",
                "keychain create --store s --id i --kek keystore:a#b --kek keystore:a#b",
                "keychain list",
                "keychain show --store s",
                "keychain show --store s --id i --unverified --seal-kek keystore:a#b",
                "keychain list --store s --vendor-managed --customer-managed",
                "keychain list --store s --kek notauri",
                "keychain create --store s --id i --kek keystore:a#b --customer-managed",
                "keychain rotate --store s",
                "keychain migrate --store s --id i --kek keystore:a#b",
                "keychain migrate --store s --id i --vendor-managed",
                "keychain migrate --store s --id i --kek keystore:a#b --vendor-managed --customer-managed",
                "keychain migrate --store s --id i --kek keystore:a#b --kek keystore:a#b --vendor-managed",
                "store",
                "store check --store s",
                "store check --seal-kek keystore:a#b",
                "store check --store s --seal-kek keystore:a#b --envelopes",
                "store export --store s out",
                "store export --store s --seal-kek keystore:a#b",
                "store export --store s --seal-kek keystore:a#b -",
                "store import --store s in",
                "store import --store s --seal-kek keystore:a#b",
                "store rebuild --store s --id k --kek keystore:a#b e",
                "store rebuild --store s --id k --seal-kek keystore:a#b e",
                "store rebuild --store s --seal-kek keystore:a#b --kek keystore:a#b e",
                "store rebuild --store s --id k --seal-kek keystore:a#b --kek keystore:a#b",
                "store rebuild --store s --id k --seal-kek keystore:a#b --kek keystore:a#b --kek keystore:a#b e",
                "inspect",
                "inspect --keystore bad f",
                "keychain list --keystore bad --store s",
                "keychain show --keystore bad --store s --id i --unverified",
                "keystore create f.p12 --alias a --name n --keystore bad",
                "demo --keystore bad .",
                "demo"
            })
    void whatCannotBeIsAUsageError(String line) {
        String[] arguments = line.isEmpty() ? new String[0] : line.split(" ");

        assertThat(command.run(arguments)).as(command.err()).isEqualTo(ExitCode.USAGE);

        assertThat(command.out()).isEmpty();
        assertThat(command.err())
                .startsWith("keywrap: ")
                .contains("Try 'keywrap")
                .hasLineCount(2);
    }

    @Test
    void aUsageErrorIsJsonWhereThatWasAskedFor() {
        assertThat(command.run("encrypt", "--json", "--unknown")).isEqualTo(2);

        assertThat(command.errJson().getAsJsonObject("error").get("exitCode").getAsInt())
                .isEqualTo(2);
        assertThat(command.errJson().getAsJsonObject("error").get("kind").getAsString())
                .isEqualTo("UsageException");
        assertThat(command.out()).isEmpty();
    }

    @Test
    void anAtSignIsNoFileOfArguments() throws Exception {
        Files.writeString(folder.resolve("arguments"), "--help");

        assertThat(command.run("@" + folder.resolve("arguments"))).isEqualTo(2);
    }

    @Nested
    class MessagesNeverQuoteContextValues {
        @ParameterizedTest
        @ValueSource(strings = {"a=hush", "kw:a=hush"})
        void ofPairsThatAreRefused(String pair) {
            command.run(
                    "encrypt", "--store", "s", "--keychain", "k", "--context", "a=hush", "--context", pair, "-", "-");

            assertThat(command.err()).doesNotContain("hush");
        }
    }
}
