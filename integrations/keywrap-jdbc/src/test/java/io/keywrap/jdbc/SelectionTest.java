package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which rows a filter looks at. */
class SelectionTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"a, b", "tenant-, tenant.", "é, ê", "\ud7ff, \ue000", "z\udbff\udfff, '{'", "\udbff\udfff, ''"})
    void theIdsWithAPrefixEndBeforeTheNextText(String prefix, String behind) {
        assertThat(Selection.behind(prefix)).isEqualTo(behind);
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aPrefixThatNoIdHasFindsNothing(Dialect dialect) {
        try (Database database = Database.of(dialect, folder)) {
            JdbcKeychainStore store = database.open();
            store.create(Rows.first("a"));
            for (String prefix : List.of("\0", "a\0", "\ud800", "a\udfff", "\n")) {
                assertThat(store.list(KeychainFilter.all().withIdPrefix(prefix), Optional.empty(), 5))
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aPageOfGreatRecordsIsReadInParts(Dialect dialect) {
        try (Database database = Database.of(dialect, folder)) {
            JdbcKeychainStore store = database.open();
            for (String id : List.of("a", "b", "c", "d")) {
                KeychainRecord great = Rows.first(id);
                for (int i = 0; i < 4; i++) {
                    great = Rows.withWraps(great, 8_000, 128);
                }
                assertThat(great.toBytes().length).isBetween(1 << 20, 16 << 20);
                store.create(great);
            }
            assertThat(store.list(KeychainFilter.all(), Optional.empty(), 3)).containsExactly("a", "b", "c");
            assertThat(store.list(KeychainFilter.all(), Optional.of("c"), 3)).containsExactly("d");
        }
    }

    @Test
    void everyStatementIsMadeOfConstants() {
        String hostile = "'; DROP TABLE keywrap_term; --";
        KeychainFilter filter = KeychainFilter.all()
                .withIdPrefix(hostile)
                .withKekVersion(hostile)
                .withKeyContext(hostile, hostile);
        assertThat(Selection.of(filter, hostile).sql()).doesNotContain("DROP");
    }
}
