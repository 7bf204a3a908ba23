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

/// Spoils the books after all is done, to see that the checker notices: a checker that finds
/// nothing proves nothing. The ledger is spoiled in the database itself.
final class Spoiled {

    private static final String OPEN = "alter table ledger disable trigger user";
    private static final String LAST =
            "(select id from ledger where usage_source = 'provider' and kind = 'attempt'"
                    + " order by id desc limit 1)";

    private static final String COPY =
            "insert into ledger select (r).* from (select jsonb_populate_record(null::ledger,"
                    + " to_jsonb(ledger) || jsonb_build_object('id', uuidv7(), 'seq', null))"
                    + " as r from ledger where id = "
                    + LAST
                    + ") as copy";
    private static final String REMOVE =
            "delete from ledger where request_id = (select request_id from ledger where id = "
                    + LAST
                    + ")";

    private final Stage stage;

    Spoiled(Stage stage) {
        this.stage = stage;
    }

    /// @return what was spoiled and not noticed
    List<String> unnoticed() throws SQLException {
        var missed = new ArrayList<String>();
        var bill = stage.upstream().bill();
        if (count(tampered(), Kind.TOKENS) <= count(bill, Kind.TOKENS)) {
            missed.add("a bill line with one more token");
        }
        var doubled = count(bill, Kind.DOUBLED_ROW);
        execute(COPY);
        if (count(bill, Kind.DOUBLED_ROW) <= doubled) {
            missed.add("a ledger row twice");
        }
        var missing = count(bill, Kind.MISSING_ROW);
        execute(REMOVE);
        if (count(bill, Kind.MISSING_ROW) <= missing) {
            missed.add("a ledger row gone");
        }
        return missed;
    }

    private long count(List<BillLine> bill, Kind kind) {
        var books = GatewayBooks.read(stage.admin(), List.of("everyone"));
        return Checker.tolerant().check(bill, books).differences().stream()
                .filter(difference -> difference.kind() == kind)
                .count();
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
