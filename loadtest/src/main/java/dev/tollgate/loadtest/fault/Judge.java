package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.check.Difference;
import dev.tollgate.loadtest.check.Difference.Kind;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.check.LedgerRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares all books after each scene, and tells only what no earlier verdict told.
final class Judge {

    // An empty prompt costs something too; ours are under 200 bytes of JSON each.
    private static final long INPUT_TOKENS_MAX = 400;

    private final Stage stage;
    private final Checker checker =
            Checker.tolerant().withOrphansUpTo(INPUT_TOKENS_MAX, ClientCall.OUTPUT_TOKENS_MAX);
    private final Set<String> told = new HashSet<>();
    private int recordsJudged;

    Judge(Stage stage) {
        this.stage = stage;
    }

    Verdict judge(Scene scene) {
        var budgets = scene.budgets();
        var names = new ArrayList<>(Stage.BUDGETS_OF_ALL);
        budgets.stream().filter(Judge::isTotal).map(HardBudget::name).forEach(names::add);
        var books = GatewayBooks.read(stage.admin(), names);
        var differences =
                checker.check(stage.upstream().bill(), books).differences().stream()
                        .filter(difference -> told.add(difference.kind() + difference.where()))
                        .toList();
        var records = stage.clients().records();
        var fresh = records.subList(recordsJudged, records.size());
        recordsJudged = records.size();
        return new Verdict(
                fresh.stream().filter(CallRecord::isAcknowledged).count(),
                lost(fresh, books, differences),
                of(differences, Kind.DOUBLED_ROW).size(),
                budgets.stream().mapToLong(budget -> overAdmitted(budget, books)).sum(),
                approximate(fresh, books),
                budgets.stream()
                        .filter(Judge::isTotal)
                        .mapToDouble(budget -> (double) posted(budget, books) / budget.requests())
                        .min()
                        .orElse(1),
                books.rows().stream().filter(row -> row.usageSource().equals("orphan")).count(),
                differences.stream()
                        .filter(one ->
                                one.kind() != Kind.DOUBLED_ROW && one.kind() != Kind.MISSING_ROW)
                        .map(Difference::toString)
                        .toList());
    }

    static boolean isTotal(HardBudget budget) {
        return budget.period().equals("total");
    }

    private static long lost(
            List<CallRecord> records, GatewayBooks books, List<Difference> differences) {
        var booked = books.rows().stream().map(LedgerRow::requestId).collect(Collectors.toSet());
        var unbooked =
                records.stream()
                        .filter(CallRecord::isAcknowledged)
                        .filter(record -> !booked.contains(record.requestId()))
                        .count();
        // A call that both know of is missing once.
        return Math.max(unbooked, of(differences, Kind.MISSING_ROW).size());
    }

    private static long approximate(List<CallRecord> records, GatewayBooks books) {
        var exact =
                books.rows().stream()
                        .filter(row -> row.usageSource().equals("provider"))
                        .map(LedgerRow::requestId)
                        .collect(Collectors.toSet());
        var booked = books.rows().stream().map(LedgerRow::requestId).collect(Collectors.toSet());
        return records.stream()
                .filter(CallRecord::isAcknowledged)
                .map(CallRecord::requestId)
                .filter(id -> booked.contains(id) && !exact.contains(id))
                .count();
    }

    private static List<Difference> of(List<Difference> differences, Kind kind) {
        return differences.stream().filter(difference -> difference.kind() == kind).toList();
    }

    /// Requests of a window past its limit, by the ledger and by the provider.
    private long overAdmitted(HardBudget budget, GatewayBooks books) {
        var byWindow = new HashMap<String, Long>();
        for (var row : books.rows()) {
            for (var charge : row.charges()) {
                if (charge.budget().equals(budget.name())) {
                    byWindow.merge(charge.windowStart(), (long) row.requests(), Long::sum);
                }
            }
        }
        var booked =
                byWindow.values().stream()
                        .mapToLong(posted -> Math.max(0, posted - budget.requests()))
                        .sum();
        var windows = isTotal(budget) ? 1 : Math.max(1, byWindow.size());
        var sent = stage.upstream().calls(budget.name()) - windows * budget.requests();
        return Math.max(booked, sent);
    }

    static long posted(HardBudget budget, GatewayBooks books) {
        return books.rows().stream()
                .filter(row ->
                        row.charges().stream()
                                .anyMatch(charge -> charge.budget().equals(budget.name())))
                .mapToLong(LedgerRow::requests)
                .sum();
    }
}
