package dev.tollgate.loadtest.fault;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/// The row in PostgreSQL that says who may admit: the one thing all nodes agree on.
///
/// @param term names one membership, and rises with each change of it
/// @param members how many nodes it lists
record Lease(long term, int members) {

    /// In `/health/ready` of the node that renews it.
    private static final String HELD = "held";

    /// Empty when it cannot be read.
    static Optional<Lease> read(PostgresServer postgres) {
        try (var connection = postgres.connect();
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "select term, cardinality(members) from admission_lease")) {
            return rows.next()
                    ? Optional.of(new Lease(rows.getLong(1), rows.getInt(2)))
                    : Optional.empty();
        } catch (SQLException _) {
            return Optional.empty();
        }
    }

    /// Waits for a later term with so many members.
    ///
    /// @return what was read last
    static Optional<Lease> awaitLater(
            PostgresServer postgres, Optional<Lease> before, int members, Duration most) {
        var _ = Wait.until(most, () -> isLater(read(postgres), before, members));
        return read(postgres);
    }

    static boolean isLater(Optional<Lease> now, Optional<Lease> before, int members) {
        return now.isPresent()
                && before.isPresent()
                && now.get().term > before.get().term
                && now.get().members == members;
    }

    static boolean isHeldBy(GatewayNode node) {
        return node.health().path("lease").asText("").equals(HELD);
    }

    static String told(Optional<Lease> lease) {
        return lease.map(it -> "term %d of %d".formatted(it.term, it.members)).orElse("no term");
    }
}
