package dev.tollgate.loadtest.check;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Everything the gateway says about what was used, read at one time with no traffic running.
///
/// @param rows the ledger, newest first
/// @param counters of the budgets asked for
/// @param rollUps by model and user
public record GatewayBooks(List<LedgerRow> rows, List<Counter> counters, List<RollUp> rollUps) {

    private static final String ORGANIZATION = "/admin/v1/organizations/local";
    private static final int PAGES_MAX = 100_000;

    public GatewayBooks {
        rows = List.copyOf(rows);
        counters = List.copyOf(counters);
        rollUps = List.copyOf(rollUps);
    }

    /// Reads the whole ledger, the usage of the named budgets, and the usage report.
    public static GatewayBooks read(GatewayAdmin admin, List<String> budgets) {
        var counters = new ArrayList<Counter>();
        for (var budget : budgets) {
            var usage = admin.get(ORGANIZATION + "/budgets/" + encoded(budget) + "/usage");
            var items = usage.isArray() ? usage : usage.path("items");
            items.forEach(item -> counters.add(Counter.parse(budget, item)));
        }
        var rollUps = new ArrayList<RollUp>();
        admin.get(ORGANIZATION + "/usage?group_by=model,user")
                .path("items")
                .forEach(item -> rollUps.add(RollUp.parse(item)));
        return new GatewayBooks(ledger(admin), counters, rollUps);
    }

    /// Reads all pages of the ledger.
    public static List<LedgerRow> ledger(GatewayAdmin admin) {
        var rows = new ArrayList<LedgerRow>();
        var path = ORGANIZATION + "/ledger";
        for (int page = 0; page < PAGES_MAX; page++) {
            var answer = admin.get(path);
            answer.path("items").forEach(item -> rows.add(LedgerRow.parse(item)));
            var next = Fields.text(answer, "next");
            if (next.isEmpty()) {
                return rows;
            }
            path = ORGANIZATION + "/ledger?cursor=" + encoded(next);
        }
        throw new IllegalStateException("the ledger has no last page: " + rows.size() + " rows");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
