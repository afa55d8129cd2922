package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which KEKs a store depends on, and how they are. */
class KekListTest {
    @TempDir
    Path folder;

    private AwsRun aws;
    private StoreInAws store;

    @BeforeEach
    void start() {
        aws = new AwsRun(folder);
        store = new StoreInAws(aws);
        store.with("a").with("b", "--replica", aws.seal());
    }

    @AfterEach
    void end() {
        aws.close();
    }

    @Test
    void everyVersionInEveryRoleHasItsDependents() {
        aws.customer.disable(); // Nobody asks it.

        assertThat(store.run("kek", "list")).as(aws.command.err()).isZero();

        assertThat(aws.command.out().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactlyInAnyOrder(
                        "KEK VERSION ROLE KEYCHAINS DEKS",
                        aws.kek() + " " + aws.customer.currentKeyMaterialId() + " CONTROL 2 2",
                        aws.seal() + " - REPLICA 1 1",
                        "2 keychains, 2 KEK versions");
    }

    @Test
    void theSameAsJson() {
        store.run("kek", "list", "--json");

        JsonObject result = aws.command.outJson();
        assertThat(result.keySet()).containsExactly("store", "keychains", "keks", "unsealed", "unreadable", "exitCode");
        assertThat(result.get("keychains").getAsInt()).isEqualTo(2);
        JsonObject first = store.kek(0);
        assertThat(first.keySet()).containsExactly("kek", "version", "roles");
        JsonObject role = first.getAsJsonArray("roles").get(0).getAsJsonObject();
        assertThat(role.keySet()).containsExactly("role", "keychains", "deks");
    }

    @Test
    void aCheckShowsStateSinceAndReason() {
        assertThat(store.run("kek", "list", "--check")).isZero();
        assertThat(aws.command.out())
                .contains("UNWRAPPED  STATE", "1 of 1     ACTIVE")
                .contains("2 OPENS");

        aws.customer.disable();
        assertThat(store.run("kek", "list", "--check")).isEqualTo(4);
        assertThat(aws.command.out())
                .contains(
                        "REVOKED DISABLED", "! the key is disabled; KEK " + aws.kek(), "to do: ", "1 OPENS, 1 REFUSED");
        assertThat(aws.command.err()).isEmpty();
    }

    @Test
    void aRecordThatCannotBeBelievedIsNamedAndIs3() throws Exception {
        StoreRun tampered = new StoreRun(Files.createDirectory(folder.resolve("other")));
        tampered.edit("b");

        assertThat(tampered.command.run(
                        "kek", "list", "--store", tampered.command.path("store"), "--seal-kek", "keystore:main#kek"))
                .isEqualTo(3);

        assertThat(tampered.command.out())
                .contains("! ", "'b'", "CONTROL  1          1")
                .contains("1 keychain,");
    }

    @Test
    void underAnotherSealNothingIsBelieved() {
        assertThat(aws.command.run(
                        "kek", "list", "--json", "--store", aws.command.path("store"), "--seal-kek", aws.kek()))
                .isEqualTo(3);
        assertThat(aws.command.outJson().getAsJsonArray("unsealed")).hasSize(2);
        assertThat(aws.command.outJson().getAsJsonArray("keks")).isEmpty();
    }

    @Test
    void aStoreThatIsNotThereIs6() {
        assertThat(aws.command.run("kek", "list", "--store", aws.command.path("none"), "--seal-kek", aws.seal()))
                .isEqualTo(6);
    }

    @Test
    void theKekOfTheSealIsNeeded() {
        aws.vendor.disable();

        assertThat(store.run("kek", "list")).isEqualTo(4);
        assertThat(aws.command.err()).contains("KEK " + aws.seal(), "to do: ").hasLineCount(1);
    }
}
