package dev.tollgate.loadtest.check;

/// One thing on which two books disagree.
///
/// @param where the request, counter or roll-up, with the field
public record Difference(Kind kind, String where, String expected, String actual) {

    /// What can differ.
    public enum Kind {
        /// Billed, but not in the ledger.
        MISSING_ROW,
        /// More rows than upstream calls, or one id twice.
        DOUBLED_ROW,
        /// In the ledger, but the provider knows of no such request.
        UNBILLED_ROW,
        TOKENS,
        COST,
        MODEL,
        /// Estimated although the provider told its usage.
        USAGE_SOURCE,
        /// The provider billed something, and the ledger has it for nothing.
        FREE_TOKENS,
        /// A dead node's call settled for less than was billed, or for more than it held.
        ORPHAN,
        /// A row's total is not the sum of its classes.
        TOTALS,
        /// A counter is not the sum of its charges.
        COUNTER,
        /// Something is still held with nothing in flight.
        HELD,
        /// The usage report is not the sum of the rows.
        ROLL_UP
    }

    static Difference of(Kind kind, String where, Object expected, Object actual) {
        return new Difference(kind, where, String.valueOf(expected), String.valueOf(actual));
    }

    @Override
    public String toString() {
        return kind + " " + where + ": " + actual + " (expected: " + expected + ")";
    }
}
