package dev.tollgate.budget;

import java.util.List;

/// One budget that a request has to have room in, resolved: its counter and what applies there now.
///
/// @param budget its name, for the refusal
/// @param windowEnd epoch seconds; `Long.MAX_VALUE` for a budget without a period
/// @param limits as configured for the subject, overrides included
/// @param ceilings what posted + held may reach with this request; [Limits#UNLIMITED] for a soft
///   budget
/// @param concurrentMax requests in flight for the subject, 0 for no limit
/// @param alertsPerMille thresholds in thousandths of the limits, ascending
/// @param action what the lowest ceiling does: `reject` or `block`; `alert` for a soft budget
public record BudgetCharge(
        CounterKey counter,
        String budget,
        long windowEnd,
        Limits limits,
        Limits ceilings,
        int concurrentMax,
        List<Integer> alertsPerMille,
        String action) {

    public BudgetCharge {
        alertsPerMille = List.copyOf(alertsPerMille);
    }
}
