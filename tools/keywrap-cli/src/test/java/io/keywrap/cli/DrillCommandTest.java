package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKmsKey;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether the recipients of keychains can unwrap, by exit code and by result. */
class DrillCommandTest {
    @TempDir
    Path folder;

    private AwsRun aws;
    private StoreInAws store;
    private AwsKmsKey replica;

    @BeforeEach
    void start() {
        aws = new AwsRun(folder);
        replica = aws.emulator.createKey();
        store = new StoreInAws(aws)
                .with("tenant-1")
                .with("tenant-2", "--replica", AwsRun.uri(replica))
                .with("trial", "--vendor-managed");
    }

    @AfterEach
    void end() {
        aws.close();
    }

    private long decrypts(AwsKmsKey key) {
        return aws.emulator.events().stream()
                .filter(event ->
                        event.eventName().equals("Decrypt") && event.toString().contains(key.keyId()))
                .count();
    }

    @Test
    void allCanIs0() {
        aws.emulator.clearEvents();

        assertThat(store.run("drill")).as(aws.command.err()).isZero();

        assertThat(aws.command.out()).endsWith("3 keychains, 2 KEK versions: 2 OPENS\n");
        assertThat(decrypts(aws.customer)).isEqualTo(1);
        assertThat(decrypts(replica)).isEqualTo(1);
    }

    @Test
    void aRevokedKekIs4AndTheOthersAreAskedAllTheSame() {
        aws.customer.disable();

        assertThat(store.run("drill", "--json")).isEqualTo(4);

        JsonObject result = aws.command.outJson();
        assertThat(result.get("allOpen").getAsBoolean()).isFalse();
        assertThat(result.get("exitCode").getAsInt()).isEqualTo(4);
        assertThat(result.getAsJsonArray("keks"))
                .extracting(kek -> kek.getAsJsonObject().get("outcome").getAsString())
                .containsExactlyInAnyOrder("OPENS", "REFUSED");
        assertThat(result.toString())
                .contains(
                        "\"reason\":\"DISABLED\"",
                        "\"code\":\"DisabledException\"",
                        "\"toDo\":",
                        "\"failedKeychains\":");
        assertThat(aws.command.err()).isEmpty();
    }

    @Test
    void aKekThatIsOutOfReachIs5() {
        aws.emulator.injectAlways(AwsFault.error(503, "ServiceUnavailableException", "")
                .on("Decrypt")
                .of(replica));

        assertThat(store.run("drill")).isEqualTo(5);
        assertThat(aws.command.out()).contains("ACTIVE UNREACHABLE", "1 OPENS, 1 NO_ANSWER");
    }

    @Test
    void aRevokedKekCountsMoreThanOneThatIsOutOfReach() {
        aws.emulator.injectAlways(AwsFault.error(503, "ServiceUnavailableException", "")
                .on("Decrypt")
                .of(replica));
        aws.customer.disable();

        assertThat(store.run("drill")).isEqualTo(4);
        assertThat(aws.command.out()).contains("1 NO_ANSWER, 1 REFUSED");
    }

    @Test
    void everyWrapIsUnwrappedWhereThatIsAskedFor() {
        aws.emulator.clearEvents();

        store.run("drill", "--each-dek", "--json");

        assertThat(decrypts(aws.customer)).isEqualTo(3);
        assertThat(aws.command.outJson().getAsJsonArray("keks").toString()).contains("\"asked\":3");
    }

    @Test
    void oneKekAloneMayBeAsked() {
        aws.customer.disable();

        assertThat(store.run("drill", "--kek", AwsRun.uri(replica))).isZero();
        assertThat(aws.command.out())
                .contains("REPLICA", "1 keychain, 1 KEK version: 1 OPENS")
                .doesNotContain("CONTROL");
    }

    @Test
    void theKeychainsAreThoseOfTheFilters() {
        store.run("drill", "--prefix", "tenant-");
        assertThat(aws.command.out()).contains("2 keychains, ");

        store.run("drill", "--vendor-managed");
        assertThat(aws.command.out()).contains("1 keychain, ");
    }

    @Test
    void retainedKeksAreAskedOnRequest() {
        String next = AwsRun.uri(replica);
        store.run("keychain", "recipients", "--id", "tenant-1", "--kek", next, "--retain", aws.kek());
        store.run("keychain", "repair", "--id", "tenant-1", "--kek", next);
        aws.customer.disable();

        assertThat(store.run("drill", "--prefix", "tenant-1")).isZero();
        assertThat(aws.command.out()).contains("not asked");
        assertThat(store.run("drill", "--prefix", "tenant-1", "--retained")).isEqualTo(4);
    }

    @Test
    void noKeychainIsNoFailure() {
        assertThat(store.run("drill", "--prefix", "none")).isZero();
        assertThat(aws.command.out()).isEqualTo("0 keychains, 0 KEK versions: none asked\n");
    }
}
