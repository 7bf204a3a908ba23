package dev.tollgate.budget;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import java.util.List;
import java.util.UUID;

/// Renders ledger rows as the members of a JSON object, in the two parts in which they become
/// known.
public interface LedgerRows {

    /// Who, what and where, and the budgets charged. Known when the hold is taken.
    byte[] facts(Exchange exchange, UUID id, int attempt, List<BudgetCharge> charges);

    /// Tokens, cost, status and timings. Known when the last byte has passed.
    ///
    /// @param requests stands for that of the facts, which is 1
    byte[] outcome(Exchange exchange, Outcome outcome, long requests);
}
