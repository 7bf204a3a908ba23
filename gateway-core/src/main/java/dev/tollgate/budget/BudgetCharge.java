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
/// @param action what the lowest ceiling does: `reject`, `block` or `downgrade`; `alert` when there
///   is none
/// @param counts whether the request counts for the budget. One that doesn't takes nothing from it
///   and is not in its ledger row's charges, but is refused once posted has reached a ceiling
///   (`block` of models other than those that count)
/// @param rates how fast the subject may go, each measure at most once
/// @param throttles ascending by where they begin; the last that has begun applies
/// @param elastic whether its limits are held for what a stream has produced and a margin, where
///   the request allows that, and not for its worst case
public record BudgetCharge(
        CounterKey counter,
        String budget,
        long windowEnd,
        Limits limits,
        Limits ceilings,
        int concurrentMax,
        List<Integer> alertsPerMille,
        String action,
        boolean counts,
        List<Rate> rates,
        List<Throttle> throttles,
        boolean elastic) {

    public BudgetCharge {
        alertsPerMille = List.copyOf(alertsPerMille);
        rates = List.copyOf(rates);
        throttles = List.copyOf(throttles);
    }

    /// That holds the worst case.
    public BudgetCharge(
            CounterKey counter,
            String budget,
            long windowEnd,
            Limits limits,
            Limits ceilings,
            int concurrentMax,
            List<Integer> alertsPerMille,
            String action,
            boolean counts,
            List<Rate> rates,
            List<Throttle> throttles) {
        this(
                counter,
                budget,
                windowEnd,
                limits,
                ceilings,
                concurrentMax,
                alertsPerMille,
                action,
                counts,
                rates,
                throttles,
                false);
    }

    /// Without rates.
    public BudgetCharge(
            CounterKey counter,
            String budget,
            long windowEnd,
            Limits limits,
            Limits ceilings,
            int concurrentMax,
            List<Integer> alertsPerMille,
            String action,
            boolean counts) {
        this(
                counter,
                budget,
                windowEnd,
                limits,
                ceilings,
                concurrentMax,
                alertsPerMille,
                action,
                counts,
                List.of(),
                List.of());
    }

    /// A charge that counts, without rates.
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

    /// Whether it can refuse a request.
    public boolean hard() {
        return !ceilings.equals(Limits.UNLIMITED)
                || concurrentMax > 0
                || !rates.isEmpty()
                || !throttles.isEmpty();
    }
}
