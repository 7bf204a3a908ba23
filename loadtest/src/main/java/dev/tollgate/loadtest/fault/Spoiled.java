package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.check.Difference.Kind;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.BillLine.Outcome;
import dev.tollgate.loadtest.provider.TokenClasses;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Spoils the books after all is done, to see that the checker notices: a checker that finds
/// nothing proves nothing. The ledger is spoiled in the database itself.
final class Spoiled {

    private static final String OPEN = "alter table ledger disable trigger user";
    private static final String LEAF =
            "(select id from ledger where usage_source = 'provider' and kind = 'attempt'"
                    + " order by id desc limit 1)";

    private final Stage stage;

    Spoiled(Stage stage) {
        this.stage = stage;
    }

    /// @return what was spoiled, with whether the checker noticed
    List<String> unnoticed() throws SQLException {
        var missed = new ArrayList<String>();
        var before = kinds(stage.upstream().bill());
        if (!kinds(tampered()).contains(Kind.TOKENS)) {
            missed.add("a bill line with one more token");
        }
        execute(
                "insert into ledger select (r).* from (select jsonb_populate_record(null::ledger,"
                        + " to_jsonb(ledger) || jsonb_build_object('id', uuidv7(), 'seq', null))"
                        + " as r from ledger where id = "
                        + LEAF
                        + ") as copy");
        if (before.contains(Kind.DOUBLED_ROW)
                || !kinds(stage.upstream().bill()).contains(Kind.DOUBLED_ROW)) {
            missed.add("a ledger row twice");
        }
        execute(
                "delete from ledger where request_id = (select request_id from ledger where id = "
                        + LEAF
                        + ")");
        if (before.contains(Kind.MISSING_ROW)
                || !kinds(stage.upstream().bill()).contains(Kind.MISSING_ROW)) {
            missed.add("a ledger row gone");
        }
        return missed;
    }

    private Set<Kind> kinds(List<BillLine> bill) {
        var books = GatewayBooks.read(stage.admin(), List.of("everyone"));
        return Checker.tolerant().check(bill, books).differences().stream()
                .map(difference -> difference.kind())
                .collect(Collectors.toSet());
    }

    private List<BillLine> tampered() {
        var bill = new ArrayList<>(stage.upstream().bill());
        for (int i = 0; i < bill.size(); i++) {
            var line = bill.get(i);
            if (line.outcome() == Outcome.COMPLETE && line.usageReported()) {
                bill.set(i, withOneMore(line));
                return bill;
            }
        }
        return bill;
    }

    private static BillLine withOneMore(BillLine line) {
        var tokens = line.tokens();
        return new BillLine(
                line.requestNumber(),
                line.gatewayRequestId(),
                line.providerRequestId(),
                line.dialect(),
                line.path(),
                line.model(),
                new TokenClasses(
                        tokens.uncachedInput(),
                        tokens.cacheRead(),
                        tokens.cacheWrite5m(),
                        tokens.cacheWrite1h(),
                        tokens.output() + 1,
                        tokens.reasoning()),
                line.costPicoUsd(),
                line.outcome(),
                line.usageReported());
    }

    private void execute(String sql) throws SQLException {
        try (var connection = stage.postgres().connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(OPEN);
            if (statement.executeUpdate(sql) == 0) {
                throw new IllegalStateException("nothing spoiled by: " + sql);
            }
            connection.commit();
        }
    }
}
