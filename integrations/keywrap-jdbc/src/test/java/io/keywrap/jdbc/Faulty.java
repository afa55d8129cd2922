package io.keywrap.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

/** A real database behind a network that loses the answer to a commit, or the question. */
final class Faulty {
    /** What becomes of a commit. */
    enum Commit {
        /** It is done, and its answer arrives. */
        DONE,
        /** It is done, and its answer is lost. */
        DONE_AND_LOST,
        /** It never arrives. */
        LOST,
        /** It seems lost, and is done when somebody waits for it. */
        DONE_LATER
    }

    private static final String WAITING =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%keywrap_%'";

    private final Queue<Commit> plan = new ArrayDeque<>();
    private final Queue<Connection> held = new ArrayDeque<>();
    private final DataSource behind;
    private Runnable afterLoss = () -> {};

    Faulty(DataSource behind) {
        this.behind = behind;
    }

    /** What becomes of the next commits; of all others, that they are done. */
    void plan(Commit... commits) {
        plan.clear();
        plan.addAll(List.of(commits));
    }

    /** What others do between a loss and the next attempt. */
    void afterLoss(Runnable others) {
        afterLoss = others;
    }

    DataSource source() {
        return proxy(DataSource.class, behind, (method, call) -> {
            Object result = call.run();
            return method.getName().equals("getConnection") ? connection((Connection) result) : result;
        });
    }

    private Connection connection(Connection real) {
        return proxy(Connection.class, real, (method, call) -> {
            if (!method.getName().equals("commit")) {
                return call.run();
            }
            Commit next = plan.isEmpty() ? Commit.DONE : plan.poll();
            switch (next) {
                case DONE -> call.run();
                case DONE_AND_LOST -> {
                    call.run();
                    afterLoss.run();
                    throw lost();
                }
                case LOST -> {
                    real.rollback();
                    afterLoss.run();
                    throw lost();
                }
                case DONE_LATER -> {
                    commitOnceSomebodyWaits(real);
                    throw lost();
                }
            }
            return null;
        });
    }

    /** The connection is taken from whoever rolls it back and closes it, as a dead one would be. */
    private void commitOnceSomebodyWaits(Connection real) {
        held.add(real);
        CompletableFuture.runAsync(() -> {
            try {
                try (Connection watcher = Database.postgres().getConnection()) {
                    while (Sql.text(watcher, WAITING).equals("0")) {
                        Thread.onSpinWait();
                    }
                }
                real.commit();
                real.close();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
    }

    private boolean isHeld(Object real) {
        return held.contains(real);
    }

    private static SQLException lost() {
        return new SQLException("An I/O error occurred while sending to the backend", "08006");
    }

    private <T> T proxy(Class<T> type, T real, Interceptor interceptor) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (isHeld(real)) {
                        return method.getReturnType() == boolean.class ? Boolean.TRUE : null;
                    }
                    return interceptor.around(method, () -> {
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException e) {
                            throw (SQLException) e.getCause();
                        } catch (IllegalAccessException e) {
                            throw new AssertionError(e);
                        }
                    });
                }));
    }

    private interface Call {
        Object run() throws SQLException;
    }

    private interface Interceptor {
        Object around(Method method, Call call) throws SQLException;
    }
}
