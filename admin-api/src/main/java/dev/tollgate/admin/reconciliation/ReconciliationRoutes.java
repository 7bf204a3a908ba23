package dev.tollgate.admin.reconciliation;

import dev.tollgate.admin.NodeControl;
import dev.tollgate.admin.change.AuditEntry;
import dev.tollgate.admin.change.Author;
import dev.tollgate.admin.change.Changes;
import dev.tollgate.admin.change.Organizations;
import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.NotReseeded;
import dev.tollgate.admin.problem.AdminRefusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Comparing the ledger with the roll-ups and the live counters, and mending those.
public final class ReconciliationRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(ReconciliationRoutes.class);
    private static final String KIND = "roll-ups";
    private static final int ITEMS_MAX = 1000;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final DSLContext database;
    private final NodeControl node;

    public ReconciliationRoutes(DSLContext database, NodeControl node) {
        this.database = database;
        this.node = node;
    }

    public Map<String, Operation> operations() {
        return Map.of("getReconciliation", this::compare, "reconcile", this::reconcile);
    }

    private Operation.Work compare(Call call) {
        var query = call.parameters();
        var from = query.time("from");
        query.end();
        return () -> compared(call.organization(), from);
    }

    private Answer compared(String organization, Optional<Instant> from) {
        Organizations.checkExists(database, organization);
        var rollUps = RollUps.compare(database, organization, from);
        var counters = new Counters(database, node.quota()).compare(organization);
        return answer(organization, rollUps, counters, false, false);
    }

    private Operation.Work reconcile(Call call) {
        call.parameters().end();
        var fields = call.fields();
        var repair = fields.requiredFlag("repair");
        var from = fields.time("from");
        fields.end();
        return () -> repair ? repaired(call, from) : compared(call.organization(), from);
    }

    /// The counters are forgotten in any case: they are cheap to read again, and a repeat mends
    /// what a failure left half done.
    private Answer repaired(Call call, Optional<Instant> from) {
        var organization = call.organization();
        Organizations.checkExists(database, organization);
        var counters = new Counters(database, node.quota()).compare(organization);
        var rollUps =
                database.transactionResult(configuration -> {
                    var transaction = configuration.dsl();
                    var found = RollUps.repair(transaction, organization, from);
                    if (!found.drifts().isEmpty()) {
                        Changes.record(transaction, organization, Author.of(call), entry(found));
                    }
                    return found;
                });
        return answer(organization, rollUps, counters, true, reseed(organization));
    }

    private static AuditEntry entry(Comparison found) {
        return new AuditEntry(
                "repair",
                KIND,
                KIND,
                null,
                Tree.object()
                        .with("drifts", found.drifts().size())
                        .with("compared_from", time(found.start())));
    }

    private boolean reseed(String organization) {
        try {
            return node.quota().reseed(organization);
        } catch (RuntimeException e) {
            LOG.error(
                    "Roll-ups of {} are mended, but the book has its old counters",
                    organization,
                    e);
            throw new AdminRefusal(new NotReseeded(RETRY_AFTER));
        }
    }

    private static Answer answer(
            String organization,
            Comparison rollUps,
            Counters.Compared counters,
            boolean repaired,
            boolean reseeded) {
        var drifts = new ArrayList<>(rollUps.drifts());
        drifts.addAll(counters.drifts());
        return Answer.json(
                200,
                Tree.object()
                        .with("organization", organization)
                        .with("compared_from", time(rollUps.start()))
                        .with("hours_compared", rollUps.hours())
                        .with("hours_left_out", rollUps.hoursLeftOut())
                        .with("windows_compared", rollUps.windows())
                        .with("windows_left_out", rollUps.windowsLeftOut())
                        .with("counters_compared", counters.compared().orElse(null))
                        .with("counters_left_out", counters.leftOut())
                        .with("drifts", drifts.size())
                        .with("items", drifts.stream().limit(ITEMS_MAX).map(Drift::tree).toList())
                        .with("repaired", repaired)
                        .with("reseeded", reseeded));
    }

    private static @Nullable String time(Optional<Instant> time) {
        return time.map(Timestamps::text).orElse(null);
    }
}
