package dev.tollgate.loadtest.fault;

import java.util.List;

/// What the books say after a fault, compared with what clients and providers saw.
///
/// @param acknowledged whole answers clients got since the last verdict
/// @param lost of those, or of billed calls, without a row in the ledger
/// @param doubled rows too many
/// @param overAdmitted requests past a hard budget
/// @param approximate acknowledged calls that are booked otherwise than the provider told, and not
///   corrected
/// @param usableShare the least used share of any hard budget that was asked for all it has
/// @param orphans rows of calls whose node died
/// @param others every other difference
record Verdict(
        long acknowledged,
        long lost,
        long doubled,
        long overAdmitted,
        long approximate,
        double usableShare,
        long orphans,
        List<String> others) {

    Verdict {
        others = List.copyOf(others);
    }
}
