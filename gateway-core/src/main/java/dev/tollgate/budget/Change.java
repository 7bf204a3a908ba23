package dev.tollgate.budget;

import java.util.List;
import java.util.UUID;

/// What a command changed in a [Book], as it was decided. A backup carries changes out and decides
/// nothing itself, so that one of another version, or one that would decide otherwise, cannot come
/// to differ.
///
/// `tightest` is the place, among the charges that count, of the standing an answer shows; -1 for
/// none.
public sealed interface Change {

    /// A newer term: the book is shut until it is opened in it.
    record Shut(long term) implements Change {}

    /// Owners have received these results; the book keeps each of them.
    record Acknowledge(List<UUID> ids) implements Change {
        public Acknowledge {
            ids = List.copyOf(ids);
        }
    }

    /// A hold is open. Counters it is the first to use begin at zero.
    ///
    /// @param hold without its acknowledgements
    /// @param draws what it takes from buckets; where those stand then, [Fill] says
    /// @param elastic what elastic budgets hold of it
    record Take(
            Command.Hold hold,
            long outputGranted,
            Amounts amounts,
            int tightest,
            List<Draw> draws,
            Elastic elastic)
            implements Change {
        public Take {
            draws = List.copyOf(draws);
        }
    }

    /// Elastic budgets hold more of an open hold.
    ///
    /// @param elastic all they hold of it now
    record Extend(UUID id, Elastic elastic) implements Change {}

    /// A hold from a journal is open. Counters it is the first to use have to be seeded.
    ///
    /// @param draws as when it was taken, as far as the book knows
    /// @param elastic what elastic budgets hold of it
    record Rejoin(Command.Hold hold, Amounts amounts, List<Draw> draws, Elastic elastic)
            implements Change {
        public Rejoin {
            draws = List.copyOf(draws);
        }
    }

    /// Buckets stand at these levels now.
    record Fill(List<Level> levels) implements Change {
        public Fill {
            levels = List.copyOf(levels);
        }
    }

    /// An open hold stands at `soFar` posted.
    record Checkpoint(UUID id, Amounts soFar) implements Change {}

    /// An open hold is settled.
    ///
    /// @param orphan whether without its owner, which will be told [Command.Closed]
    record Settle(
            UUID id,
            Amounts used,
            byte[] outcome,
            boolean overrun,
            int tightest,
            List<OutboxEntry.Crossing> alerts,
            boolean orphan)
            implements Change {
        public Settle {
            alerts = List.copyOf(alerts);
        }
    }

    /// Something is settled that was never held.
    ///
    /// @param charge without its acknowledgements
    record Charge(
            Command.Charge charge, Amounts used, int tightest, List<OutboxEntry.Crossing> alerts)
            implements Change {
        public Charge {
            alerts = List.copyOf(alerts);
        }
    }

    /// An entry from its owner joins the outbox and ends the hold of its id, if one is open. Its
    /// counters have to be seeded once it is booked.
    record Join(Command.Open.Present entry) implements Change {}

    /// The seed is taken.
    record Seed(Command.Seed seed) implements Change {}

    /// Counters have to be seeded anew; none named: all.
    record Unseed(List<CounterKey> counters) implements Change {
        public Unseed {
            counters = List.copyOf(counters);
        }
    }

    /// Entries up to `through` leave the outbox.
    record Booked(long through) implements Change {}

    /// A configuration is in force.
    record Configure(long configVersion) implements Change {}

    /// An opening begins: the holds of members go, entries are numbered anew, counters forgotten.
    ///
    /// @param countersMax the most counters kept from now on, and `resultsMax` likewise
    record Begin(
            long term,
            long epoch,
            long configVersion,
            long openedMillis,
            List<UUID> members,
            int countersMax,
            int resultsMax)
            implements Change {
        public Begin {
            members = List.copyOf(members);
        }
    }

    /// Open holds go without an entry: the ledger has them.
    record Drop(List<UUID> ids) implements Change {
        public Drop {
            ids = List.copyOf(ids);
        }
    }

    /// The opening is done.
    record Finish() implements Change {}
}
