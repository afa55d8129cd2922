package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New primaries, and new holders of the KEKs. */
class RotateTest {
    @TempDir
    Path folder;

    private TestRun command;

    @BeforeEach
    void keychain() throws Exception {
        command = TestRun.withKeychain(folder);
        Keystores.createKek(folder.resolve("main.p12"), KekId.of("keystore:main#new"), TestRun.PASSWORD::toCharArray);
        command.write("plain", "text");
        assertThat(command.encrypt(command.path("plain"), command.path("before.kwrp")))
                .isZero();
    }

    private int keychain(String verb, String id, String... more) {
        String[] first = {"keychain", verb, "--store", command.path("store"), "--id", id};
        return command.run(Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private String dekOf(String envelope) {
        command.must("inspect", command.path(envelope));
        return command.outJson().get("dek").getAsString();
    }

    @Nested
    class Rotate {
        @Test
        void newDataHasTheNewPrimaryAndOldDataStillOpens() {
            assertThat(keychain("rotate", TestRun.KEYCHAIN, "--json")).isZero();
            JsonObject rotated = command.outJson();
            assertThat(rotated.get("revisionBefore").getAsLong()).isEqualTo(1);
            assertThat(rotated.get("revision").getAsLong()).isEqualTo(2);

            assertThat(command.encrypt(command.path("plain"), command.path("after.kwrp")))
                    .isZero();
            assertThat(dekOf("after.kwrp"))
                    .isEqualTo(rotated.get("primary").getAsString())
                    .isNotEqualTo(dekOf("before.kwrp"));
            assertThat(command.decrypt(command.path("before.kwrp"), command.path("restored")))
                    .isZero();
            assertThat(folder.resolve("restored")).hasContent("text");
        }

        @Test
        void textSaysBothRevisionsAndThePrimary() {
            assertThat(keychain("rotate", TestRun.KEYCHAIN)).isZero();

            assertThat(command.out())
                    .contains("keychain  tenant-42", "revision  1 before, 2 now")
                    .containsPattern("primary   DEK [0-9a-f]{32}");
        }

        @Test
        void anUnknownKeychainIsConfiguration() {
            assertThat(keychain("rotate", "unknown")).isEqualTo(6);
            assertThat(command.run("keychain", "rotate", "--store", command.path("typo"), "--id", "k"))
                    .isEqualTo(6);
            assertThat(folder.resolve("typo")).doesNotExist();
        }

        @Test
        void theSealIsCheckedAsEverywhere() {
            assertThat(keychain("rotate", TestRun.KEYCHAIN, "--seal-kek", "keystore:main#new"))
                    .isEqualTo(3);
            assertThat(keychain("rotate", TestRun.KEYCHAIN, "--seal-kek", "keystore:main#kek"))
                    .isZero();
            command.environment.put("KEYWRAP_KEYSTORES", "other=" + command.path("main.p12"));
            assertThat(keychain("rotate", TestRun.KEYCHAIN)).isEqualTo(6);
            assertThat(command.err()).contains("--seal-kek");
        }

        @Test
        void aKekThatIsMissingLeavesTheKeychainAsItIs() throws Exception {
            Keystores.createKek(
                    folder.resolve("other.p12"), KekId.of("keystore:second#kek"), TestRun.PASSWORD::toCharArray);
            String[] keks = {"--kek", "keystore:second#new", "--seal-kek", "keystore:main#kek", "--keystore"};
            String[] all = Stream.concat(Stream.of(keks), Stream.of("second=" + command.path("main.p12")))
                    .toArray(String[]::new);
            assertThat(keychain("create", "k", all)).isZero();

            assertThat(keychain("rotate", "k")).as("not registered").isEqualTo(6);
            assertThat(keychain("rotate", "k", "--keystore", "second=" + command.path("other.p12")))
                    .isEqualTo(4);

            keychain("show", "k", "--unverified", "--json");
            assertThat(command.outJson().get("revision").getAsLong()).isEqualTo(1);
        }
    }

    @Nested
    class KeyManagementOfAKeychain {
        @BeforeEach
        void keychains() {
            assertThat(keychain("create", "v", "--kek", "keystore:main#kek", "--vendor-managed", "--migratable"))
                    .isZero();
        }

        @Test
        void createAndShowSayIt() {
            assertThat(command.out()).contains("vendor-managed", "migratable");

            keychain("show", "v");
            assertThat(command.out()).contains("KEKs         vendor-managed, migratable");
            keychain("show", TestRun.KEYCHAIN);
            assertThat(command.out()).contains("KEKs         customer-managed, for good");
            keychain("show", "v", "--json");
            assertThat(command.outJson().get("keyManagement").getAsString()).isEqualTo("VENDOR");
            assertThat(command.outJson().get("migratable").getAsBoolean()).isTrue();
        }

        @Test
        void migrateGivesANewPrimaryUnderTheNewKek() {
            assertThat(keychain("migrate", "v", "--kek", "keystore:main#new", "--customer-managed", "--json"))
                    .isZero();

            JsonObject migrated = command.outJson();
            assertThat(migrated.get("keyManagement").getAsString()).isEqualTo("CUSTOMER");
            assertThat(migrated.get("revision").getAsLong()).isEqualTo(2);
            assertThat(migrated.getAsJsonArray("stillNeeded").get(0).getAsString())
                    .isEqualTo("keystore:main#kek");
            keychain("show", "v", "--json");
            assertThat(command.outJson().getAsJsonArray("deks")).hasSize(2);
            assertThat(command.outJson().get("keyManagement").getAsString()).isEqualTo("CUSTOMER");
            assertThat(command.out()).contains("keystore:main#new");
        }

        @Test
        void textSaysWhichKekIsStillNeeded() {
            assertThat(keychain("migrate", "v", "--kek", "keystore:main#new", "--customer-managed"))
                    .isZero();
            assertThat(command.out())
                    .contains("v, customer-managed", "revision  1 before, 2 now", "needed    keystore:main#kek, for");
        }

        @Test
        void whatIsSoAlreadyChangesNothing() {
            assertThat(keychain("migrate", "v", "--kek", "keystore:main#kek", "--vendor-managed"))
                    .isZero();
            assertThat(command.out()).contains("revision  1 before, 1 now").doesNotContain("needed");
        }

        @Test
        void aKeychainThatIsNotMigratableIsAUsageErrorAndStaysAsItIs() {
            assertThat(keychain("migrate", TestRun.KEYCHAIN, "--kek", "keystore:main#new", "--vendor-managed"))
                    .isEqualTo(2);
            assertThat(command.err()).contains("customer-managed for good", "--migratable", "to do: ");
            keychain("show", TestRun.KEYCHAIN, "--json");
            assertThat(command.outJson().get("revision").getAsLong()).isEqualTo(1);
        }

        @Test
        void aKekThatIsMissingLeavesTheKeychainAsItIs() {
            assertThat(keychain("migrate", "v", "--kek", "keystore:main#missing", "--customer-managed"))
                    .isEqualTo(4);
            assertThat(keychain("migrate", "v", "--kek", "keystore:other#kek", "--customer-managed"))
                    .isEqualTo(6);
            keychain("show", "v", "--json");
            assertThat(command.outJson().get("revision").getAsLong()).isEqualTo(1);
        }

        @Test
        void tooManyKeksAreAUsageError() throws Exception {
            List<String> options = new ArrayList<>(List.of("--customer-managed"));
            for (int i = 0; i < 17; i++) {
                KekId kek = KekId.of("keystore:main#k" + i);
                Keystores.createKek(folder.resolve("main.p12"), kek, TestRun.PASSWORD::toCharArray);
                options.addAll(List.of("--kek", kek.uri()));
            }

            assertThat(keychain("migrate", "v", options.toArray(String[]::new))).isEqualTo(2);
            keychain("show", "v", "--json");
            assertThat(command.outJson().get("revision").getAsLong()).isEqualTo(1);
        }

        @Test
        void theListIsFiltered() {
            assertThat(keychain("create", "vault", "--kek", "keystore:main#new"))
                    .isZero();

            assertThat(list()).containsExactly("tenant-42", "v", "vault");
            assertThat(list("--prefix", "v")).containsExactly("v", "vault");
            assertThat(list("--kek", "keystore:main#new")).containsExactly("vault");
            assertThat(list("--vendor-managed")).containsExactly("v");
            assertThat(list("--customer-managed")).containsExactly("tenant-42", "vault");
            assertThat(list("--customer-managed", "--prefix", "v", "--kek", "keystore:main#new"))
                    .containsExactly("vault");
            assertThat(list("--kek", "keystore:main#nobody")).isEmpty();
        }

        private Stream<String> list(String... filters) {
            String[] first = {"keychain", "list", "--store", command.path("store")};
            command.must(Stream.of(first, filters).flatMap(Stream::of).toArray(String[]::new));
            return command.out().lines();
        }
    }
}
