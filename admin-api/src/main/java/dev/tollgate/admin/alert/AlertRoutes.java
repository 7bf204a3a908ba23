package dev.tollgate.admin.alert;

import static dev.tollgate.schema.jooq.Tables.ALERTS;
import static dev.tollgate.schema.jooq.Tables.BUDGETS;

import dev.tollgate.admin.change.Organizations;
import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Cursor;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.http.Page;
import dev.tollgate.admin.http.Query;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.budget.Measure;
import dev.tollgate.price.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;

/// Crossed thresholds, newest first.
public final class AlertRoutes {

    private static final String LIST = "alerts";
    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1000;
    private static final int PER_MILLE_SCALE = 3;

    private final DSLContext database;

    public AlertRoutes(DSLContext database) {
        this.database = database;
    }

    public Map<String, Operation> operations() {
        return Map.of("listAlerts", this::list);
    }

    private Operation.Work list(Call call) {
        var query = call.parameters();
        var filter = filter(query);
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var cursor = query.cursor(LIST, 2);
        var time = cursor.flatMap(after -> query.timeOf(after, 0));
        var id = cursor.flatMap(after -> query.uuidOf(after, 1));
        query.end();
        return () ->
                run(
                        call.organization(),
                        filter,
                        limit,
                        time.flatMap(at -> id.map(last -> before(at, last))));
    }

    /// A budget by its name, or by its id, which outlives it.
    private static Condition filter(Query query) {
        var conditions = new ArrayList<Condition>();
        query.text("budget")
                .ifPresent(budget ->
                        conditions.add(
                                BUDGETS.NAME
                                        .eq(budget)
                                        .or(
                                                Query.parseUuid(budget)
                                                        .map(ALERTS.BUDGET_ID::eq)
                                                        .orElseGet(DSL::falseCondition))));
        query.textOrEmpty("subject")
                .ifPresent(subject -> conditions.add(ALERTS.SUBJECT.eq(subject)));
        query.time("from")
                .ifPresent(from -> conditions.add(ALERTS.CROSSED_AT.ge(Timestamps.stored(from))));
        query.time("to")
                .ifPresent(to -> conditions.add(ALERTS.CROSSED_AT.lt(Timestamps.stored(to))));
        return DSL.and(conditions);
    }

    private static Condition before(Instant crossedAt, UUID id) {
        return DSL.row(ALERTS.CROSSED_AT, ALERTS.ID).lt(Timestamps.stored(crossedAt), id);
    }

    private Answer run(
            String organization, Condition filter, int limit, Optional<Condition> after) {
        Organizations.checkExists(database, organization);
        var rows =
                database.select(ALERTS.fields())
                        .select(BUDGETS.NAME)
                        .from(ALERTS)
                        .leftJoin(BUDGETS)
                        .on(BUDGETS.ID.eq(ALERTS.BUDGET_ID))
                        .where(ALERTS.ORGANIZATION.eq(organization))
                        .and(filter)
                        .and(after.orElse(DSL.noCondition()))
                        .orderBy(ALERTS.CROSSED_AT.desc(), ALERTS.ID.desc())
                        .limit(limit + 1)
                        .fetch();
        var page = Page.of(List.<Record>copyOf(rows), limit, AlertRoutes::cursor);
        return Answer.json(200, page.tree(items -> items.stream().map(AlertRoutes::tree).toList()));
    }

    private static Cursor cursor(Record row) {
        return new Cursor(
                LIST,
                List.of(
                        row.get(ALERTS.CROSSED_AT).toInstant().toString(),
                        row.get(ALERTS.ID).toString()));
    }

    private static Tree tree(Record row) {
        var measure = row.get(ALERTS.LIMIT_NAME);
        var start = row.get(ALERTS.WINDOW_START);
        return Tree.object()
                .with("id", row.get(ALERTS.ID).toString())
                .with("budget", row.get(BUDGETS.NAME))
                .with("budget_id", row.get(ALERTS.BUDGET_ID).toString())
                .with("subject", row.get(ALERTS.SUBJECT))
                .with(
                        "window_start",
                        start == 0 ? null : Timestamps.text(Instant.ofEpochSecond(start)))
                .with("measure", measure)
                .with(
                        "at",
                        BigDecimal.valueOf(row.get(ALERTS.THRESHOLD), PER_MILLE_SCALE)
                                .stripTrailingZeros())
                .with("limit", amount(measure, row.get(ALERTS.LIMIT_AMOUNT)))
                .with("used", amount(measure, row.get(ALERTS.USED_AMOUNT)))
                .with("crossed_at", Timestamps.text(row.get(ALERTS.CROSSED_AT)));
    }

    private static Object amount(String measure, long amount) {
        return measure.equals(Measure.COST_USD.label())
                ? new Money(amount).toUsd()
                : (Object) amount;
    }
}
