package dev.tollgate.admin.budget;

import static dev.tollgate.schema.jooq.Tables.BUDGETS;
import static dev.tollgate.schema.jooq.Tables.BUDGET_WINDOWS;

import dev.tollgate.admin.change.AuditEntry;
import dev.tollgate.admin.change.Manager;
import dev.tollgate.admin.json.Json;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.Immutable;
import dev.tollgate.admin.problem.AdminProblem.NameTaken;
import dev.tollgate.admin.problem.AdminProblem.NotFound;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.schema.jooq.tables.records.BudgetWindowsRecord;
import dev.tollgate.schema.jooq.tables.records.BudgetsRecord;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.JSONB;
import org.jooq.impl.DSL;

/// The budgets of an organization, in PostgreSQL. Deleted ones stay as rows, for the ledger names
/// them, and are not found here.
public final class BudgetStore {

    public static final String KIND = "budget";

    private final Clock clock;
    private final Supplier<UUID> ids;

    public BudgetStore(Clock clock, Supplier<UUID> ids) {
        this.clock = clock;
        this.ids = ids;
    }

    /// @param after the name before the first
    List<BudgetsRecord> list(
            DSLContext database, String organization, Optional<String> after, int limit) {
        Condition notBefore = after.map(BUDGETS.NAME::gt).orElse(DSL.noCondition());
        return database.selectFrom(BUDGETS)
                .where(current(organization))
                .and(notBefore)
                .orderBy(BUDGETS.NAME)
                .limit(limit)
                .fetch();
    }

    BudgetsRecord get(DSLContext database, String organization, String name) {
        return find(database, organization, name)
                .orElseThrow(() -> new AdminRefusal(new NotFound(KIND, name)));
    }

    public Optional<BudgetsRecord> find(DSLContext database, String organization, String name) {
        return database.selectFrom(BUDGETS)
                .where(current(organization))
                .and(BUDGETS.NAME.eq(name))
                .fetchOptional();
    }

    /// The budgets that `manager` keeps.
    public List<BudgetsRecord> managedBy(
            DSLContext database, String organization, Manager manager) {
        return database.selectFrom(BUDGETS)
                .where(current(organization))
                .and(BUDGETS.MANAGED_BY.eq(manager.label()))
                .orderBy(BUDGETS.NAME)
                .fetch();
    }

    /// @throws AdminRefusal when the name is taken
    public BudgetsRecord insert(
            DSLContext transaction, String organization, BudgetDraft draft, Manager manager) {
        if (find(transaction, organization, draft.name()).isPresent()) {
            throw new AdminRefusal(new NameTaken(KIND, draft.name()));
        }
        var now = Timestamps.stored(clock.instant());
        var row = transaction.newRecord(BUDGETS);
        row.setId(ids.get());
        row.setOrganization(organization);
        row.setName(draft.name());
        row.setRevision(1L);
        row.setDefinition(jsonb(draft));
        row.setManagedBy(manager.label());
        row.setCreatedAt(now);
        row.setUpdatedAt(now);
        row.insert();
        return row;
    }

    /// Changes a stored budget to what `draft` says.
    ///
    /// @return what was done; empty when it was so already
    /// @throws AdminRefusal when fields that never change would
    public List<AuditEntry> change(BudgetsRecord row, BudgetDraft draft, Manager manager) {
        var immutable = BudgetDrafts.immutableDifferences(row, draft);
        if (!immutable.isEmpty()) {
            throw new AdminRefusal(new Immutable(KIND, row.getName(), immutable));
        }
        var same = BudgetDrafts.same(row, draft) && row.getManagedBy().equals(manager.label());
        if (same) {
            return List.of();
        }
        var before = tree(row);
        update(row, draft, manager);
        return List.of(new AuditEntry("change", KIND, row.getName(), before, tree(row)));
    }

    private void update(BudgetsRecord row, BudgetDraft draft, Manager manager) {
        row.setDefinition(jsonb(draft));
        row.setManagedBy(manager.label());
        row.setRevision(row.getRevision() + 1);
        row.setUpdatedAt(Timestamps.stored(clock.instant()));
        row.update();
    }

    public void delete(BudgetsRecord row) {
        var now = Timestamps.stored(clock.instant());
        row.setRevision(row.getRevision() + 1);
        row.setUpdatedAt(now);
        row.setDeletedAt(now);
        row.update();
    }

    /// What is booked in a window, by subject.
    ///
    /// @param after the subject before the first
    List<BudgetWindowsRecord> booked(
            DSLContext database,
            UUID budgetId,
            long windowStart,
            Optional<String> after,
            int limit) {
        // By code point, whatever the collation: overrides are merged in that order.
        var subject = BUDGET_WINDOWS.SUBJECT.collate("C");
        Condition notBefore = after.map(subject::gt).orElse(DSL.noCondition());
        return database.selectFrom(BUDGET_WINDOWS)
                .where(BUDGET_WINDOWS.BUDGET_ID.eq(budgetId))
                .and(BUDGET_WINDOWS.WINDOW_START.eq(windowStart))
                .and(notBefore)
                .orderBy(subject)
                .limit(limit)
                .fetch();
    }

    Optional<BudgetWindowsRecord> booked(
            DSLContext database, UUID budgetId, long windowStart, String subject) {
        return database.selectFrom(BUDGET_WINDOWS)
                .where(BUDGET_WINDOWS.BUDGET_ID.eq(budgetId))
                .and(BUDGET_WINDOWS.WINDOW_START.eq(windowStart))
                .and(BUDGET_WINDOWS.SUBJECT.eq(subject))
                .fetchOptional();
    }

    /// As the API and the audit show a budget.
    public static Tree tree(BudgetsRecord row) {
        return Tree.object()
                .with("id", row.getId().toString())
                .with("name", row.getName())
                .with("organization", row.getOrganization())
                .withAll(definition(row))
                .with("managed_by", row.getManagedBy())
                .with("revision", row.getRevision())
                .with("created_at", Timestamps.text(row.getCreatedAt()))
                .with("updated_at", Timestamps.text(row.getUpdatedAt()));
    }

    static Tree definition(BudgetsRecord row) {
        return Tree.of(
                Json.readObject(row.getDefinition().data().getBytes(StandardCharsets.UTF_8)));
    }

    private static JSONB jsonb(BudgetDraft draft) {
        return JSONB.valueOf(Json.write(draft.tree()));
    }

    private static Condition current(String organization) {
        return BUDGETS.ORGANIZATION.eq(organization).and(BUDGETS.DELETED_AT.isNull());
    }
}
