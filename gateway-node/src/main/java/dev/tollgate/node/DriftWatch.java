package dev.tollgate.node;

import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;

import dev.tollgate.admin.reconciliation.Comparison;
import dev.tollgate.admin.reconciliation.Drift;
import dev.tollgate.admin.reconciliation.RollUps;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the sums that are kept beside the ledger against it, organization by organization, and
/// says what differs. It mends nothing: that is for somebody to decide.
final class DriftWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DriftWatch.class);

    /// So that the month that runs is always compared.
    private static final Duration BACK = Duration.ofDays(35);

    /// It reads all of the ledger since then.
    private static final Duration ANSWER_MAX = Duration.ofMinutes(10);

    private final DSLContext database;
    private final Clock clock;

    private volatile long drifts;

    DriftWatch(DSLContext database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// How many sums differed when last compared.
    long drifts() {
        return drifts;
    }

    /// Compares. Blocks, and never throws.
    void look() {
        try {
            var found = 0L;
            for (var organization : organizations()) {
                found += look(organization);
            }
            drifts = found;
        } catch (DataAccessException e) {
            LOG.warn("The ledger was not compared with its sums: {}", e.getMessage());
        }
    }

    private Iterable<String> organizations() {
        return database.select(ORGANIZATIONS.NAME)
                .from(ORGANIZATIONS)
                .orderBy(ORGANIZATIONS.NAME)
                .fetch(ORGANIZATIONS.NAME);
    }

    private int look(String organization) {
        var found = compare(organization).drifts();
        if (!found.isEmpty()) {
            LOG.error(
                    "ledger of {}: {} sums beside it are not what it says ({})",
                    organization,
                    found.size(),
                    found.stream()
                            .collect(Collectors.groupingBy(Drift::what, Collectors.counting())));
        }
        return found.size();
    }

    private Comparison compare(String organization) {
        return database.transactionResult(configuration -> {
            var transaction = configuration.dsl();
            transaction.connection(connection ->
                    connection.setNetworkTimeout(Runnable::run, (int) ANSWER_MAX.toMillis()));
            return RollUps.compare(
                    transaction, organization, Optional.of(clock.instant().minus(BACK)));
        });
    }
}
