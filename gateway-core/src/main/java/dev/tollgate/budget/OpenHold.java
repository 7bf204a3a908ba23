package dev.tollgate.budget;

import java.util.UUID;

/// A hold that is not settled yet. Mutable in what checkpoints have told; belongs to a [Book].
final class OpenHold {

    /// What an outcome is expected to add to the facts of a row, for the bound on bytes.
    static final int OUTCOME_BYTES = 1024;

    final UUID id;
    final UUID incarnation;
    final boolean priced;
    final Amounts amounts;
    final BudgetCharge[] charges;
    final Counter[] counters;
    final byte[] facts;
    final Command.Held held;
    Amounts soFar = Amounts.NONE;

    OpenHold(
            Command.Hold hold,
            Amounts amounts,
            BudgetCharge[] charges,
            Counter[] counters,
            Command.Held held) {
        this.id = hold.id();
        this.incarnation = hold.incarnation();
        this.priced = hold.ask().priced();
        this.amounts = amounts;
        this.charges = charges;
        this.counters = counters;
        this.facts = hold.facts();
        this.held = held;
    }

    long bytes() {
        return (long) facts.length + OUTCOME_BYTES;
    }
}
