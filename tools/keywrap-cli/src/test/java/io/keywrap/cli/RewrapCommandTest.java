package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKmsKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moving a store to another KEK, by exit code, by result, and by what the KMS was asked. */
class RewrapCommandTest {
    @TempDir
    Path folder;

    private AwsRun aws;
    private StoreInAws store;
    private AwsKmsKey next;

    @BeforeEach
    void start() {
        aws = new AwsRun(folder);
        next = aws.emulator.createKey();
        store = new StoreInAws(aws).with("tenant-1").with("tenant-2").with("trial", "--migratable");
    }

    @AfterEach
    void end() {
        aws.close();
    }

    private int rewrap(String... more) {
        String[] first = {"rewrap", "--rate", "1000/s"};
        return store.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private int move(String... more) {
        String[] first = {"--from", aws.kek(), "--to", AwsRun.uri(next)};
        return rewrap(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private long calls(String operation) {
        return aws.emulator.events().stream()
                .filter(event -> event.eventName().equals(operation))
                .count();
    }

    private long predicted(String operation) {
        return StreamSupport.stream(
                        aws.command.outJson().getAsJsonArray("calls").spliterator(), false)
                .map(call -> call.getAsJsonObject())
                .filter(call -> call.get("operation").getAsString().equals(operation))
                .mapToLong(call -> call.get("count").getAsLong())
                .sum();
    }

    @Test
    void aDryRunChangesNothingAndPredictsTheCalls() {
        aws.emulator.clearEvents();

        assertThat(move("--dry-run", "--json")).as(aws.command.err()).isZero();

        JsonObject plan = aws.command.outJson();
        assertThat(plan.get("dryRun").getAsBoolean()).isTrue();
        assertThat(plan.get("deks").getAsInt()).isEqualTo(3);
        assertThat(plan.get("warning").getAsString()).contains("compromised");
        assertThat(calls("ReEncrypt") + calls("Encrypt")).isZero();
        long rewraps = predicted("REWRAP");
        long unwraps = predicted("UNWRAP");

        aws.emulator.clearEvents();
        assertThat(move()).isZero();
        assertThat(calls("ReEncrypt")).isEqualTo(rewraps).isEqualTo(3);
        assertThat(calls("Decrypt")).isEqualTo(unwraps);
    }

    @Test
    void aDryRunIsShownToPeople() {
        assertThat(move("--dry-run")).isZero();

        assertThat(aws.command.out().replaceAll(" +", " "))
                .startsWith("dry run: nothing was changed\n3 keychains would be changed, 3 DEKs; 0 DEKs need nothing\n")
                .contains("KEK OPERATION CALLS", aws.kek() + " REWRAP 3", "aws-kms: ", " at this rate", "compromised");
    }

    @Test
    void everyDekIsMovedAndASecondRunHasNothingToDo() {
        assertThat(move()).as(aws.command.err()).isZero();
        assertThat(aws.command.out()).startsWith("MOVED 3\n").contains("compromised");
        assertThat(store.run("keychain", "list", "--kek", AwsRun.uri(next), "--role", "CONTROL", "--json"))
                .isNotEqualTo(ExitCode.KEK);

        assertThat(move("--json")).isZero();
        assertThat(aws.command.outJson().getAsJsonObject("outcomes").has("MOVED"))
                .isFalse();
        assertThat(aws.command.outJson().get("complete").getAsBoolean()).isTrue();

        aws.customer.disable();
        assertThat(store.run("drill", "--each-dek")).isZero();
    }

    @Test
    void aFilterMovesSomeAndTheOldKekIsStillNeeded() {
        assertThat(move("--prefix", "tenant-1")).isZero();
        assertThat(aws.command.out()).startsWith("MOVED 1\n");

        assertThat(rewrap("--from", aws.kek(), "--cut-over")).isEqualTo(1);
        assertThat(aws.command.out())
                .contains("is NOT given up", "- it opens 2 DEKs of 2 keychains", "trial")
                .contains("tenant-2");
    }

    @Test
    void aCutOverGivesTheOldKekUpAtOnce() {
        assertThat(move("--cut-over", "--json")).as(aws.command.err()).isZero();

        JsonArray cutOvers = aws.command.outJson().getAsJsonArray("cutOver");
        assertThat(cutOvers).hasSize(1);
        assertThat(cutOvers.get(0).getAsJsonObject().get("done").getAsBoolean()).isTrue();
        assertThat(store.run("kek", "dependents", aws.kek())).isZero();
    }

    @Test
    void withoutACutOverItIsRetainedForItsTime() {
        move("--retain", "30d");

        assertThat(store.run("kek", "dependents", aws.kek())).isEqualTo(1);
        assertThat(aws.command.out()).contains("RETAINED 1 DEK", "a wrap of it is kept of 3 DEKs");
    }

    @Test
    void nothingIsKeptWhereThatIsAskedFor() {
        assertThat(move("--retain", "0d")).isZero();
        assertThat(store.run("kek", "dependents", aws.kek())).isZero();
    }

    @Test
    void aCutOverThatTheNewKekRefusesIs4AndChangesNothing() {
        move();
        next.disable();

        assertThat(rewrap("--from", aws.kek(), "--cut-over")).isEqualTo(4);

        assertThat(aws.command.out()).contains("did not open 3 of 3 DEKs");
        next.enable();
        assertThat(rewrap("--from", aws.kek(), "--cut-over")).isZero();
        assertThat(aws.command.out()).contains("is given up");
    }

    @Test
    void aKekThatRefusesIs4AndToldOneByOne() {
        aws.customer.disable();

        assertThat(move("--json")).isEqualTo(4);

        JsonObject result = aws.command.outJson();
        assertThat(result.get("complete").getAsBoolean()).isFalse();
        assertThat(result.getAsJsonObject("outcomes").get("FAILED_OLD_KEK").getAsInt())
                .isEqualTo(3);
        assertThat(result.getAsJsonArray("items")).hasSize(3);
        assertThat(result.get("exitCode").getAsInt()).isEqualTo(4);
        assertThat(aws.command.err()).isEmpty();

        aws.customer.enable();
        assertThat(move()).isZero();
        assertThat(aws.command.out()).startsWith("MOVED 3\n");
    }

    @Test
    void aKekOutOfReachIs5() {
        aws.emulator.injectAlways(AwsFault.error(503, "ServiceUnavailableException", "")
                .on("ReEncrypt")
                .of(aws.customer));
        aws.emulator.injectAlways(AwsFault.error(503, "ServiceUnavailableException", "")
                .on("Decrypt")
                .of(aws.customer));

        assertThat(move("--prefix", "trial")).isEqualTo(5);
        assertThat(aws.command.out()).contains("NOT COMPLETE", "! FAILED_OLD_KEK trial DEK ");
    }

    @Test
    void whoHoldsTheKeksChangesOnlyWhereItMay() {
        assertThat(move("--change-to", "vendor")).isEqualTo(2);

        assertThat(aws.command.out()).contains("MOVED 1", "NOT_MIGRATABLE 2");
    }

    @Test
    void aRecordThatCannotBeBelievedIs3AndTheOthersAreMoved() throws Exception {
        StoreRun tampered = new StoreRun(Files.createDirectory(folder.resolve("other")));
        tampered.edit("b");

        assertThat(tampered.command.run(
                        "rewrap",
                        "--store",
                        tampered.command.path("store"),
                        "--seal-kek",
                        "keystore:main#kek",
                        "--from",
                        "keystore:main#kek",
                        "--to",
                        "keystore:main#other"))
                .isEqualTo(3);
        assertThat(tampered.command.out()).contains("MOVED 1", "SEAL_BROKEN 1", "! SEAL_BROKEN b: ");
    }

    @Test
    void anOlderVersionIsRenewed() {
        String before = aws.customer.currentKeyMaterialId();
        aws.customer.rotate();

        assertThat(rewrap("--renew", aws.kek())).isZero();

        assertThat(aws.command.out()).startsWith("MOVED 3\n");
        assertThat(store.run("kek", "dependents", aws.kek(), "--kek-version", before))
                .as(aws.command.out())
                .isZero();
    }

    @Test
    void whatCannotBeMeantIsUsage() {
        assertThat(store.run("rewrap", "--from", aws.kek(), "--cut-over", "--rate", "0.001/s"))
                .isEqualTo(2);
        assertThat(store.run("rewrap", "--from", aws.kek(), "--cut-over", "--concurrency", "0"))
                .isEqualTo(2);
        assertThat(rewrap("--from", aws.kek(), "--to", aws.kek())).isEqualTo(2);
        assertThat(rewrap("--from", aws.kek(), "--to", AwsRun.uri(next), "--concurrency", "0"))
                .isEqualTo(2);
        assertThat(rewrap("--from", aws.kek(), "--to", AwsRun.uri(next), "--retain", "9999d"))
                .isEqualTo(2);
    }
}
