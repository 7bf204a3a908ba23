package dev.tollgate.admin.usage;

import static dev.tollgate.schema.jooq.Tables.USAGE_HOURLY;

import dev.tollgate.admin.change.Organizations;
import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Cursor;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.http.Page;
import dev.tollgate.admin.http.Query;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.Fault;
import dev.tollgate.price.Money;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jooq.TableField;
import org.jooq.impl.DSL;

/// Sums of usage by dimension, from the hourly roll-ups.
public final class UsageRoutes {

    private static final String LIST = "usage";
    private static final int LIMIT = 1000;
    private static final int LIMIT_MAX = 10_000;
    private static final Duration BY_DEFAULT = Duration.ofDays(30);

    private final DSLContext database;
    private final Clock clock;

    public UsageRoutes(DSLContext database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    public Map<String, Operation> operations() {
        return Map.of("getUsage", this::usage);
    }

    /// What is asked for.
    private record Report(
            String organization,
            List<Dimension> by,
            Instant from,
            Instant to,
            Condition filter,
            Optional<Cursor> after,
            int limit) {

        String list() {
            return LIST + ":" + String.join(",", by.stream().map(Dimension::label).toList());
        }
    }

    private Operation.Work usage(Call call) {
        var query = call.parameters();
        var by = query.names("group_by", Dimension.LABELS).stream().map(Dimension::of).toList();
        var to = query.time("to").orElse(clock.instant());
        var from = query.time("from").orElse(to.minus(BY_DEFAULT));
        if (from.isAfter(to)) {
            query.refuse(new Fault("from", Timestamps.text(from), "a time before `to`"));
        }
        var filter = filter(query);
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var unpaged =
                new Report(
                        call.organization(),
                        by,
                        from.truncatedTo(ChronoUnit.HOURS),
                        hourAfter(to),
                        filter,
                        Optional.empty(),
                        limit);
        var after = query.cursor(unpaged.list(), by.size());
        query.end();
        var report =
                new Report(
                        unpaged.organization, by, unpaged.from, unpaged.to, filter, after, limit);
        return () -> run(report);
    }

    private Answer run(Report report) {
        Organizations.checkExists(database, report.organization);
        var dimensions = report.by.stream().map(Dimension::column).toList();
        var columns = new ArrayList<SelectField<?>>(dimensions);
        for (var sum : Sums.values()) {
            columns.add(sum.field);
        }
        var rows =
                database.select(columns)
                        .from(USAGE_HOURLY)
                        .where(USAGE_HOURLY.ORGANIZATION.eq(report.organization))
                        .and(USAGE_HOURLY.HOUR.ge(Timestamps.stored(report.from)))
                        .and(USAGE_HOURLY.HOUR.lt(Timestamps.stored(report.to)))
                        .and(report.filter)
                        .and(after(dimensions, report.after))
                        .groupBy(
                                dimensions.isEmpty() ? List.of(DSL.emptyGroupingSet()) : dimensions)
                        .orderBy(dimensions)
                        .limit(report.limit + 1)
                        .fetch();
        var page = Page.of(List.<Record>copyOf(rows), report.limit, row -> cursor(report, row));
        return Answer.json(
                200,
                Tree.object()
                        .with("from", Timestamps.text(report.from))
                        .with("to", Timestamps.text(report.to))
                        .with("group_by", report.by.stream().map(Dimension::label).toList())
                        .withAll(
                                page.tree(items ->
                                        items.stream().map(row -> tree(report, row)).toList())));
    }

    private static Condition after(List<Field<String>> dimensions, Optional<Cursor> after) {
        if (after.isEmpty() || dimensions.isEmpty()) {
            return DSL.noCondition();
        }
        return DSL.row(dimensions).gt(DSL.row(after.get().parts()));
    }

    private static Cursor cursor(Report report, Record row) {
        var parts = new ArrayList<String>();
        for (var index = 0; index < report.by.size(); index++) {
            parts.add(row.get(index, String.class));
        }
        return new Cursor(report.list(), parts);
    }

    private static Tree tree(Report report, Record row) {
        var tree = Tree.object();
        for (var index = 0; index < report.by.size(); index++) {
            tree.with(report.by.get(index).label(), row.get(index, String.class));
        }
        var input =
                Sums.UNCACHED_INPUT_TOKENS.of(row)
                        + Sums.CACHE_READ_TOKENS.of(row)
                        + Sums.CACHE_WRITE_TOKENS.of(row);
        var output = Sums.OUTPUT_TOKENS.of(row);
        return tree.with("requests", Sums.REQUESTS.of(row))
                .with("attempts", Sums.ATTEMPTS.of(row))
                .with("errors", Sums.ERRORS.of(row))
                .with("cache_hits", Sums.CACHE_HITS.of(row))
                .with("unpriced_attempts", Sums.UNPRICED_ATTEMPTS.of(row))
                .with("uncached_input_tokens", Sums.UNCACHED_INPUT_TOKENS.of(row))
                .with("cache_read_tokens", Sums.CACHE_READ_TOKENS.of(row))
                .with("cache_write_tokens", Sums.CACHE_WRITE_TOKENS.of(row))
                .with("input_tokens", input)
                .with("output_tokens", output)
                .with("reasoning_tokens", Sums.REASONING_TOKENS.of(row))
                .with("total_tokens", input + output)
                .with("cost_nano_usd", Sums.COST.of(row))
                .with("cost_usd", new Money(Sums.COST.of(row)).toUsd())
                .with("avoided_cost_usd", new Money(Sums.AVOIDED_COST.of(row)).toUsd());
    }

    private static Condition filter(Query query) {
        var condition = DSL.noCondition();
        for (var dimension :
                List.of(
                        Dimension.TEAM,
                        Dimension.PROJECT,
                        Dimension.USER,
                        Dimension.END_USER,
                        Dimension.KEY,
                        Dimension.MODEL,
                        Dimension.PROVIDER)) {
            var given = query.text(dimension.label());
            if (given.isPresent()) {
                condition = condition.and(Page.matches(dimension.column(), given.get()));
            }
        }
        return condition;
    }

    private static Instant hourAfter(Instant time) {
        var hour = time.truncatedTo(ChronoUnit.HOURS);
        return hour.equals(time) ? hour : hour.plus(1, ChronoUnit.HOURS);
    }

    /// The sums of a group; 0 where it is empty.
    @SuppressWarnings("ImmutableEnumChecker") // as in Dimension
    private enum Sums {
        REQUESTS(USAGE_HOURLY.REQUESTS),
        ATTEMPTS(USAGE_HOURLY.ATTEMPTS),
        ERRORS(USAGE_HOURLY.ERRORS),
        CACHE_HITS(USAGE_HOURLY.CACHE_HITS),
        UNPRICED_ATTEMPTS(USAGE_HOURLY.UNPRICED_ATTEMPTS),
        UNCACHED_INPUT_TOKENS(USAGE_HOURLY.UNCACHED_INPUT_TOKENS),
        CACHE_READ_TOKENS(USAGE_HOURLY.CACHE_READ_TOKENS),
        CACHE_WRITE_TOKENS(USAGE_HOURLY.CACHE_WRITE_TOKENS),
        OUTPUT_TOKENS(USAGE_HOURLY.OUTPUT_TOKENS),
        REASONING_TOKENS(USAGE_HOURLY.REASONING_TOKENS),
        COST(USAGE_HOURLY.COST_NANO_USD),
        AVOIDED_COST(USAGE_HOURLY.AVOIDED_COST_NANO_USD);

        private final Field<BigDecimal> field;

        Sums(TableField<?, Long> column) {
            this.field =
                    DSL.coalesce(DSL.sum(column), BigDecimal.ZERO).as("sum_" + column.getName());
        }

        long of(Record row) {
            return row.get(field).longValueExact();
        }
    }
}
