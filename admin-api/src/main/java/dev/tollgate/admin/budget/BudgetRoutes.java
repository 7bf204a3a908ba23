package dev.tollgate.admin.budget;

import dev.tollgate.admin.change.AuditEntry;
import dev.tollgate.admin.change.Author;
import dev.tollgate.admin.change.Changes;
import dev.tollgate.admin.change.Changes.Outcome;
import dev.tollgate.admin.change.Management;
import dev.tollgate.admin.change.Manager;
import dev.tollgate.admin.change.Organizations;
import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Cursor;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.http.Page;
import dev.tollgate.admin.json.Json;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.Invalid;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.admin.problem.Fault;
import dev.tollgate.schema.jooq.tables.records.BudgetsRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jooq.DSLContext;

/// Making, reading, changing and deleting budgets, and their use.
public final class BudgetRoutes {

    private static final String LIST = "budgets";
    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1000;

    private final DSLContext database;
    private final BudgetStore budgets;
    private final BudgetUsage usage;
    private final Changes changes;
    private final Management management;

    public BudgetRoutes(
            DSLContext database,
            BudgetStore budgets,
            BudgetUsage usage,
            Changes changes,
            Management management) {
        this.database = database;
        this.budgets = budgets;
        this.usage = usage;
        this.changes = changes;
        this.management = management;
    }

    public Map<String, Operation> operations() {
        return Map.of(
                "listBudgets", this::list,
                "getBudget", this::get,
                "putBudget", this::put,
                "deleteBudget", this::delete,
                "getBudgetUsage", this::usage);
    }

    private Operation.Work list(Call call) {
        var query = call.parameters();
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var cursor = query.cursor(LIST, 1);
        query.end();
        return () -> {
            Organizations.checkExists(database, call.organization());
            var after = cursor.map(last -> last.part(0));
            var rows = budgets.list(database, call.organization(), after, limit + 1);
            var page = Page.of(rows, limit, row -> new Cursor(LIST, List.of(row.getName())));
            return Answer.json(
                    200, page.tree(items -> items.stream().map(BudgetStore::tree).toList()));
        };
    }

    private Operation.Work get(Call call) {
        call.parameters().end();
        return () -> {
            Organizations.checkExists(database, call.organization());
            return answer(
                    200, budgets.get(database, call.organization(), call.parameter("budget")));
        };
    }

    private static BudgetDraft draft(Call call) {
        var faults = new ArrayList<Fault>();
        return BudgetDrafts.read(call.parameter("budget"), "", Json.readObject(call.body()), faults)
                .orElseThrow(() -> new AdminRefusal(new Invalid(faults)));
    }

    private record Put(BudgetsRecord row, boolean created, List<Tree> warnings) {}

    private Operation.Work put(Call call) {
        var query = call.parameters();
        var takeOver = query.flag("take_over");
        query.end();
        var draft = draft(call);
        return () -> {
            var put =
                    changes.apply(
                            call.organization(),
                            Author.of(call),
                            transaction -> put(transaction, call, draft, takeOver));
            return put.created ? answer(201, put).with("location", call.path()) : answer(200, put);
        };
    }

    private Outcome<Put> put(
            DSLContext transaction, Call call, BudgetDraft draft, boolean takeOver) {
        DowngradeTargets.check(transaction, draft, "");
        var existing = budgets.find(transaction, call.organization(), draft.name());
        var warnings = ScopeWarnings.of(transaction, call.organization(), draft.definition());
        if (existing.isEmpty()) {
            call.condition().checkAbsent(BudgetStore.KIND, draft.name());
            var row = budgets.insert(transaction, call.organization(), draft, Manager.API);
            return Outcome.changed(
                    new Put(row, true, warnings),
                    new AuditEntry(
                            "create", BudgetStore.KIND, draft.name(), null, BudgetStore.tree(row)));
        }
        var row = existing.get();
        checkEditable(call, row, takeOver);
        return new Outcome<>(
                new Put(row, false, warnings), budgets.change(row, draft, Manager.API));
    }

    private Operation.Work delete(Call call) {
        var query = call.parameters();
        var takeOver = query.flag("take_over");
        query.end();
        return () -> {
            changes.apply(
                    call.organization(),
                    Author.of(call),
                    transaction -> delete(transaction, call, takeOver));
            return Answer.noContent();
        };
    }

    private Outcome<BudgetsRecord> delete(DSLContext transaction, Call call, boolean takeOver) {
        var row = budgets.get(transaction, call.organization(), call.parameter("budget"));
        checkEditable(call, row, takeOver);
        var before = BudgetStore.tree(row);
        budgets.delete(row);
        return Outcome.changed(
                row, new AuditEntry("delete", BudgetStore.KIND, row.getName(), before, null));
    }

    private Operation.Work usage(Call call) {
        var query = call.parameters();
        var subject = query.textOrEmpty("subject");
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var after = query.cursor(BudgetUsage.LIST, 1).map(cursor -> cursor.part(0));
        query.end();
        return () -> {
            Organizations.checkExists(database, call.organization());
            var row = budgets.get(database, call.organization(), call.parameter("budget"));
            return Answer.json(200, usage.of(row, subject, after, limit));
        };
    }

    private void checkEditable(Call call, BudgetsRecord row, boolean takeOver) {
        call.condition().checkPresent(BudgetStore.KIND, row.getName(), row.getRevision());
        management.checkEditable(BudgetStore.KIND, row.getName(), row.getManagedBy(), takeOver);
    }

    private static Answer answer(int status, Put put) {
        return Answer.json(status, BudgetStore.tree(put.row).with("warnings", put.warnings))
                .withRevision(put.row.getRevision());
    }

    private static Answer answer(int status, BudgetsRecord row) {
        return Answer.json(status, BudgetStore.tree(row)).withRevision(row.getRevision());
    }
}
