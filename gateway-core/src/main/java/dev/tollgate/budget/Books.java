package dev.tollgate.budget;

import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;

/// The organizations' books, wherever they are. One call is one atomic decision.
///
/// Futures complete on the caller's Vert.x context. They fail with a [dev.tollgate.problem.Refusal]
/// when the state cannot be verified. An adapter seeds cold counters by itself, so that callers
/// never see [Command.Unseeded], and keeps a journal, so that what was held or settled outlives the
/// process.
public interface Books {

    /// After a [Command.Held] answer the intent is in the journal: the upstream may be called.
    Future<Command.HoldResult> hold(String organization, HoldRequest request);

    /// Has elastic budgets cover more of a hold's output, as far as they have room; what is covered
    /// then is in the journal. Completes with the output tokens of one choice that are covered.
    Future<Long> extend(String organization, ExtendRequest request);

    Future<Command.Result> checkpoint(String organization, UUID id, Amounts soFar);

    /// Never fails for want of the grid: what cannot be settled now is kept in the journal and
    /// settled later. The answer is then empty, as it is for a hold the book does not know.
    Future<List<Command.Settled>> settle(
            String organization, UUID id, Amounts used, byte[] outcome);

    /// Ends an attempt and begins the next in one step ([Command.Next]).
    ///
    /// Where the hold is refused, the settlement is [Command.Unsettled]: the first attempt is still
    /// to be settled, or to be followed by another. So it is when this fails; what was taken then
    /// is given back. After a [Command.Held] answer the upstream may be called.
    ///
    /// @param id of the attempt that ends
    Future<Command.NextResult> next(
            String organization, UUID id, Amounts used, byte[] outcome, HoldRequest request);

    /// Whether every hold that is asked for after a settlement was given is decided after it, so
    /// that an answer need not wait for its settlement.
    boolean settlesInOrder();

    /// The standing of counters, unknown ones read from the ledger.
    Future<List<Standing>> standings(String organization, List<BudgetCharge> charges);

    /// Tells the organization's book that a configuration is in force.
    Future<Void> configure(String organization, long configVersion);

    /// A [Command.Hold] without what the adapter adds to it (incarnation, term, time,
    /// acknowledgements).
    record HoldRequest(
            UUID id, long configVersion, Ask ask, List<BudgetCharge> charges, byte[] facts) {
        public HoldRequest {
            charges = List.copyOf(charges);
        }
    }

    /// A [Command.Extend] without what the adapter adds to it.
    ///
    /// @param charges the hold's
    record ExtendRequest(UUID id, Ask ask, List<BudgetCharge> charges) {
        public ExtendRequest {
            charges = List.copyOf(charges);
        }
    }
}
