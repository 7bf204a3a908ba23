package dev.tollgate.loadtest.check;

import dev.tollgate.loadtest.check.Difference.Kind;
import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.BillLine.Outcome;
import dev.tollgate.loadtest.provider.TokenClasses;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/// Compares bill, ledger and counters, and lists every difference.
///
/// A bill line and a ledger row belong together when the provider's request id agrees, else by the
/// gateway's request id and the order of attempts. Amounts must agree to the token and the nano-USD
/// where the provider told its usage. Where it could not (the caller left, the provider broke,
/// usage was withheld) the row may be an estimate, but never free.
///
/// @param afterKill whether complete calls may also have orphan or estimated rows: what a killed
///   node leaves
/// @param rowsForFailures whether failed calls must have rows, too
/// @param orphanMax the most an orphan's row may say, which is what any call can have held
public record Checker(boolean afterKill, boolean rowsForFailures, OrphanMax orphanMax) {

    /// The most tokens an orphan may be settled for.
    public record OrphanMax(long inputTokens, long outputTokens) {
        static final OrphanMax ANY = new OrphanMax(Long.MAX_VALUE, Long.MAX_VALUE);
    }

    public static Checker exact() {
        return new Checker(false, false, OrphanMax.ANY);
    }

    /// For runs in which a node was killed.
    public static Checker tolerant() {
        return new Checker(true, false, OrphanMax.ANY);
    }

    /// Also checks that orphans are settled for at least what was billed and at most this.
    public Checker withOrphansUpTo(long inputTokens, long outputTokens) {
        return new Checker(afterKill, rowsForFailures, new OrphanMax(inputTokens, outputTokens));
    }

    public CheckReport check(List<BillLine> bill, GatewayBooks books) {
        var run = new Run(books);
        run.compareRows(bill);
        run.differences.addAll(Counters.compare(books));
        return new CheckReport(
                bill.size(),
                books.rows().size(),
                books.counters().size(),
                run.estimated,
                run.differences);
    }

    /// One comparison.
    private final class Run {

        private final List<Difference> differences = new ArrayList<>();
        private final Map<String, List<LedgerRow>> attempts = new LinkedHashMap<>();
        private final Map<String, List<LedgerRow>> corrections = new LinkedHashMap<>();
        private int estimated;

        Run(GatewayBooks books) {
            var ids = new HashSet<String>();
            for (var row : books.rows()) {
                if (!ids.add(row.id())) {
                    add(Kind.DOUBLED_ROW, "row " + row.id(), "one", "several");
                } else if (row.isCorrection()) {
                    listIn(corrections, row.corrects()).add(row);
                } else if (row.isAttempt() && !row.model().startsWith("sandbox/")) {
                    listIn(attempts, row.requestId()).add(row);
                }
                totals(row);
            }
            attempts.values()
                    .forEach(rows -> rows.sort(Comparator.comparingLong(LedgerRow::attempt)));
        }

        private void totals(LedgerRow row) {
            if (row.inputTotal() != row.tokens().input()) {
                add(
                        Kind.TOTALS,
                        "row " + row.id() + " input_tokens",
                        row.tokens().input(),
                        row.inputTotal());
            }
        }

        private void compareRows(List<BillLine> bill) {
            var lines = new LinkedHashMap<String, List<BillLine>>();
            bill.stream()
                    .sorted(Comparator.comparingLong(BillLine::requestNumber))
                    .forEach(line -> listIn(lines, line.gatewayRequestId()).add(line));
            lines.forEach(this::compareRequest);
            attempts.forEach((request, rows) -> {
                if (!lines.containsKey(request)) {
                    rows.forEach(row -> leftOver(row, Kind.UNBILLED_ROW));
                }
            });
        }

        private void compareRequest(String request, List<BillLine> lines) {
            var left = new ArrayList<>(attempts.getOrDefault(request, List.of()));
            var unmatched = new ArrayList<BillLine>();
            for (var line : lines) {
                var named = take(left, line);
                if (named.isPresent()) {
                    compare(line, named.get());
                } else {
                    unmatched.add(line);
                }
            }
            for (var line : unmatched) {
                var next =
                        left.stream().filter(row -> row.providerRequestId().isEmpty()).findFirst();
                next.ifPresent(left::remove);
                next.ifPresentOrElse(row -> compare(line, row), () -> missing(line));
            }
            left.forEach(row -> leftOver(row, kindOfLeft(row, lines.size())));
        }

        private Optional<LedgerRow> take(List<LedgerRow> rows, BillLine line) {
            var found =
                    rows.stream()
                            .filter(row -> row.providerRequestId().equals(line.providerRequestId()))
                            .findFirst();
            found.ifPresent(rows::remove);
            return found;
        }

        private void missing(BillLine line) {
            if (rowsForFailures || line.outcome() != Outcome.FAILED) {
                add(Kind.MISSING_ROW, place(line), line.tokens(), "none");
            }
        }

        /// An attempt that reached no provider may have a row, as long as it costs nothing. A
        /// killed node cannot say whether what it was about to send was sent: its orphans cost
        /// their hold. An attempt that follows the billed ones has a row before it has a call.
        private static Kind kindOfLeft(LedgerRow row, int lines) {
            return row.attempt() > lines ? Kind.UNBILLED_ROW : Kind.DOUBLED_ROW;
        }

        private void leftOver(LedgerRow row, Kind kind) {
            var perhapsSent =
                    afterKill && kind == Kind.UNBILLED_ROW && row.usageSource().equals("orphan");
            if (!row.isFree() && !perhapsSent) {
                add(kind, "request " + row.requestId() + " row " + row.id(), "none", row.tokens());
            }
        }

        private void compare(BillLine line, LedgerRow original) {
            var row = corrected(original);
            var isEstimate = !row.usageSource().equals("provider");
            if (isEstimate && mayBeEstimated(line, row)) {
                estimated++;
                if (line.costPicoUsd() > 0 && row.costNanoUsd() == 0) {
                    add(Kind.FREE_TOKENS, place(line), line.costNanoUsd(), 0);
                }
                if (row.usageSource().equals("orphan") && !orphanMax.equals(OrphanMax.ANY)) {
                    compareOrphan(line, row);
                }
                return;
            }
            if (isEstimate) {
                add(Kind.USAGE_SOURCE, place(line), "provider", row.usageSource());
            }
            if (line.outcome() != Outcome.COMPLETE && !row.tokens().equals(line.tokens())) {
                // The provider told of tokens, and then the call broke: its own word stands.
                estimated++;
                return;
            }
            compareAmounts(line, row);
        }

        /// Nobody knows what a dead node had relayed: between what was billed when its connection
        /// was cut and what it held.
        private void compareOrphan(BillLine line, LedgerRow row) {
            var tokens = row.tokens();
            if (tokens.output() < line.tokens().output()
                    || row.costNanoUsd() < line.costNanoUsd()) {
                add(Kind.ORPHAN, place(line), "at least " + line.tokens(), tokens);
            }
            if (tokens.output() > orphanMax.outputTokens()
                    || tokens.input() > orphanMax.inputTokens()) {
                add(Kind.ORPHAN, place(line), "at most " + orphanMax, tokens);
            }
        }

        private boolean mayBeEstimated(BillLine line, LedgerRow row) {
            if (line.outcome() != Outcome.COMPLETE || !line.usageReported()) {
                return true;
            }
            return afterKill
                    && (row.usageSource().equals("orphan")
                            || row.usageSource().equals("estimated"));
        }

        private void compareAmounts(BillLine line, LedgerRow row) {
            if (!row.model().equals(line.model())) {
                add(Kind.MODEL, place(line), line.model(), row.model());
            }
            tokens(line, "uncached_input_tokens", TokenClasses::uncachedInput, row);
            tokens(line, "cache_read_tokens", TokenClasses::cacheRead, row);
            tokens(line, "cache_write_5m_tokens", TokenClasses::cacheWrite5m, row);
            tokens(line, "cache_write_1h_tokens", TokenClasses::cacheWrite1h, row);
            tokens(line, "output_tokens", TokenClasses::output, row);
            tokens(line, "reasoning_tokens", TokenClasses::reasoning, row);
            if (row.costNanoUsd() != line.costNanoUsd()) {
                add(
                        Kind.COST,
                        place(line) + " cost_nano_usd",
                        line.costNanoUsd(),
                        row.costNanoUsd());
            }
        }

        private void tokens(
                BillLine line, String field, ToLongFunction<TokenClasses> of, LedgerRow row) {
            var expected = of.applyAsLong(line.tokens());
            var actual = of.applyAsLong(row.tokens());
            if (expected != actual) {
                add(Kind.TOKENS, place(line) + " " + field, expected, actual);
            }
        }

        /// A row with its corrections, which are signed additions, added up.
        private LedgerRow corrected(LedgerRow row) {
            var sum = row;
            for (var correction : corrections.getOrDefault(row.id(), List.of())) {
                sum = Corrections.add(sum, correction);
            }
            return sum;
        }

        private String place(BillLine line) {
            return "request " + line.gatewayRequestId() + " call " + line.requestNumber();
        }

        private void add(Kind kind, String where, Object expected, Object actual) {
            differences.add(Difference.of(kind, where, expected, actual));
        }
    }

    private static <T> List<T> listIn(Map<String, List<T>> lists, String key) {
        return lists.computeIfAbsent(key, _ -> new ArrayList<>());
    }
}
