package dev.tollgate.admin.budget;

import dev.tollgate.admin.NodeControl;
import dev.tollgate.admin.http.Cursor;
import dev.tollgate.admin.http.Page;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Budget;
import dev.tollgate.budget.Budget.Per;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Measure;
import dev.tollgate.budget.Standing;
import dev.tollgate.budget.Window;
import dev.tollgate.price.Money;
import dev.tollgate.schema.jooq.tables.records.BudgetWindowsRecord;
import dev.tollgate.schema.jooq.tables.records.BudgetsRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The use of a budget in its current window, subject by subject: live where the node can tell,
/// else what is booked.
public final class BudgetUsage {

    static final String LIST = "budget-usage";

    private static final Logger LOG = LoggerFactory.getLogger(BudgetUsage.class);

    private final DSLContext database;
    private final BudgetStore budgets;
    private final NodeControl node;
    private final Clock clock;

    public BudgetUsage(DSLContext database, BudgetStore budgets, NodeControl node, Clock clock) {
        this.database = database;
        this.budgets = budgets;
        this.node = node;
        this.clock = clock;
    }

    /// @param subject the one subject to tell of
    /// @param after the subject before the first
    Tree of(BudgetsRecord row, Optional<String> subject, Optional<String> after, int limit) {
        var budget = BudgetDrafts.stored(row);
        var now = clock.instant();
        var window = Window.of(budget.period(), budget.zone(), now.getEpochSecond());
        var booked =
                subject.map(one -> one(budget, window, one))
                        .orElseGet(() -> page(budget, window, after, limit + 1));
        var page =
                Page.of(
                        List.copyOf(booked.entrySet()),
                        limit,
                        entry -> new Cursor(LIST, List.of(entry.getKey())));
        var charges =
                page.items().stream()
                        .map(entry -> charge(budget, window, entry.getKey(), now))
                        .toList();
        var live = live(row.getOrganization(), charges);
        return Tree.object()
                .with("budget", row.getName())
                .with("period", BudgetStore.definition(row).get("period"))
                .with("per", BudgetStore.definition(row).get("per"))
                .withAll(
                        page.tree(_ ->
                                charges.stream()
                                        .map(charge ->
                                                tree(
                                                        charge,
                                                        live.get(charge.counter()),
                                                        booked.getOrDefault(
                                                                charge.counter().subject(),
                                                                Amounts.NONE)))
                                        .toList()));
    }

    private Map<String, Amounts> one(Budget budget, Window window, String subject) {
        return Map.of(
                subject,
                budgets.booked(database, budget.id(), window.start(), subject)
                        .map(BudgetUsage::amounts)
                        .orElse(Amounts.NONE));
    }

    /// Subjects in the order of their code points, which is PostgreSQL's "C".
    private Map<String, Amounts> page(
            Budget budget, Window window, Optional<String> after, int limit) {
        var subjects = new TreeMap<String, Amounts>(BudgetUsage::byCodePoint);
        if (budget.per() == Per.NONE) {
            subjects.put("", Amounts.NONE);
        }
        budget.overrides().forEach(override -> subjects.put(override.subject(), Amounts.NONE));
        after.ifPresent(last -> subjects.headMap(last, true).clear());
        budgets.booked(database, budget.id(), window.start(), after, limit)
                .forEach(row -> subjects.put(row.getSubject(), amounts(row)));
        while (subjects.size() > limit) {
            subjects.pollLastEntry();
        }
        return subjects;
    }

    private static int byCodePoint(String left, String right) {
        return Arrays.compare(left.codePoints().toArray(), right.codePoints().toArray());
    }

    private Map<CounterKey, Standing> live(String organization, List<BudgetCharge> charges) {
        var live = new HashMap<CounterKey, Standing>();
        if (charges.isEmpty()) {
            return live;
        }
        try {
            for (var standing : node.standings(organization, charges)) {
                live.put(standing.counter(), standing);
            }
        } catch (RuntimeException e) {
            LOG.warn("No live counters of {}; answering from the ledger", organization, e);
        }
        return live;
    }

    private static BudgetCharge charge(Budget budget, Window window, String subject, Instant now) {
        return new BudgetCharge(
                new CounterKey(budget.id(), subject, window.start()),
                budget.name(),
                window.end(),
                limits(budget, subject, now),
                Limits.UNLIMITED,
                0,
                List.of(),
                "alert",
                true);
    }

    private static Limits limits(Budget budget, String subject, Instant now) {
        return budget.overrides().stream()
                .filter(override -> override.subject().equals(subject))
                .filter(override -> override.expiresAt().map(now::isBefore).orElse(true))
                .findFirst()
                .map(override -> budget.limits().overriddenBy(override.limits()))
                .orElse(budget.limits());
    }

    private static Tree tree(BudgetCharge charge, @Nullable Standing live, Amounts booked) {
        var posted = live == null ? booked : live.posted();
        var held = live == null ? Amounts.NONE : live.held();
        return Tree.object()
                .with("subject", charge.counter().subject())
                .with("source", live == null ? "booked" : "live")
                .with("window_start", time(charge.counter().windowStart(), 0))
                .with("resets_at", time(charge.windowEnd(), Long.MAX_VALUE))
                .with("posted", amounts(posted))
                .with("held", amounts(held))
                .with("limit", limits(charge.limits(), Amounts.NONE))
                .with("remaining", limits(charge.limits(), posted.plus(held)));
    }

    private static @Nullable String time(long epochSecond, long none) {
        return epochSecond == none ? null : Timestamps.text(Instant.ofEpochSecond(epochSecond));
    }

    private static Tree amounts(Amounts amounts) {
        var tree = Tree.object();
        for (var measure : Measure.values()) {
            tree.with(measure.label(), amount(measure, amounts.of(measure)));
        }
        return tree;
    }

    private static Tree limits(Limits limits, Amounts used) {
        var tree = Tree.object();
        for (var measure : Measure.values()) {
            var limit = limits.of(measure);
            tree.with(
                    measure.label(),
                    limit == Limits.NONE_SET
                            ? null
                            : amount(measure, Math.max(0, limit - used.of(measure))));
        }
        return tree;
    }

    private static Object amount(Measure measure, long amount) {
        return measure == Measure.COST_USD ? new Money(amount).toUsd() : (Object) amount;
    }

    private static Amounts amounts(BudgetWindowsRecord row) {
        return new Amounts(
                row.getRequests(),
                row.getInputTokens(),
                row.getOutputTokens(),
                row.getCostNanoUsd());
    }
}
