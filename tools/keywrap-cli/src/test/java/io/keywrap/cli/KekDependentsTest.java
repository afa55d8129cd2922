package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.keywrap.emulators.AwsKmsKey;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a KEK may be deleted, by exit code and by result. */
class KekDependentsTest {
    @TempDir
    Path folder;

    private AwsRun aws;
    private StoreInAws store;
    private AwsKmsKey next;

    @BeforeEach
    void start() {
        aws = new AwsRun(folder);
        next = aws.emulator.createKey();
        store = new StoreInAws(aws).with("archive-2019").with("tenant-1", "--replica", AwsRun.uri(next));
    }

    @AfterEach
    void end() {
        aws.close();
    }

    private int dependents(String kek, String... more) {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "kek";
        arguments[1] = "dependents";
        arguments[2] = kek;
        System.arraycopy(more, 0, arguments, 3, more.length);
        return store.run(arguments);
    }

    @Test
    void whatDependsOnItIsNamedAndIs1() {
        aws.customer.disable(); // Nobody asks it.

        assertThat(dependents(aws.kek())).as(aws.command.err()).isEqualTo(1);

        assertThat(aws.command.out().lines().map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "archive-2019 CONTROL 1 DEK, NEW_DEKS -",
                        "tenant-1 CONTROL 1 DEK, NEW_DEKS -",
                        "- it opens 2 DEKs of 2 keychains (tenant-1, archive-2019): re-wrap them",
                        "NOT SAFE TO DELETE");
        assertThat(aws.command.err()).isEmpty();
    }

    @Test
    void theSameAsJson() {
        dependents(AwsRun.uri(next), "--json");

        JsonObject result = aws.command.outJson();
        assertThat(result.get("safeToDelete").getAsBoolean()).isFalse();
        assertThat(result.get("exitCode").getAsInt()).isEqualTo(1);
        assertThat(result.getAsJsonArray("keychains").toString())
                .isEqualTo("[{\"keychain\":\"tenant-1\",\"needs\":{\"REPLICA\":1,\"NEW_DEKS\":0}}]");
        assertThat(result.keySet())
                .containsExactly(
                        "skipped",
                        "store",
                        "kek",
                        "safeToDelete",
                        "neededToOpen",
                        "reasons",
                        "lookedAt",
                        "counts",
                        "untoldVersions",
                        "versions",
                        "keychainCount",
                        "keychains",
                        "slotCount",
                        "slots",
                        "envelopeCount",
                        "envelopes",
                        "unknownCount",
                        "unknown",
                        "warnings",
                        "exitCode");
    }

    @Test
    void nothingIs0AndWarnsThatBackupsAreNotLookedAt() {
        assertThat(dependents(AwsRun.uri(aws.emulator.createKey()))).isZero();

        assertThat(aws.command.out())
                .contains("safe to delete, as far as this store tells", "exports of the store", "compromised");
    }

    @Test
    void whatIsUnderAnAliasOfTheKeyIsFound() {
        store.with("aliased", "--replica", "aws-kms://" + next.alias("backup"));

        dependents(AwsRun.uri(next), "--json");

        assertThat(aws.command.outJson().getAsJsonArray("keychains").toString()).contains("tenant-1", "aliased");
    }

    @Test
    void anAliasThatWasGivenToTheKeyMeanwhileIsFound() {
        AwsKmsKey first = aws.emulator.createKey();
        String alias = first.alias("backup");
        store.with("aliased", "--replica", "aws-kms://" + alias);
        AwsKmsKey second = aws.emulator.createKey();
        assertThat(dependents(AwsRun.uri(second))).isZero();

        second.alias("backup");

        assertThat(dependents(AwsRun.uri(second))).isEqualTo(1);
        assertThat(aws.command.out()).contains("new wraps are made under aws-kms://" + alias + ", which points to it");
    }

    @Test
    void envelopesOfAnAliasThatHasPointedToTheKeyMayBeElsewhere() {
        AwsKmsKey first = aws.emulator.createKey();
        String alias = "aws-kms://" + first.alias("backup");
        assertThat(store.run("keychain", "create", "--id", "aliased", "--portable", "--kek", alias))
                .isZero();
        aws.emulator.createKey().alias("backup");
        assertThat(store.run("rewrap", "--renew", alias)).as(aws.command.err()).isZero();

        assertThat(dependents(AwsRun.uri(first))).isEqualTo(1);
        assertThat(aws.command.out()).contains("aliased", "ENVELOPES");
        assertThat(dependents(AwsRun.uri(first), "--no-other-envelopes")).isZero();
    }

    @Test
    void anAliasIsNoKeyAndNeverSafe() {
        store.with("named", "--replica", AwsRun.uri(next));

        assertThat(dependents("aws-kms://" + next.alias("backup"))).isEqualTo(1);
        assertThat(aws.command.out()).contains("ask for the ARN of the key", "NOT SAFE TO DELETE");
    }

    @Test
    void linksInAFolderAreNoWayRoundAnEnvelope() throws Exception {
        assertThat(store.run("keychain", "create", "--id", "p", "--portable", "--kek", AwsRun.uri(next)))
                .isZero();
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Path listed = Files.createDirectories(folder.resolve("listed"));
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        Path envelope = elsewhere.resolve("a.kwrp");
        aws.command.must(
                "encrypt",
                "--store",
                aws.command.path("store"),
                "--seal-kek",
                aws.seal(),
                "--keychain",
                "p",
                plain.toString(),
                envelope.toString());
        Files.createSymbolicLink(listed.resolve("a"), envelope);

        dependents(AwsRun.uri(next), "--no-other-envelopes", "--envelopes", listed.toString(), "--json");
        assertThat(aws.command.outJson().get("envelopeCount").getAsInt()).isEqualTo(1);

        Files.delete(listed.resolve("a"));
        Files.createSymbolicLink(listed.resolve("folder"), elsewhere);
        Files.createSymbolicLink(listed.resolve("itself"), listed);
        Files.createSymbolicLink(listed.resolve("nowhere"), folder.resolve("nothing"));
        assertThat(dependents(
                        AwsRun.uri(aws.emulator.createKey()),
                        "--no-other-envelopes",
                        "--envelopes",
                        listed.toString(),
                        "--json"))
                .isEqualTo(3);
        assertThat(aws.command.outJson().getAsJsonArray("unknown").toString())
                .contains("listed/folder")
                .doesNotContain("itself");
        assertThat(aws.command.outJson().getAsJsonArray("skipped")).hasSize(2);
    }

    @Test
    void anOldMaterialIsNeededByWhatItWrappedAlone() {
        String before = aws.customer.currentKeyMaterialId();
        aws.customer.rotate();
        store.with("younger");

        assertThat(dependents(aws.kek(), "--kek-version", before, "--json")).isEqualTo(1);

        assertThat(aws.command.outJson().getAsJsonArray("keychains").toString())
                .contains("archive-2019", "tenant-1")
                .doesNotContain("younger", "NEW_DEKS");
        assertThat(aws.command.outJson().getAsJsonArray("versions")).hasSize(2);
    }

    @Test
    void aRecordThatCannotBeBelievedIs3() throws Exception {
        StoreRun tampered = new StoreRun(Files.createDirectory(folder.resolve("other")));
        tampered.edit("b");

        assertThat(tampered.command.run(
                        "kek",
                        "dependents",
                        "keystore:main#other",
                        "--store",
                        tampered.command.path("store"),
                        "--seal-kek",
                        "keystore:main#kek"))
                .isEqualTo(3);
        assertThat(tampered.command.out())
                .contains("! b: ", "- what is needed is not known of 1 record, slot or envelope");
    }

    @Test
    void envelopesAreLookedInto() throws Exception {
        store.with("p", "--portable", "--replica", AwsRun.uri(next));
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        Path sealed = folder.resolve("sealed.kwrp");
        assertThat(aws.command.run(
                        "encrypt",
                        "--store",
                        aws.command.path("store"),
                        "--seal-kek",
                        aws.seal(),
                        "--keychain",
                        "p",
                        plain.toString(),
                        sealed.toString()))
                .as(aws.command.err())
                .isZero();

        assertThat(dependents(AwsRun.uri(next), "--envelopes", sealed.toString()))
                .isEqualTo(1);
        assertThat(aws.command.out())
                .contains(
                        "envelope  " + sealed,
                        "its wraps are carried by 1 listed envelope",
                        "envelopes of 1 keychain (p)");

        assertThat(dependents(AwsRun.uri(next), "--envelopes", plain.toString()))
                .isEqualTo(3);
    }
}
