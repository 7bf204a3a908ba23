package dev.tollgate.admin.ledger;

import static dev.tollgate.schema.jooq.Tables.LEDGER;

import dev.tollgate.admin.change.Organizations;
import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Cursor;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.http.Page;
import dev.tollgate.admin.http.Query;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.NotFound;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.schema.jooq.Routines;
import dev.tollgate.schema.jooq.tables.records.LedgerRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/// The ledger, newest first, and the entries of one request.
public final class LedgerRoutes {

    private static final String LIST = "ledger";
    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1000;
    // An entry's id is made when its hold is taken, so it is older than what it records.
    private static final Duration ID_OLDER_MAX = Duration.ofDays(2);

    private final DSLContext database;

    public LedgerRoutes(DSLContext database) {
        this.database = database;
    }

    public Map<String, Operation> operations() {
        return Map.of("listLedger", this::list, "getRequest", this::request);
    }

    private Operation.Work list(Call call) {
        var query = call.parameters();
        var filter = filter(query);
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var after = query.cursor(LIST, 1).flatMap(cursor -> query.uuidOf(cursor, 0));
        query.end();
        return () -> {
            Organizations.checkExists(database, call.organization());
            var rows =
                    database.selectFrom(LEDGER)
                            .where(LEDGER.ORGANIZATION.eq(call.organization()))
                            .and(filter)
                            .and(after.map(LEDGER.ID::lt).orElse(DSL.noCondition()))
                            .orderBy(LEDGER.ID.desc())
                            .limit(limit + 1)
                            .fetch();
            return Answer.json(200, Page.of(rows, limit, row -> cursor(row)).tree(this::trees));
        };
    }

    private Operation.Work request(Call call) {
        call.parameters().end();
        var text = call.parameter("request");
        return () -> {
            Organizations.checkExists(database, call.organization());
            var id = Query.parseUuid(text);
            var rows =
                    id.map(request ->
                                    database.selectFrom(LEDGER)
                                            .where(LEDGER.REQUEST_ID.eq(request))
                                            .and(LEDGER.ORGANIZATION.eq(call.organization()))
                                            .orderBy(LEDGER.ATTEMPT, LEDGER.ID)
                                            .limit(LIMIT_MAX)
                                            .fetch())
                            .orElseThrow(() -> notFound(text));
            if (rows.isEmpty()) {
                throw notFound(text);
            }
            return Answer.json(200, story(call.organization(), text, rows));
        };
    }

    private Tree story(String organization, String id, List<LedgerRecord> rows) {
        var priced = rows.stream().map(LedgerRecord::getCostNanoUsd).filter(Objects::nonNull);
        var cost = priced.mapToLong(Long::longValue).reduce(Long::sum);
        return Tree.object()
                .with("request_id", id)
                .with("organization", organization)
                .with("input_tokens", rows.stream().mapToLong(LedgerEntries::inputTokens).sum())
                .with("output_tokens", rows.stream().mapToLong(LedgerRecord::getOutputTokens).sum())
                .with("cost_usd", cost.isPresent() ? LedgerEntries.usd(cost.getAsLong()) : null)
                .with("entries", trees(rows));
    }

    private List<Tree> trees(List<LedgerRecord> rows) {
        return LedgerEntries.trees(database, rows);
    }

    private static Condition filter(Query query) {
        var condition = DSL.noCondition();
        condition = and(condition, query.text("key"), LEDGER.KEY_ID::eq);
        condition = and(condition, query.text("user"), LEDGER.USER_NAME::eq);
        condition = and(condition, query.text("team"), LEDGER.TEAM::eq);
        condition = and(condition, query.text("end_user"), LEDGER.END_USER::eq);
        condition = and(condition, query.text("model"), LedgerRoutes::model);
        condition = and(condition, query.uuid("request_id"), LEDGER.REQUEST_ID::eq);
        condition = and(condition, query.time("from"), LedgerRoutes::from);
        return and(condition, query.time("to"), LedgerRoutes::to);
    }

    private static <T> Condition and(
            Condition condition, Optional<T> value, Function<T, Condition> filter) {
        return value.map(filter).map(condition::and).orElse(condition);
    }

    private static Condition model(String pattern) {
        return Page.matches(LEDGER.SERVED_MODEL, pattern)
                .or(Page.matches(LEDGER.REQUESTED_MODEL, pattern));
    }

    // The bounds on the id let PostgreSQL leave out the partitions of other months.
    private static Condition from(Instant from) {
        return LEDGER.OCCURRED_AT
                .ge(Timestamps.stored(from))
                .and(LEDGER.ID.ge(Routines.uuidv7Floor(DSL.val(Timestamps.stored(earlier(from))))));
    }

    private static Condition to(Instant to) {
        return LEDGER.OCCURRED_AT.lt(Timestamps.stored(to));
    }

    private static Instant earlier(Instant from) {
        var earlier = from.minus(ID_OLDER_MAX);
        return earlier.isBefore(Instant.EPOCH) ? Instant.EPOCH : earlier;
    }

    private static Cursor cursor(LedgerRecord row) {
        return new Cursor(LIST, List.of(row.getId().toString()));
    }

    private static AdminRefusal notFound(String id) {
        return new AdminRefusal(new NotFound("request", id));
    }
}
