package dev.tollgate.loadtest.check;

import dev.tollgate.loadtest.check.Difference.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/// Adds up the ledger by budget counter and by model and user, and compares with what the gateway
/// says of those.
final class Counters {

    private record Group(String model, String user) implements Comparable<Group> {
        @Override
        public int compareTo(Group other) {
            return toString().compareTo(other.toString());
        }
    }

    private Counters() {}

    static List<Difference> compare(GatewayBooks books) {
        var differences = new ArrayList<Difference>();
        for (var counter : books.counters()) {
            var where = "budget " + counter.budget() + " subject '" + counter.subject() + "'";
            amounts(differences, Kind.COUNTER, where, charged(books, counter), counter.posted());
            amounts(differences, Kind.HELD, where + " held", Amounts.NONE, counter.held());
        }
        uncounted(differences, books);
        countedTwice(differences, books.rows());
        rollUps(differences, books);
        return differences;
    }

    /// The sum of the rows that name the counter.
    private static Amounts charged(GatewayBooks books, Counter counter) {
        var sum = Amounts.NONE;
        for (var row : books.rows()) {
            if (row.charges().stream().anyMatch(charge -> names(charge, counter))) {
                sum = sum.plus(amounts(row));
            }
        }
        return sum;
    }

    /// What a row adds up to. A cache hit used nothing but its request.
    private static Amounts amounts(LedgerRow row) {
        return row.kind().equals("cache_hit")
                ? new Amounts(row.requests(), 0, 0, 0)
                : new Amounts(
                        row.requests(),
                        row.tokens().input(),
                        row.tokens().output(),
                        row.costNanoUsd());
    }

    private static boolean names(LedgerRow.Charge charge, Counter counter) {
        return charge.budget().equals(counter.budget())
                && charge.subject().equals(counter.subject())
                && (counter.windowStart().isEmpty()
                        || charge.windowStart().equals(counter.windowStart()));
    }

    /// Charges of a budget we asked for, on a subject it does not list at all.
    private static void uncounted(List<Difference> differences, GatewayBooks books) {
        var known = new HashSet<String>();
        var budgets = new HashSet<String>();
        for (var counter : books.counters()) {
            known.add(counter.budget() + "/" + counter.subject());
            budgets.add(counter.budget());
        }
        var missing = new TreeSet<String>();
        for (var row : books.rows()) {
            for (var charge : row.charges()) {
                var key = charge.budget() + "/" + charge.subject();
                if (budgets.contains(charge.budget()) && !known.contains(key)) {
                    missing.add(key);
                }
            }
        }
        missing.forEach(
                key -> differences.add(Difference.of(Kind.COUNTER, key, "a counter", "none")));
    }

    /// A request counts once, however many attempts it took.
    private static void countedTwice(List<Difference> differences, List<LedgerRow> rows) {
        var requests = new TreeMap<String, Integer>();
        rows.forEach(row -> requests.merge(row.requestId(), row.requests(), Integer::sum));
        requests.forEach((request, count) -> {
            if (count > 1) {
                differences.add(
                        Difference.of(Kind.TOTALS, "request " + request + " requests", 1, count));
            }
        });
    }

    private static void rollUps(List<Difference> differences, GatewayBooks books) {
        if (books.rollUps().isEmpty()) {
            return;
        }
        var told = new HashMap<Group, Amounts>();
        for (var rollUp : books.rollUps()) {
            told.merge(new Group(rollUp.model(), rollUp.user()), rollUp.amounts(), Amounts::plus);
        }
        var summed = sums(books.rows());
        var groups = new TreeSet<>(told.keySet());
        groups.addAll(summed.keySet());
        for (var group : groups) {
            amounts(
                    differences,
                    Kind.ROLL_UP,
                    "model " + group.model() + " user '" + group.user() + "'",
                    summed.getOrDefault(group, Amounts.NONE),
                    told.getOrDefault(group, Amounts.NONE));
        }
    }

    private static Map<Group, Amounts> sums(List<LedgerRow> rows) {
        var sums = new HashMap<Group, Amounts>();
        for (var row : rows) {
            var group = new Group(row.model(), row.user());
            sums.merge(group, amounts(row), Amounts::plus);
        }
        return sums;
    }

    private static void amounts(
            List<Difference> differences,
            Kind kind,
            String where,
            Amounts expected,
            Amounts actual) {
        amount(differences, kind, where + " requests", Amounts::requests, expected, actual);
        amount(differences, kind, where + " input_tokens", Amounts::inputTokens, expected, actual);
        amount(
                differences,
                kind,
                where + " output_tokens",
                Amounts::outputTokens,
                expected,
                actual);
        amount(differences, kind, where + " cost", Amounts::costNanoUsd, expected, actual);
    }

    private static void amount(
            List<Difference> differences,
            Kind kind,
            String where,
            ToLongFunction<Amounts> of,
            Amounts expected,
            Amounts actual) {
        if (of.applyAsLong(expected) != of.applyAsLong(actual)) {
            differences.add(
                    Difference.of(kind, where, of.applyAsLong(expected), of.applyAsLong(actual)));
        }
    }
}
