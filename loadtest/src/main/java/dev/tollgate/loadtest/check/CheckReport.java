package dev.tollgate.loadtest.check;

import java.util.List;
import java.util.stream.Collectors;

/// What a check found.
///
/// @param billLines and `rows`, `counters`: how many were compared, so that an empty comparison
///   shows
/// @param estimated rows taken as allowed estimates
public record CheckReport(
        int billLines, int rows, int counters, int estimated, List<Difference> differences) {

    public CheckReport {
        differences = List.copyOf(differences);
    }

    public boolean agrees() {
        return differences.isEmpty();
    }

    @Override
    public String toString() {
        var head =
                "%d bill lines, %d ledger rows (%d estimated), %d counters: %d differences"
                        .formatted(billLines, rows, estimated, counters, differences.size());
        return differences.stream()
                .map(difference -> "\n  " + difference)
                .collect(Collectors.joining("", head, ""));
    }
}
