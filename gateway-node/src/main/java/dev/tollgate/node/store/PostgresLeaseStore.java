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
import org.jspecify.annotations.Nullable;

/// The lease in PostgreSQL, on a connection of its own: a pool that is filled or frozen must not
/// delay it. For one thread.
public final class PostgresLeaseStore implements LeaseStore {

    private static final String READ = "select * from read_lease()";
    private static final String WRITE =
            "select * from write_lease(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final Connecting connecting;
    private @Nullable Connection connection;

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
                    statement.setBoolean(10, change.ends());
                    statement.setLong(11, LeaseRow.TTL.toNanos() / 1000);
                });
    }

    private static Array array(PreparedStatement statement, List<UUID> ids) throws SQLException {
        return statement.getConnection().createArrayOf("uuid", ids.toArray());
    }

    private interface Setting {
        void set(PreparedStatement statement) throws SQLException;
    }

    private Optional<LeaseRow> query(String sql, Setting setting) {
        try {
            return query(connected(), sql, setting);
        } catch (SQLException e) {
            close();
            throw new LedgerStoreException(Reason.UNAVAILABLE, "lease: " + e.getMessage(), e);
        }
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

    private Connection connected() throws SQLException {
        var known = connection;
        if (known != null && !known.isClosed()) {
            return known;
        }
        var fresh = connecting.connect();
        connection = fresh;
        return fresh;
    }

    @Override
    public void close() {
        var known = connection;
        connection = null;
        if (known != null) {
            try {
                known.close();
            } catch (SQLException _) {
                // It was of no use any more.
            }
        }
    }
}
