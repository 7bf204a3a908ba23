package dev.tollgate.node.store;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.node.store.LedgerStoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.postgresql.util.PSQLException;

/// The ledger in PostgreSQL, by the booking functions of the schema.
///
/// Plain JDBC: entries are bytes that are JSON already, and a row mapper would only take them
/// apart.
public final class PostgresLedgerStore implements LedgerStore {

    private static final String OPEN =
            "select opened.epoch, opened.term, o.configuration_version from open_book(?, ?) opened,"
                    + " organizations o where o.name = ?";
    private static final String BOOK = "select booked_through from book_entries(?, ?, ?, ?::json)";
    private static final String REJECT = "select reject_entry(?, ?, ?, ?::jsonb, ?)";
    private static final String SUMS =
            "select epoch, booked_through, budget_id, subject, window_start, requests,"
                    + " input_tokens, output_tokens, cost_nano_usd from seed_counters(?, ?, ?, ?)";
    private static final String BOOKED =
            "select id from ledger where id = any (?) union all select (entry -> 'row' ->>"
                + " 'id')::uuid from ledger_rejected where organization = ? and entry -> 'row' ->>"
                + " 'id' = any (?)";
    private static final String SETTLED =
            "select id from ledger l where id = any (?) and (usage_source is distinct from 'orphan'"
                + " or exists (select from ledger c where c.request_id = l.request_id and"
                + " c.corrects = l.id)) union all select (entry -> 'row' ->> 'id')::uuid from"
                + " ledger_rejected where organization = ? and entry -> 'row' ->> 'id' = any (?)";
    private static final String NOW =
            "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

    private static final String FENCED = "TG001";
    private static final String NOT_OPEN = "TG002";

    private final DataSource dataSource;

    public PostgresLedgerStore(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public Opened openBook(String organization, long term) {
        return query(
                OPEN,
                statement -> {
                    statement.setString(1, organization);
                    statement.setLong(2, term);
                    statement.setString(3, organization);
                },
                rows -> {
                    if (!rows.next()) {
                        throw new SQLException(
                                "organization " + organization + ": unknown", "02000");
                    }
                    return new Opened(rows.getLong(1), rows.getLong(2), rows.getLong(3));
                });
    }

    @Override
    public long bookTerm(String organization) {
        return query(
                "select coalesce((select term from books where organization = ?), 0)",
                statement -> statement.setString(1, organization),
                PostgresLedgerStore::firstLong);
    }

    @Override
    public long book(String organization, long epoch, long term, byte[] entries) {
        return query(
                BOOK,
                statement -> {
                    setBook(statement, organization, epoch, term);
                    statement.setString(4, new String(entries, StandardCharsets.UTF_8));
                },
                PostgresLedgerStore::firstLong);
    }

    @Override
    public long reject(
            String organization, long epoch, long term, long seq, byte[] entry, String error) {
        try {
            return reject(
                    organization, epoch, term, new String(entry, StandardCharsets.UTF_8), error);
        } catch (LedgerStoreException e) {
            if (e.reason() != Reason.UNBOOKABLE) {
                throw e;
            }
            // Not even JSON: kept as it is, in a form that is.
            var raw = Base64.getEncoder().encodeToString(entry);
            return reject(
                    organization,
                    epoch,
                    term,
                    "{\"seq\":%d,\"raw_base64\":\"%s\"}".formatted(seq, raw),
                    error);
        }
    }

    private long reject(String organization, long epoch, long term, String entry, String error) {
        return query(
                REJECT,
                statement -> {
                    setBook(statement, organization, epoch, term);
                    statement.setString(4, entry);
                    statement.setString(5, error);
                },
                PostgresLedgerStore::firstLong);
    }

    @Override
    public Sums sums(String organization, List<CounterKey> counters) {
        return query(
                SUMS,
                statement -> {
                    statement.setString(1, organization);
                    setArray(statement, 2, "uuid", counters.stream().map(CounterKey::budgetId));
                    setArray(statement, 3, "text", counters.stream().map(CounterKey::subject));
                    setArray(
                            statement, 4, "bigint", counters.stream().map(CounterKey::windowStart));
                },
                PostgresLedgerStore::readSums);
    }

    private static Sums readSums(ResultSet rows) throws SQLException {
        var posted = new HashMap<CounterKey, Amounts>();
        var epoch = 0L;
        var through = 0L;
        while (rows.next()) {
            epoch = rows.getLong(1);
            through = rows.getLong(2);
            posted.put(
                    new CounterKey(
                            rows.getObject(3, UUID.class), rows.getString(4), rows.getLong(5)),
                    new Amounts(
                            rows.getLong(6), rows.getLong(7), rows.getLong(8), rows.getLong(9)));
        }
        return new Sums(epoch, through, posted);
    }

    @Override
    public Set<UUID> booked(String organization, Collection<UUID> ids) {
        return ids(BOOKED, organization, ids);
    }

    @Override
    public Set<UUID> settled(String organization, Collection<UUID> ids) {
        return ids(SETTLED, organization, ids);
    }

    private Set<UUID> ids(String sql, String organization, Collection<UUID> ids) {
        return query(
                sql,
                statement -> {
                    setArray(statement, 1, "uuid", ids.stream());
                    statement.setString(2, organization);
                    setArray(statement, 3, "text", ids.stream().map(UUID::toString));
                },
                rows -> {
                    var booked = new HashSet<UUID>();
                    while (rows.next()) {
                        booked.add(rows.getObject(1, UUID.class));
                    }
                    return booked;
                });
    }

    @Override
    public long nowMicros() {
        return query(NOW, _ -> {}, PostgresLedgerStore::firstLong);
    }

    private static void setBook(
            PreparedStatement statement, String organization, long epoch, long term)
            throws SQLException {
        statement.setString(1, organization);
        statement.setLong(2, epoch);
        statement.setLong(3, term);
    }

    private static void setArray(
            PreparedStatement statement, int index, String type, Stream<?> values)
            throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf(type, values.toArray()));
    }

    private static long firstLong(ResultSet rows) throws SQLException {
        rows.next();
        return rows.getLong(1);
    }

    private interface Setting {
        void set(PreparedStatement statement) throws SQLException;
    }

    private interface Reading<T> {
        T read(ResultSet rows) throws SQLException;
    }

    /// One statement is one transaction.
    private <T> T query(String sql, Setting setting, Reading<T> reading) {
        try (Connection connection = dataSource.getConnection();
                var statement = connection.prepareStatement(sql)) {
            setting.set(statement);
            try (var rows = statement.executeQuery()) {
                return reading.read(rows);
            }
        } catch (SQLException e) {
            throw new LedgerStoreException(reasonOf(e), "ledger: " + messageOf(e), e);
        }
    }

    /// Without the detail, which quotes the row.
    private static String messageOf(SQLException e) {
        return e instanceof PSQLException fromServer && fromServer.getServerErrorMessage() != null
                ? String.valueOf(fromServer.getServerErrorMessage().getMessage())
                : String.valueOf(e.getMessage());
    }

    /// Data exceptions (class 22), violated constraints (23), exceeded program limits (54) and
    /// unknown organizations (02) stay so; all else, from lost connections to deadlocks, can pass.
    private static Reason reasonOf(SQLException e) {
        var state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.equals(FENCED) || state.equals(NOT_OPEN)) {
            return Reason.FENCED;
        }
        return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
            case "02", "22", "23", "54" -> Reason.UNBOOKABLE;
            default -> Reason.UNAVAILABLE;
        };
    }
}
