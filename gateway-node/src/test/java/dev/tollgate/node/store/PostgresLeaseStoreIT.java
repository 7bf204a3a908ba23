package dev.tollgate.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.lease.LeaseChange;
import dev.tollgate.lease.LeaseRow;
import dev.tollgate.schema.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lease as PostgreSQL keeps it.
class PostgresLeaseStoreIT {

    private static final Path BINARIES = Path.of("target", "postgres-binaries");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration SLACK = Duration.ofMillis(500);
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final UUID C = new UUID(0, 3);

    @TempDir private static Path data;
    private static Database database;
    private PostgresLeaseStore store;

    @BeforeAll
    static void startPostgres() {
        database = Database.embedded(data, BINARIES);
    }

    @AfterAll
    static void stopPostgres() {
        database.close();
    }

    @BeforeEach
    void connect() {
        execute(
                "update admission_lease set effective_at = now() - interval '1 hour', expires_at ="
                        + " now() - interval '1 minute', members = '{}', departed = '{}'");
        store = new PostgresLeaseStore(() -> database.connect("test", SECOND));
    }

    @AfterEach
    void disconnect() {
        store.close();
    }

    @Test
    void a_change_is_made_once() {
        var row = store.read();

        assertThat(store.write(follows(row, List.of(A), false))).isPresent();

        assertThat(store.write(follows(row, List.of(B), false))).isEmpty();
        assertThat(store.read().members()).containsExactly(A);
        assertThat(store.read().term()).isEqualTo(row.term() + 1);
    }

    @Test
    void a_renewal_lasts_and_leaves_the_beginning_as_it_is() {
        var row = write(follows(store.read(), List.of(A), false));
        assertThat(row.effectiveIn()).isLessThanOrEqualTo(Duration.ZERO);

        var renewed = write(renews(row));

        assertThat(renewed.term()).isEqualTo(row.term());
        assertThat(renewed.effectiveIn()).isLessThan(row.effectiveIn());
        assertThat(renewed.expiresIn()).isBetween(LeaseRow.TTL.minus(SLACK), LeaseRow.TTL);
    }

    @Test
    void a_term_without_a_lost_node_begins_when_the_lease_has_run_out_and_none_after_it_before() {
        var row = write(follows(store.read(), List.of(A, B), false));

        var waiting = write(follows(row, List.of(A), true));

        assertThat(waiting.effectiveIn()).isBetween(LeaseRow.TTL.minus(SLACK), LeaseRow.TTL);
        var renewed = write(renews(waiting));
        assertThat(renewed.effectiveIn()).isPositive();
        var joined = write(follows(renewed, List.of(A, C), false));
        assertThat(joined.effectiveIn())
                .isBetween(renewed.effectiveIn().minus(SLACK), renewed.effectiveIn().plus(SLACK));
        var left = write(ends(joined));
        assertThat(left.effectiveIn()).isPositive();
        assertThat(left.expiresIn())
                .isBetween(left.effectiveIn().minus(SLACK), left.effectiveIn().plus(SLACK));
    }

    @Test
    void the_last_that_leaves_ends_it() {
        var row = write(follows(store.read(), List.of(A), false));

        var ended = write(ends(row));

        assertThat(ended.members()).isEmpty();
        assertThat(ended.departed()).containsExactly(A);
        assertThat(ended.expiresIn()).isLessThanOrEqualTo(Duration.ZERO);
    }

    @Test
    void a_clock_set_back_keeps_no_term_from_beginning_for_longer_than_a_lease_lasts() {
        var row = write(follows(store.read(), List.of(A), false));
        execute(
                "update admission_lease set effective_at = now() + interval '1 hour', expires_at ="
                        + " now() + interval '1 hour'");

        var renewed = write(renews(row));

        assertThat(renewed.effectiveIn()).isLessThanOrEqualTo(LeaseRow.TTL);
        assertThat(renewed.expiresIn()).isLessThanOrEqualTo(LeaseRow.TTL);
    }

    @Test
    void an_answer_that_does_not_come_is_not_waited_for() throws SQLException {
        var row = store.read();
        try (var other = database.dataSource().getConnection()) {
            lock(other);

            var began = System.nanoTime();
            assertThatThrownBy(() -> store.write(follows(row, List.of(A), false)))
                    .isInstanceOf(LedgerStoreException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SECOND);
            assertThat(store.read().stamp()).isEqualTo(row.stamp());
            other.rollback();
        }
        // The first change may still come before.
        var changed = store.write(follows(store.read(), List.of(A), false)).isPresent();
        assertThat(changed || store.write(follows(store.read(), List.of(A), false)).isPresent())
                .isTrue();
    }

    private static void lock(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("select * from admission_lease for update");
        }
    }

    @Test
    void a_lost_connection_is_replaced_at_once() {
        var row = store.read();
        execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name ="
                        + " 'test'");

        assertThat(store.read().stamp()).isEqualTo(row.stamp());
    }

    private LeaseRow write(LeaseChange change) {
        return store.write(change).orElseThrow();
    }

    private static LeaseChange renews(LeaseRow row) {
        return change(row, row.term(), row.members(), row.departed(), false, false);
    }

    private static LeaseChange follows(LeaseRow row, List<UUID> members, boolean waits) {
        return change(row, row.term() + 1, members, row.departed(), waits, false);
    }

    private static LeaseChange ends(LeaseRow row) {
        return change(row, row.term() + 1, List.of(), List.of(A), false, true);
    }

    private static LeaseChange change(
            LeaseRow row,
            long term,
            List<UUID> members,
            List<UUID> departed,
            boolean waits,
            boolean ends) {
        return new LeaseChange(
                row.stamp(),
                term,
                A,
                members,
                departed,
                List.of(),
                0,
                false,
                waits,
                Duration.ZERO,
                ends);
    }

    private static void execute(String sql) {
        try (var connection = database.dataSource().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
