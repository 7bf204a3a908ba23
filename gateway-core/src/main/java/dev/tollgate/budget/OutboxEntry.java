package dev.tollgate.budget;

import java.util.List;
import java.util.UUID;

/// A ledger row on its way to PostgreSQL.
///
/// @param seq dense, from 1, within the book's epoch
/// @param row a JSON object with the columns of the row
/// @param alerts thresholds that this entry's settlement crossed
public record OutboxEntry(long seq, UUID id, byte[] row, List<Crossing> alerts) {

    public OutboxEntry {
        alerts = List.copyOf(alerts);
    }

    /// A threshold passed for the first time in its window.
    public record Crossing(
            CounterKey counter, Measure measure, int perMille, long limit, long used) {}
}
