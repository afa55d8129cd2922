package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.keywrap.KekId;
import io.keywrap.keystore.Keystores;
import io.keywrap.store.FileKeychainStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keychains a list has, and that none is left out in silence. */
class KeychainListTest {
    private static final String KEK = "keystore:main#kek";
    private static final String OTHER = "keystore:main#other";

    @TempDir
    Path folder;

    private TestRun command;
    private String store;

    @BeforeEach
    void keys() throws Exception {
        command = new TestRun(folder).withKek();
        Keystores.createKek(folder.resolve("main.p12"), KekId.of(OTHER), TestRun.PASSWORD::toCharArray);
    }

    private void make(String place) {
        store = place;
        create("a", "--kek", KEK, "--key-context", "tenant=acme");
        create("b", "--kek", OTHER, "--replica", KEK, "--key-context", "tenant=other", "--seal-kek", KEK);
        command.must("keychain", "rotate", "--store", store, "--id", "a");
    }

    private void create(String id, String... more) {
        String[] first = {"keychain", "create", "--store", store, "--id", id};
        command.must(joined(first, more));
    }

    private int list(String... more) {
        return command.run(joined(new String[] {"keychain", "list", "--store", store}, more));
    }

    private List<String> listed(String... more) {
        assertThat(list(more)).as(command.err()).isZero();
        assertThat(command.err()).isEmpty();
        return command.out().lines().toList();
    }

    private static String[] joined(String[] first, String[] more) {
        return Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"store", "jdbc:sqlite:"})
    void asksForEachCondition(String kind) throws Exception {
        make(kind.startsWith("jdbc:") ? kind + command.path("keychains.db") : command.path(kind));
        assertThat(listed()).containsExactly("a", "b");
        assertThat(listed("--key-context", "tenant=acme")).containsExactly("a");
        assertThat(listed("--key-context", "tenant=acme", "--key-context", "site=x"))
                .isEmpty();
        assertThat(listed("--kek", OTHER)).containsExactly("b");
        assertThat(listed("--kek", KEK)).containsExactly("a", "b");
        assertThat(listed("--kek", KEK, "--role", "replica")).containsExactly("b");
        assertThat(listed("--role", "RETAINED")).isEmpty();
        assertThat(listed("--dek-state", "decrypt_only")).containsExactly("a");
        assertThat(listed("--dek-state", "DESTROYED")).isEmpty();
        assertThat(listed("--dek-made-before", "2020-01-01T00:00:00Z")).isEmpty();
        assertThat(listed("--dek-made-before", "2120-01-01T00:00:00Z")).containsExactly("a", "b");
        assertThat(listed("--dek-made-before", "2120-01-01T00:00:00Z", "--dek-state", "DECRYPT_ONLY"))
                .containsExactly("a");
        assertThat(listed("--prefix", "b", "--customer-managed")).containsExactly("b");
    }

    @Test
    void asksForAVersion() {
        make(command.path("store"));
        String version = FileKeychainStore.open(folder.resolve("store"))
                .load("b")
                .orElseThrow()
                .deks()
                .get(0)
                .wraps()
                .get(0)
                .wrapped()
                .kekVersion();
        assertThat(listed("--kek", OTHER, "--kek-version", version)).containsExactly("b");
        assertThat(listed("--kek", OTHER, "--kek-version", version + "9")).isEmpty();
    }

    @Test
    void refusesWhatIsNoCondition() {
        make(command.path("store"));
        assertThat(list("--dek-made-before", "yesterday")).isEqualTo(ExitCode.USAGE);
        assertThat(command.err()).contains("--dek-made-before is a time such as 2026-01-01T00:00:00Z");
        assertThat(list("--role", "OWNER")).isEqualTo(ExitCode.USAGE);
        assertThat(list("--dek-state", "LOST")).isEqualTo(ExitCode.USAGE);
        assertThat(list("--key-context", "acme")).isEqualTo(ExitCode.USAGE);
        assertThat(list("--key-context", "tenant=acme", "--key-context", "tenant=hush"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(command.err()).doesNotContain("hush");
    }

    @Nested
    class ADatabaseThatSomebodyHasEdited {
        private void edit(String sql) throws Exception {
            try (Connection connection = DriverManager.getConnection(store);
                    Statement statement = connection.createStatement()) {
                assertThat(statement.executeUpdate(sql)).isPositive();
            }
        }

        @BeforeEach
        void keychains() {
            make("jdbc:sqlite:" + command.path("keychains.db"));
        }

        private void assertNamed(String... filter) {
            assertThat(list(filter)).isEqualTo(ExitCode.DATA);
            assertThat(command.err())
                    .contains("the row of 'b' in keywrap_keychain: ", "INCOMPLETE: 1 record", "to do: ");
        }

        @Test
        void hidesNothingByTermsThatAreGone() throws Exception {
            edit("DELETE FROM keywrap_term WHERE keychain_id = 'b'");
            assertNamed("--kek", KEK);
            assertThat(command.out()).isEqualTo("a\n");
            assertNamed("--kek", OTHER);
            assertThat(command.out()).isEmpty();
            assertNamed("--key-context", "tenant=other");
            assertNamed("--role", "REPLICA");
            assertNamed("--kek-version", "1");
        }

        @Test
        void hidesNothingByColumns() throws Exception {
            edit("UPDATE keywrap_keychain SET key_management = 'VENDOR', primary_since = NULL WHERE keychain_id = 'b'");
            assertNamed("--customer-managed");
            assertNamed("--dek-state", "PRIMARY");
            assertNamed("--dek-made-before", "2120-01-01T00:00:00Z");
            assertNamed("--prefix", "b");
        }

        @Test
        void missesNoRowWithoutAnId() throws Exception {
            edit("UPDATE keywrap_keychain SET keychain_id = '' WHERE keychain_id = 'b'");
            assertThat(list()).isEqualTo(ExitCode.DATA);
            assertThat(command.out()).isEqualTo("a\n");
            assertThat(command.err()).contains("the row of '' in keywrap_keychain: ", "INCOMPLETE: 1 record");
            assertThat(list("--json")).isEqualTo(ExitCode.DATA);
            assertThat(command.outJson().get("complete").getAsBoolean()).isFalse();
        }

        @Test
        void saysSoInJson() throws Exception {
            edit("DELETE FROM keywrap_term WHERE keychain_id = 'b'");
            assertThat(list("--json", "--kek", KEK)).isEqualTo(ExitCode.DATA);
            JsonObject result = command.outJson();
            assertThat(result.get("complete").getAsBoolean()).isFalse();
            assertThat(result.getAsJsonArray("keychains")).hasSize(1);
            JsonObject one = result.getAsJsonArray("unreadable").get(0).getAsJsonObject();
            assertThat(one.get("place").getAsString()).isEqualTo("the row of 'b' in keywrap_keychain");
            assertThat(one.get("reason").getAsString()).contains("keywrap_term");
            assertThat(command.err()).isEmpty();
        }
    }

    @Test
    void aFileThatIsNoRecordIsNamedBesideWhatWasAskedFor() throws Exception {
        make(command.path("store"));
        Path planted = folder.resolve("store/records/00/" + "0".repeat(64) + ".keychain");
        Files.createDirectories(planted.getParent());
        Files.writeString(planted, "nothing");

        assertThat(list("--kek", KEK)).isEqualTo(ExitCode.DATA);
        assertThat(command.out()).isEqualTo("a\nb\n");
        assertThat(command.err()).contains("0000.keychain", "INCOMPLETE: 1 record");
        assertThat(list()).isEqualTo(ExitCode.DATA);
    }
}
