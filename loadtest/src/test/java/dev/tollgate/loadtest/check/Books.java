package dev.tollgate.loadtest.check;

import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.Dialect;
import dev.tollgate.loadtest.provider.ProviderPrice;
import dev.tollgate.loadtest.provider.TokenClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Books that agree, for tests to spoil in one place.
final class Books {

    static final String WINDOW = "2026-11-20T00:00:00Z";

    final List<BillLine> bill = new ArrayList<>();
    final List<LedgerRow> rows = new ArrayList<>();
    final List<Counter> counters = new ArrayList<>();
    final List<RollUp> rollUps = new ArrayList<>();

    /// Three complete calls of one user, all in budget `daily`.
    static Books agreeing() {
        var books = new Books();
        var sum = Amounts.NONE;
        for (int i = 1; i <= 3; i++) {
            var line = line(i, new TokenClasses(100L * i, 10, 5, 3, 40, 7));
            books.bill.add(line);
            books.rows.add(row(line));
            sum =
                    sum.plus(
                            new Amounts(
                                    1,
                                    line.tokens().input(),
                                    line.tokens().output(),
                                    line.costNanoUsd()));
        }
        books.counters.add(new Counter("daily", "u1", WINDOW, sum, Amounts.NONE));
        books.rollUps.add(new RollUp("claude-haiku-4-5", "u1", sum));
        return books;
    }

    static BillLine line(int number, TokenClasses tokens) {
        var model = "claude-haiku-4-5";
        return new BillLine(
                number,
                "gateway-" + number,
                "req_" + number,
                Dialect.ANTHROPIC,
                "/v1/messages",
                model,
                tokens,
                ProviderPrice.of(model).orElseThrow().picoUsd(tokens),
                BillLine.Outcome.COMPLETE,
                true);
    }

    static BillLine ended(BillLine line, BillLine.Outcome outcome, boolean reported) {
        var failed = outcome == BillLine.Outcome.FAILED;
        return new BillLine(
                line.requestNumber(),
                line.gatewayRequestId(),
                line.providerRequestId(),
                line.dialect(),
                line.path(),
                line.model(),
                failed ? TokenClasses.NONE : line.tokens(),
                failed ? 0 : line.costPicoUsd(),
                outcome,
                reported);
    }

    static BillLine renamed(BillLine line, String gatewayRequestId) {
        return new BillLine(
                line.requestNumber(),
                gatewayRequestId,
                line.providerRequestId(),
                line.dialect(),
                line.path(),
                line.model(),
                line.tokens(),
                line.costPicoUsd(),
                line.outcome(),
                line.usageReported());
    }

    static LedgerRow row(BillLine line) {
        return new LedgerRow(
                "row-" + line.requestNumber(),
                line.gatewayRequestId(),
                1,
                "attempt",
                "",
                line.model(),
                "u1",
                1,
                line.tokens(),
                line.tokens().input(),
                line.tokens().output(),
                line.costNanoUsd(),
                "provider",
                "complete",
                line.providerRequestId(),
                List.of(new LedgerRow.Charge("daily", "u1", WINDOW)));
    }

    static LedgerRow with(LedgerRow row, String id, String source, TokenClasses tokens, long cost) {
        return new LedgerRow(
                id,
                row.requestId(),
                row.attempt(),
                row.kind(),
                row.corrects(),
                row.model(),
                row.user(),
                row.requests(),
                tokens,
                tokens.input(),
                tokens.output(),
                cost,
                source,
                row.status(),
                row.providerRequestId(),
                row.charges());
    }

    void spoilRow(int index, UnaryOperator<LedgerRow> change) {
        rows.set(index, change.apply(rows.get(index)));
    }

    CheckReport check() {
        return check(Checker.exact());
    }

    CheckReport check(Checker checker) {
        return checker.check(bill, new GatewayBooks(rows, counters, rollUps));
    }
}
