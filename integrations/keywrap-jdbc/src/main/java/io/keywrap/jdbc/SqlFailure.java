package io.keywrap.jdbc;

import io.keywrap.StoreUnavailableException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a database's error means for a store, by its codes alone: SQLSTATE, and the result codes of SQLite. */
enum SqlFailure {
    /** Another transaction was in the way, and may not be next time. */
    CONTENDED("other writers were in the way, again and again", "find out who holds locks for so long"),
    /** The connection is gone, or was gone already when the pool gave it. */
    LOST("the connection was lost", "check that the database runs and can be reached; it may have been restarted"),
    READ_ONLY("it is read-only", "connect to the primary server, or check the rights on the file and its folder"),
    DENIED(
            "access was denied",
            "grant SELECT, INSERT, UPDATE and DELETE on the tables whose names begin with keywrap_"),
    NO_SCHEMA("a table or column is missing", "check the schema and the search_path, or make them by createSchema"),
    TIMED_OUT("it took too long", "find out who holds locks for so long, or allow more time"),
    FULL("there is no more room", "make room on its disk"),
    DAMAGED("what is there is damaged, or no database", "stop all writers, keep a copy, and restore a backup"),
    OTHER("it refused", "see the cause, and the database's log");

    /** For messages where nobody knows what became of a commit. */
    static final String UNKNOWN = "; whether the change was made is not known, and a load will tell";

    private static final Pattern MAY_HOLD_A_PASSWORD =
            Pattern.compile("jdbc:|://|password *=", Pattern.CASE_INSENSITIVE);
    private static final int MOST_CAUSES = 16;
    private static final int SQLITE_PERM = 3;
    private static final int SQLITE_BUSY = 5;
    private static final int SQLITE_LOCKED = 6;
    private static final int SQLITE_READONLY = 8;
    private static final int SQLITE_CORRUPT = 11;
    private static final int SQLITE_FULL = 13;
    private static final int SQLITE_AUTH = 23;
    private static final int SQLITE_NOTADB = 26;
    private static final int PRIMARY_CODE = 0xff;

    private final String what;
    private final String action;

    SqlFailure(String what, String action) {
        this.what = what;
        this.action = action;
    }

    static SqlFailure of(Dialect dialect, SQLException failure) {
        String state = failure.getSQLState();
        return dialect == Dialect.SQLITE
                ? ofSqlite(failure.getErrorCode() & PRIMARY_CODE)
                : ofState(state == null ? "" : state);
    }

    private static SqlFailure ofSqlite(int code) {
        return switch (code) {
            case SQLITE_BUSY, SQLITE_LOCKED -> CONTENDED;
            case SQLITE_READONLY -> READ_ONLY;
            case SQLITE_PERM, SQLITE_AUTH -> DENIED;
            case SQLITE_FULL -> FULL;
            case SQLITE_CORRUPT, SQLITE_NOTADB -> DAMAGED;
            default -> OTHER;
        };
    }

    private static SqlFailure ofState(String state) {
        return switch (state) {
            case "40001", "40P01" -> CONTENDED; // serialization failure, deadlock
            case "57P01", "57P02", "57P03", "57P05", "25P03" -> LOST; // shut down, crashed, starting, idle too long
            case "25006" -> READ_ONLY;
            case "42501" -> DENIED;
            case "42P01", "42703", "3F000" -> NO_SCHEMA;
            case "57014", "55P03" -> TIMED_OUT; // statement_timeout, lock_timeout
            case "53100" -> FULL;
            case "XX001", "XX002" -> DAMAGED; // a table, an index
            default -> state.startsWith("08") ? LOST : OTHER;
        };
    }

    /** The exception for the caller. */
    StoreUnavailableException exception(Dialect dialect, String verb, SQLException cause, boolean unsure) {
        return new StoreUnavailableException(
                "the store in " + dialect.product() + " cannot be " + verb + ": " + what + " (SQLSTATE "
                        + cause.getSQLState() + ", code " + cause.getErrorCode() + ")"
                        + (unsure ? UNKNOWN : "")
                        + "; to do: " + action,
                withoutValues(cause));
    }

    /** What a pool says by an unchecked exception, with the codes of the database's error below it. */
    static SQLException ofPool(RuntimeException failure) {
        Throwable below = failure;
        for (int i = 0; i < MOST_CAUSES && below.getCause() != null && !(below instanceof SQLException); i++) {
            below = below.getCause();
        }
        String what = "the pool gave no connection: " + failure.getClass().getSimpleName();
        return below instanceof SQLException sql
                ? new SQLException(what, sql.getSQLState(), sql.getErrorCode(), sql)
                : new SQLException(what, failure);
    }

    /**
     * The first line of what the database says. Further ones quote rows, and what a driver says of a batch has the whole
     * statement with its values: pairs of key contexts, which belong in no log. Neither does a URL, which may have a
     * password.
     */
    static SQLException withoutValues(SQLException failure) {
        return withoutValues(failure, MOST_CAUSES);
    }

    /** As many causes as there is room for: they may go round. */
    private static SQLException withoutValues(SQLException failure, int most) {
        SQLException said = failure instanceof BatchUpdateException && failure.getNextException() != null
                ? failure.getNextException()
                : failure;
        SQLException plain = new SQLException(
                said instanceof BatchUpdateException ? "a statement of a batch failed" : lineOf(said),
                failure.getSQLState(),
                failure.getErrorCode(),
                below(said.getCause(), most - 1));
        plain.setStackTrace(failure.getStackTrace());
        return plain;
    }

    /** Such as the host that is not known, or what is wrong with a certificate. */
    private static @Nullable SQLException below(@Nullable Throwable cause, int most) {
        if (cause == null || most == 0) {
            return null;
        }
        if (cause instanceof SQLException sql) {
            return withoutValues(sql, most);
        }
        SQLException plain = new SQLException(
                cause.getClass().getSimpleName() + ": " + lineOf(cause), below(cause.getCause(), most - 1));
        plain.setStackTrace(cause.getStackTrace());
        return plain;
    }

    private static String lineOf(Throwable failure) {
        String line = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        return MAY_HOLD_A_PASSWORD.matcher(line).find() ? "(left out, since it may hold a password)" : line;
    }
}
