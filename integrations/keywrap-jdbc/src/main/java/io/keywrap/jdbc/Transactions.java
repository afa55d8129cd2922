package io.keywrap.jdbc;

import io.keywrap.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

/**
 * Runs a piece of work in a short transaction of its own, on a connection that goes back as it came, and again where that
 * may help: a few times when the connection was dead or others were in the way, once if it was lost while it committed.
 */
final class Transactions {
    private static final int MOST_ATTEMPTS = 10;
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final long FIRST_PAUSE_MILLIS = 4;
    private static final long LONGEST_PAUSE_MILLIS = 250;

    private static final String WRITTEN = "written";

    private final DataSource source;
    private final Dialect dialect;

    Transactions(DataSource source, Dialect dialect) {
        this.source = source;
        this.dialect = dialect;
    }

    Dialect dialect() {
        return dialect;
    }

    /**
     * A connection of a source. Pools fail as they like, such as by an unchecked exception when they make their first one.
     *
     * @param source the source
     * @return the connection
     * @throws SQLException if there is none
     */
    static Connection connectionOf(DataSource source) throws SQLException {
        try {
            return source.getConnection();
        } catch (RuntimeException e) {
            throw SqlFailure.ofPool(e);
        }
    }

    /**
     * Runs work that changes nothing.
     *
     * @param verb what cannot be done if it fails, such as "listed"
     * @param work what to do
     * @return what the work gave
     * @throws StoreUnavailableException if the database does not do it
     */
    <T> T read(String verb, Reading<T> work) {
        return run(verb, (connection, unsure) -> work.in(connection));
    }

    /**
     * Runs work until it is committed.
     *
     * @param work what to do; it is told whether an attempt before it may have been committed
     * @throws StoreUnavailableException if the database does not do it
     */
    void write(Writing work) {
        run(WRITTEN, (connection, unsure) -> {
            work.in(connection, unsure);
            return WRITTEN;
        });
    }

    /**
     * Runs what must not be in a transaction, and may be done twice.
     *
     * @param verb what cannot be done if it fails
     * @param work what to do
     * @throws StoreUnavailableException if the database does not do it
     */
    void outside(String verb, Step work) {
        run(
                verb,
                (connection, unsure) -> {
                    work.in(connection);
                    return verb;
                },
                false);
    }

    private <T> T run(String verb, Work<T> work) {
        return run(verb, work, true);
    }

    private <T> T run(String verb, Work<T> work, boolean inTransaction) {
        long begun = System.nanoTime();
        boolean unsure = false;
        for (int attempt = 1; ; attempt++) {
            Attempt<T> one = new Attempt<>(unsure);
            try {
                return one.run(work, inTransaction);
            } catch (SQLException e) {
                unsure |= one.committing;
                SqlFailure failure = SqlFailure.of(dialect, e);
                boolean unknown = unsure && verb.equals(WRITTEN);
                if (!one.mayHelp(failure, attempt) || System.nanoTime() - begun > LONGEST.toNanos()) {
                    throw failure.exception(dialect, verb, e, unknown);
                }
                if (failure == SqlFailure.CONTENDED) {
                    pause(attempt, unknown);
                }
            }
        }
    }

    private static void pause(int attempt, boolean unknown) {
        long most = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << attempt);
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(1, most + 1)); // Full jitter parts those who collided.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException(
                    "the thread was interrupted while it waited for the store" + (unknown ? SqlFailure.UNKNOWN : ""),
                    e);
        }
    }

    /** Work that changes nothing. */
    interface Reading<T> {
        T in(Connection connection) throws SQLException;
    }

    /** Work that changes something. */
    interface Writing {
        void in(Connection connection, boolean unsure) throws SQLException;
    }

    private interface Work<T> {
        T in(Connection connection, boolean unsure) throws SQLException;
    }

    private final class Attempt<T> {
        private final boolean unsure;
        private boolean connected;
        private boolean committing;

        Attempt(boolean unsure) {
            this.unsure = unsure;
        }

        T run(Work<T> work, boolean inTransaction) throws SQLException {
            Connection connection = connectionOf(source);
            connected = true;
            try {
                return inTransaction ? transact(connection, work) : alone(connection, work);
            } finally {
                quietly(connection::close);
            }
        }

        private T alone(Connection connection, Work<T> work) throws SQLException {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(true);
            try {
                return work.in(connection, unsure);
            } finally {
                quietly(() -> connection.setAutoCommit(autoCommit));
            }
        }

        private T transact(Connection connection, Work<T> work) throws SQLException {
            boolean autoCommit = connection.getAutoCommit();
            boolean over = false;
            try {
                connection.setAutoCommit(false);
                T result = work.in(connection, unsure);
                committing = true;
                connection.commit();
                committing = false;
                over = true;
                return result;
            } finally {
                // To set the commit mode within a transaction would commit what could not be rolled back.
                if (over || quietly(connection::rollback)) {
                    quietly(() -> connection.setAutoCommit(autoCommit));
                }
            }
        }

        /**
         * A pool that gives no connection has waited already. After a restart it may hold many that are dead, and parts
         * with each when it is used.
         */
        boolean mayHelp(SqlFailure failure, int attempt) {
            boolean again = failure == SqlFailure.CONTENDED || (failure == SqlFailure.LOST && !(committing && unsure));
            return connected && again && attempt < MOST_ATTEMPTS;
        }

        /** What was committed stays so, and what failed has failed, whatever becomes of the connection. */
        private boolean quietly(End end) {
            try {
                end.run();
                return true;
            } catch (SQLException e) {
                return false; // A pool throws away what is broken.
            }
        }
    }

    /** Work outside of a transaction. */
    interface Step {
        void in(Connection connection) throws SQLException;
    }

    private interface End {
        void run() throws SQLException;
    }
}
