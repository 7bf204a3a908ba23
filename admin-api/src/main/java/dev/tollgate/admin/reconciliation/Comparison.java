package dev.tollgate.admin.reconciliation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a comparison of the roll-ups with the ledger looked at and what it found.
///
/// @param start hours and windows that began earlier were left out; empty for none
/// @param hours rows of `usage_hourly`
/// @param windows rows of `budget_windows`
public record Comparison(
        Optional<Instant> start,
        long hours,
        long hoursLeftOut,
        long windows,
        long windowsLeftOut,
        List<Drift> drifts) {

    public Comparison {
        drifts = List.copyOf(drifts);
    }
}
