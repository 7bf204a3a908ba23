package dev.tollgate.loadtest.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Everything the gateway says about what was used, read at one time with no traffic running.
///
/// @param rows the ledger, newest first
/// @param counters of the budgets asked for
/// @param rollUps by model and user
public record GatewayBooks(List<LedgerRow> rows, List<Counter> counters, List<RollUp> rollUps) {

    private static final String ORGANIZATION = "/admin/v1/organizations/local";
    private static final Duration POLL = Duration.ofMillis(200);
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
            pages(admin, ORGANIZATION + "/budgets/" + encoded(budget) + "/usage")
                    .forEach(item -> counters.add(Counter.parse(budget, item)));
        }
        var rollUps =
                pages(admin, ORGANIZATION + "/usage?group_by=model,user").stream()
                        .map(RollUp::parse)
                        .toList();
        return new GatewayBooks(ledger(admin), counters, rollUps);
    }

    /// Reads as [#read], once the ledger has `rowsMin` rows: booking comes a little after the
    /// answer.
    ///
    /// @param patience after which it reads whatever is there
    public static GatewayBooks readWhenBooked(
            GatewayAdmin admin, List<String> budgets, int rowsMin, Duration patience) {
        var polls = Math.max(1, patience.dividedBy(POLL));
        try {
            for (long poll = 0; poll < polls && ledger(admin).size() < rowsMin; poll++) {
                Thread.sleep(POLL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return read(admin, budgets);
    }

    /// Reads all pages of the ledger.
    public static List<LedgerRow> ledger(GatewayAdmin admin) {
        return pages(admin, ORGANIZATION + "/ledger?limit=1000").stream()
                .map(LedgerRow::parse)
                .toList();
    }

    private static List<JsonNode> pages(GatewayAdmin admin, String path) {
        var items = new ArrayList<JsonNode>();
        var cursor = "";
        for (int page = 0; page < PAGES_MAX; page++) {
            var answer = admin.get(path + cursor);
            answer.path("items").forEach(items::add);
            var next = Fields.text(answer, "next");
            if (next.isEmpty()) {
                return items;
            }
            cursor = (path.contains("?") ? "&" : "?") + "cursor=" + encoded(next);
        }
        throw new IllegalStateException(path + " has no last page: " + items.size() + " items");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
