package io.keywrap.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What codes of databases mean. */
class SqlFailureTest {
    @ParameterizedTest
    @CsvSource({
        "40001, CONTENDED",
        "40P01, CONTENDED",
        "08000, LOST",
        "08001, LOST",
        "08006, LOST",
        "57P01, LOST",
        "57P02, LOST",
        "57P03, LOST",
        "57P05, LOST",
        "25P03, LOST",
        "XX001, DAMAGED",
        "XX002, DAMAGED",
        "25006, READ_ONLY",
        "42501, DENIED",
        "42P01, NO_SCHEMA",
        "42703, NO_SCHEMA",
        "57014, TIMED_OUT",
        "55P03, TIMED_OUT",
        "53100, FULL",
        "53300, OTHER",
        "XX000, OTHER",
        "unknown, OTHER",
        ", OTHER"
    })
    void statesOfPostgresql(String state, SqlFailure meaning) {
        assertThat(SqlFailure.of(Dialect.POSTGRESQL, new SQLException("40001", state)))
                .isEqualTo(meaning);
    }

    @ParameterizedTest
    @CsvSource({
        "5, CONTENDED",
        "517, CONTENDED",
        "6, CONTENDED",
        "8, READ_ONLY",
        "3, DENIED",
        "13, FULL",
        "11, DAMAGED",
        "26, DAMAGED",
        "10, OTHER"
    })
    void codesOfSqlite(int code, SqlFailure meaning) {
        assertThat(SqlFailure.of(Dialect.SQLITE, new SQLException("08006", "08006", code)))
                .isEqualTo(meaning);
    }

    @Test
    void theMessageHasCodesAndAdviceAndNotTheWordsOfTheDatabase() {
        SQLException refused = new SQLException("Detail: Failing row contains (tenant-42, hush)", "53100", 7);
        assertThat(SqlFailure.FULL.exception(Dialect.POSTGRESQL, "written", refused, false))
                .hasMessage("the store in PostgreSQL cannot be written: there is no more room (SQLSTATE 53100, code 7);"
                        + " to do: make room on its disk")
                .hasCause(new SQLException("Detail: Failing row contains (tenant-42, hush)", "53100", 7));
    }

    @Test
    void causesThatGoRoundComeToAnEnd() {
        SQLException one = new SQLException("one", "08006");
        IllegalStateException other = new IllegalStateException("other", one);
        one.initCause(other);
        int causes = 0;
        for (Throwable next = SqlFailure.withoutValues(one); next != null; next = next.getCause()) {
            causes++;
        }
        assertThat(causes).isBetween(2, 20);
    }

    @Test
    void theCauseHasTheFirstLineOfTheDatabaseAndOfABatchNotTheStatement() {
        SQLException refused = new SQLException("ERROR: refused\n  Detail: Failing row contains (hush).", "23514");
        BatchUpdateException batch =
                new BatchUpdateException("Batch entry 0 INSERT ... ('hush') was aborted", "23514", new int[0]);
        assertThat(SqlFailure.OTHER
                        .exception(Dialect.POSTGRESQL, "written", batch, false)
                        .getCause())
                .hasMessage("a statement of a batch failed");
        batch.setNextException(refused);
        assertThat(SqlFailure.OTHER
                        .exception(Dialect.POSTGRESQL, "written", batch, false)
                        .getCause())
                .hasMessage("ERROR: refused");
    }
}
