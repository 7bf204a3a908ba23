package dev.tollgate.node.store;

import dev.tollgate.lease.LeaseChange;
import dev.tollgate.lease.LeaseRow;
import dev.tollgate.node.store.LedgerStoreException.Reason;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The lease in PostgreSQL, on a connection of its own: a pool that is filled or frozen must not
/// delay it. An answer that is not there in time is not waited for; its connection is cut. For one
/// thread.
public final class PostgresLeaseStore implements LeaseStore {

    private static final String READ = "select * from read_lease()";
    private static final String WRITE =
            "select * from write_lease(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    /// Shorter than what is left of a lease that is read just before its next renewal.
    private static final Duration ANSWER_MAX = Duration.ofMillis(900);

    /// Nor may a change be made long after its answer was waited for.
    private static final String STATEMENT_TIMEOUT = "set statement_timeout = 1000";

    /// Threads that still wait for what nobody waits for any more, at most.
    private static final int THREADS_MAX = 4;

    private static final Duration THREAD_IDLE = Duration.ofSeconds(10);

    private final Connecting connecting;
    private final ExecutorService threads =
            new ThreadPoolExecutor(
                    0,
                    THREADS_MAX,
                    THREAD_IDLE.toMillis(),
                    TimeUnit.MILLISECONDS,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().name("tollgate-lease-store-", 0).daemon().factory());
    private Session session = new Session();

    /// Opens a connection whose every answer comes within about a second, or fails.
    @FunctionalInterface
    public interface Connecting {
        Connection connect() throws SQLException;
    }

    public PostgresLeaseStore(Connecting connecting) {
        this.connecting = connecting;
    }

    @Override
    public LeaseRow read() {
        return query(READ, _ -> {}).orElseThrow();
    }

    @Override
    public Optional<LeaseRow> write(LeaseChange change) {
        return query(
                WRITE,
                statement -> {
                    statement.setLong(1, change.stamp());
                    statement.setLong(2, change.term());
                    statement.setObject(3, change.holder());
                    statement.setArray(4, array(statement, change.members()));
                    statement.setArray(5, array(statement, change.departed()));
                    statement.setArray(6, array(statement, change.lost()));
                    statement.setLong(7, change.lostTerm());
                    statement.setBoolean(8, change.loses());
                    statement.setBoolean(9, change.waits());
                    statement.setLong(10, change.beginsIn().toNanos() / 1000);
                    statement.setBoolean(11, change.ends());
                    statement.setLong(12, LeaseRow.TTL.toNanos() / 1000);
                });
    }

    private static Array array(PreparedStatement statement, List<UUID> ids) throws SQLException {
        return statement.getConnection().createArrayOf("uuid", ids.toArray());
    }

    private interface Setting {
        void set(PreparedStatement statement) throws SQLException;
    }

    private Optional<LeaseRow> query(String sql, Setting setting) {
        var used = session;
        try {
            return CompletableFuture.supplyAsync(() -> used.query(sql, setting), threads)
                    .get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | RejectedExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw unavailable(used, String.valueOf(cause.getMessage()), e);
        } catch (TimeoutException e) {
            throw unavailable(used, "no answer in " + ANSWER_MAX.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(used, "interrupted", e);
        }
    }

    private LedgerStoreException unavailable(Session used, String reason, Exception cause) {
        used.end(true);
        session = new Session();
        return new LedgerStoreException(Reason.UNAVAILABLE, "lease: " + reason, cause);
    }

    private static Optional<LeaseRow> query(Connection connection, String sql, Setting setting)
            throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            setting.set(statement);
            try (var rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(row(rows)) : Optional.empty();
            }
        }
    }

    private static LeaseRow row(ResultSet rows) throws SQLException {
        return new LeaseRow(
                rows.getLong(1),
                rows.getLong(2),
                rows.getObject(3, UUID.class),
                List.of((UUID[]) rows.getArray(4).getArray()),
                List.of((UUID[]) rows.getArray(5).getArray()),
                new LeaseRow.Lost(
                        List.of((UUID[]) rows.getArray(6).getArray()),
                        rows.getLong(7),
                        Duration.of(rows.getLong(8), ChronoUnit.MICROS)),
                Duration.of(rows.getLong(9), ChronoUnit.MICROS),
                Duration.of(rows.getLong(10), ChronoUnit.MICROS));
    }

    @Override
    public void close() {
        session.end(false);
        threads.shutdownNow();
    }

    /// One connection, until it fails somebody.
    private final class Session {

        private @Nullable Connection connection;
        private boolean ended;

        /// A connection that was lost since its last use is replaced once, so that a PostgreSQL
        /// that was started anew answers the first question.
        Optional<LeaseRow> query(String sql, Setting setting) {
            try {
                var known = known();
                if (known != null) {
                    try {
                        return PostgresLeaseStore.query(known, sql, setting);
                    } catch (SQLException e) {
                        if (!known.isClosed()) {
                            throw e;
                        }
                    }
                }
                return PostgresLeaseStore.query(connect(), sql, setting);
            } catch (SQLException e) {
                throw new LedgerStoreException(
                        Reason.UNAVAILABLE, String.valueOf(e.getMessage()), e);
            }
        }

        private synchronized @Nullable Connection known() {
            return connection;
        }

        private Connection connect() throws SQLException {
            var fresh = connecting.connect();
            synchronized (this) {
                if (ended) {
                    fresh.close();
                    throw new SQLException("connected too late");
                }
                connection = fresh;
            }
            try (var statement = fresh.createStatement()) {
                statement.execute(STATEMENT_TIMEOUT);
            }
            return fresh;
        }

        /// @param cut without a word to the server, which may not listen
        synchronized void end(boolean cut) {
            ended = true;
            var last = connection;
            connection = null;
            if (last == null) {
                return;
            }
            try {
                if (cut) {
                    last.abort(Runnable::run);
                } else {
                    last.close();
                }
            } catch (SQLException _) {
                // It is of no use any more.
            }
        }
    }
}
