package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making and showing keychains, and whose seal is accepted. */
class KeychainTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void keys() throws Exception {
        command = new TestRun(folder).withKek();
        Keystores.createKek(folder.resolve("main.p12"), KekId.of("keystore:main#seal"), TestRun.PASSWORD::toCharArray);
    }

    private int create(String id, String... more) {
        String[] first = {"keychain", "create", "--store", command.path("store"), "--id", id};
        return command.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private int show(String... more) {
        String[] first = {"keychain", "show", "--store", command.path("store"), "--id", "k"};
        return command.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    @Test
    void createListAndShowGiveJson() {
        assertThat(create("k", "--kek", "keystore:main#kek", "--key-context", "tenant=a=b", "--portable", "--json"))
                .isZero();
        assertThat(command.outJson().get("sealKek").getAsString()).isEqualTo("keystore:main#kek");

        command.must("keychain", "list", "--store", command.path("store"), "--json");
        assertThat(command.outJson().getAsJsonArray("keychains").get(0).getAsString())
                .isEqualTo("k");

        assertThat(show("--json")).isZero();
        JsonObject shown = command.outJson();
        assertThat(shown.get("keychain").getAsString()).isEqualTo("k");
        assertThat(shown.get("sealChecked").getAsBoolean()).isTrue();
        assertThat(shown.get("portable").getAsBoolean()).isTrue();
        assertThat(shown.getAsJsonObject("keyContext").get("tenant").getAsString())
                .isEqualTo("a=b");
        assertThat(shown.getAsJsonArray("deks")).hasSize(1);
    }

    @Test
    void textIsForPeople() {
        create("k", "--kek", "keystore:main#kek", "--key-context", "tenant=acme");
        assertThat(command.out()).contains("keychain  k", "keystore:main#kek").doesNotContain("acme");

        show();
        assertThat(command.out()).contains("seal         checked", "tenant=acme", "CONTROL keystore:main#kek");

        command.must("keychain", "list", "--store", command.path("store"));
        assertThat(command.out()).isEqualTo("k\n");
    }

    @Test
    void listOfAnEmptyStoreIsEmpty() throws Exception {
        Files.createDirectories(folder.resolve("store/records"));

        command.must("keychain", "list", "--store", command.path("store"));
        assertThat(command.out()).isEmpty();
        command.must("keychain", "list", "--store", command.path("store"), "--json");
        assertThat(command.outJson().getAsJsonArray("keychains")).isEmpty();
    }

    @Test
    void listGoesOverManyPages() throws Exception {
        create("k", "--kek", "keystore:main#kek");
        // The list reads ids only, so records without a valid seal will do.
        var store = io.keywrap.store.FileKeychainStore.open(folder.resolve("store"));
        var record = store.load("k").orElseThrow();
        for (int i = 0; i < 2000; i++) {
            store.create(io.keywrap.store.KeychainRecord.builder("k" + i, record.createdAt())
                    .recipients(record.recipients())
                    .deks(record.deks())
                    .sealKey(record.sealKey())
                    .build(body -> new byte[48]));
        }

        command.must("keychain", "list", "--store", command.path("store"));

        assertThat(command.out().lines()).hasSize(2001).doesNotHaveDuplicates();
    }

    @Test
    void aMistypedStoreIsConfigurationAndIsNotMade() {
        assertThat(command.run("keychain", "list", "--store", command.path("typo")))
                .isEqualTo(6);
        assertThat(folder.resolve("typo")).doesNotExist();
    }

    @Test
    void aFolderThatHoldsNoStoreIsConfigurationAndStaysAsItIs() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));

        assertThat(command.run("keychain", "list", "--store", other.toString())).isEqualTo(6);
        assertThat(command.err()).contains("no store", "to do: ");
        assertThat(command.run("keychain", "show", "--store", other.toString(), "--id", "k", "--unverified"))
                .isEqualTo(6);
        assertThat(other).isEmptyDirectory();
    }

    @Test
    void anUnknownKeychainIsConfiguration() {
        create("k", "--kek", "keystore:main#kek");

        assertThat(command.run("keychain", "show", "--store", command.path("store"), "--id", "unknown"))
                .isEqualTo(6);
    }

    @Test
    void aKeychainThatExistsIsLeftAsItIs() {
        create("k", "--kek", "keystore:main#kek");

        assertThat(create("k", "--kek", "keystore:main#kek")).isEqualTo(1);
        assertThat(command.err()).contains("exists already");
    }

    @Test
    void aKekThatIsMissingOrNotRegisteredMakesNothing() {
        assertThat(create("k", "--kek", "keystore:main#missing")).isEqualTo(4);
        assertThat(create("k", "--kek", "keystore:other#kek")).isEqualTo(6);
        assertThat(create("k", "--kek", "aws-kms://arn:aws:kms:eu-west-1:123456789012:key/a"))
                .isEqualTo(6);
        assertThat(show()).isEqualTo(6);
    }

    @Test
    void aKeyContextOverItsLimitIsAUsageError() {
        assertThat(create("k", "--kek", "keystore:main#kek", "--key-context", "a=" + "x".repeat(3000)))
                .isEqualTo(2);
        assertThat(command.err()).doesNotContain("xxx");
    }

    @Nested
    class WithASealKekOfItsOwn {
        @BeforeEach
        void keychain() {
            assertThat(create("k", "--kek", "keystore:main#kek", "--seal-kek", "keystore:main#seal"))
                    .isZero();
        }

        @Test
        void theKekThatTheRecordNamesIsAcceptedFromARegisteredKeyStore() {
            assertThat(show("--json")).isZero();
            assertThat(command.outJson().getAsJsonObject("sealKey").get("kek").getAsString())
                    .isEqualTo("keystore:main#seal");
        }

        @Test
        void itIsRefusedFromAnyOtherPlace() {
            command.environment.put("KEYWRAP_KEYSTORES", "other=" + command.path("main.p12"));

            assertThat(show()).isEqualTo(6);
            assertThat(command.err()).contains("--seal-kek", "keystore:main#seal");
        }

        @Test
        void aPinnedKekMustBeTheOne() {
            assertThat(show("--seal-kek", "keystore:main#seal")).isZero();
            assertThat(show("--seal-kek", "keystore:main#kek")).isEqualTo(3);
        }

        @Test
        void unverifiedNeedsNoKeyAndSaysSo() {
            command.environment.clear();

            assertThat(show("--unverified", "--json")).isZero();
            assertThat(command.outJson().get("sealChecked").getAsBoolean()).isFalse();
            assertThat(show("--unverified")).isZero();
            assertThat(command.out()).contains("NOT CHECKED");
        }

        @Test
        void aChangedRecordIsNotAuthentic() throws Exception {
            Path record;
            try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
                record = files.filter(file -> file.toString().endsWith(".keychain"))
                        .findFirst()
                        .orElseThrow();
            }
            byte[] bytes = Files.readAllBytes(record);
            bytes[bytes.length - 1] ^= 1;
            Files.write(record, bytes);

            assertThat(show()).isEqualTo(3);
        }
    }

    @Test
    void whatCouldSteerATerminalIsNotPrinted() {
        create("k", "--kek", "keystore:main#kek", "--key-context", "tenant=\u001b[31mred");

        show();

        assertThat(command.out()).contains("tenant=?[31mred");
    }
}
