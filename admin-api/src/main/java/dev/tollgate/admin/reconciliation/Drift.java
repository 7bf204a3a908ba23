package dev.tollgate.admin.reconciliation;

import dev.tollgate.admin.json.Tree;

/// One sum that is not what the ledger says.
///
/// @param what `usage_hourly`, `budget_windows` or `counters`
/// @param key which of them, as the API shows it
/// @param measure the column
/// @param expected by the ledger
public record Drift(String what, Tree key, String measure, long expected, long found) {

    Tree tree() {
        return Tree.object()
                .with("what", what)
                .with("key", key)
                .with("measure", measure)
                .with("expected", expected)
                .with("found", found)
                .with("difference", found - expected);
    }
}
