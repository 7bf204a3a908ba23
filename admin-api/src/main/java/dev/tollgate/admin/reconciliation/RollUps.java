package dev.tollgate.admin.reconciliation;

import static dev.tollgate.schema.jooq.Tables.BUDGETS;
import static dev.tollgate.schema.jooq.Tables.LEDGER_COMPARED;
import static dev.tollgate.schema.jooq.Tables.LEDGER_DRIFT;

import dev.tollgate.admin.json.Json;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.schema.jooq.Routines;
import dev.tollgate.schema.jooq.tables.records.LedgerDriftRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/// Compares the roll-ups with the ledger, and mends them. Reads the ledger of the time asked for:
/// seconds for a million rows.
public final class RollUps {

    private RollUps() {}

    /// In one snapshot, while booking goes on.
    ///
    /// @param from hours and windows that began earlier are left out, as are those of which the
    ///   ledger is not kept any more
    public static Comparison compare(
            DSLContext database, String organization, Optional<Instant> from) {
        var start = stored(from);
        var compared = LEDGER_COMPARED.call(organization, start);
        var drift = LEDGER_DRIFT.call(organization, start);
        // One statement is one snapshot.
        var rows =
                database.select(compared.fields())
                        .select(drift.fields())
                        .from(compared)
                        .leftJoin(drift)
                        .on(DSL.trueCondition())
                        .fetch();
        var drifts =
                rows.stream()
                        .filter(row -> row.get(drift.WHAT) != null)
                        .map(row -> row.into(LEDGER_DRIFT))
                        .toList();
        return comparison(rows.getFirst(), drifts, names(database, organization));
    }

    /// Sets the roll-ups that [#compare] compares to what the ledger says; the book waits
    /// meanwhile. What it returns is what was wrong.
    public static Comparison repair(
            DSLContext transaction, String organization, Optional<Instant> from) {
        var start = stored(from);
        var compared = transaction.selectFrom(LEDGER_COMPARED.call(organization, start));
        var mended = Routines.repairDrift(transaction.configuration(), organization, start);
        return comparison(
                compared.fetchSingle(),
                mended.stream().map(row -> row.into(LEDGER_DRIFT)).toList(),
                names(transaction, organization));
    }

    private static @Nullable OffsetDateTime stored(Optional<Instant> from) {
        return from.map(Timestamps::stored).orElse(null);
    }

    private static Comparison comparison(
            Record compared, List<LedgerDriftRecord> drifting, Map<UUID, String> budgetNames) {
        var row = compared.into(LEDGER_COMPARED);
        var drifts = new ArrayList<Drift>();
        for (var drift : drifting) {
            drifts.add(
                    new Drift(
                            drift.getWhat(),
                            key(drift, budgetNames),
                            drift.getMeasure(),
                            drift.getExpected(),
                            drift.getFound()));
        }
        return new Comparison(
                Optional.ofNullable(row.getStart()).map(OffsetDateTime::toInstant),
                row.getHours(),
                row.getHoursLeftOut(),
                row.getWindows(),
                row.getWindowsLeftOut(),
                drifts);
    }

    private static Tree key(LedgerDriftRecord drift, Map<UUID, String> budgetNames) {
        var key = Tree.of(Json.readObject(drift.getKey().data().getBytes(StandardCharsets.UTF_8)));
        return key.get("budget_id") instanceof String id
                ? windowKey(
                        UUID.fromString(id),
                        String.valueOf(key.get("subject")),
                        Long.parseLong(String.valueOf(key.get("window_start"))),
                        budgetNames)
                : key;
    }

    static Tree windowKey(
            UUID budgetId, String subject, long windowStart, Map<UUID, String> budgetNames) {
        return Tree.object()
                .with("budget", budgetNames.get(budgetId))
                .with("budget_id", budgetId.toString())
                .with("subject", subject)
                .with(
                        "window_start",
                        windowStart == 0
                                ? null
                                : Timestamps.text(Instant.ofEpochSecond(windowStart)));
    }

    static Map<UUID, String> names(DSLContext database, String organization) {
        return database.select(BUDGETS.ID, BUDGETS.NAME)
                .from(BUDGETS)
                .where(BUDGETS.ORGANIZATION.eq(organization))
                .fetchMap(BUDGETS.ID, BUDGETS.NAME);
    }
}
