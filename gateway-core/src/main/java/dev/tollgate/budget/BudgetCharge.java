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
/// @param counts whether the request counts for the budget. One that doesn't takes nothing from it
///   and is not in its ledger row's charges, but is refused once posted has reached a ceiling
///   (`block` of models other than those that count)
public record BudgetCharge(
        CounterKey counter,
        String budget,
        long windowEnd,
        Limits limits,
        Limits ceilings,
        int concurrentMax,
        List<Integer> alertsPerMille,
        String action,
        boolean counts) {

    public BudgetCharge {
        alertsPerMille = List.copyOf(alertsPerMille);
    }

    /// A charge that counts.
    public BudgetCharge(
            CounterKey counter,
            String budget,
            long windowEnd,
            Limits limits,
            Limits ceilings,
            int concurrentMax,
            List<Integer> alertsPerMille,
            String action) {
        this(
                counter,
                budget,
                windowEnd,
                limits,
                ceilings,
                concurrentMax,
                alertsPerMille,
                action,
                true);
    }

    /// Whether it can refuse a request for want of room.
    public boolean hard() {
        return !ceilings.equals(Limits.UNLIMITED);
    }
}
