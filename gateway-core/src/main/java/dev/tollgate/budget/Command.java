package dev.tollgate.budget;

import java.util.List;
import java.util.UUID;

/// A change to a [Book]. Commands carry their own time and ids, so that applying one again, here or
/// on a backup, has the same effect; a repeat with the same id gets the first result.
///
/// Byte arrays in commands are the members of a JSON object (a part of the ledger row, without
/// braces) that the book joins and never reads.
public sealed interface Command {

    /// The most charges, counters, holds, entries or ids one command carries.
    int ITEMS_MAX = 500;

    /// The answer a command gets.
    sealed interface Result {}

    /// Checks every charge and takes all of them, or names the first that lacks room.
    ///
    /// @param id of the hold and of the ledger row it becomes (UUIDv7)
    /// @param incarnation the life of the node that asks
    /// @param configVersion the organization's configuration the charges were resolved with
    /// @param nowMillis cluster time
    /// @param facts the part of the ledger row known now; always ends up in the row
    /// @param acknowledged ids whose results the owner has received
    record Hold(
            UUID id,
            UUID incarnation,
            long term,
            long configVersion,
            long nowMillis,
            Ask ask,
            List<BudgetCharge> charges,
            byte[] facts,
            List<UUID> acknowledged)
            implements Command {

        public Hold {
            charges = List.copyOf(charges);
            acknowledged = List.copyOf(acknowledged);
        }
    }

    /// The answers to [Hold].
    sealed interface HoldResult extends Result {}

    /// Taken.
    ///
    /// @param outputGranted the output tokens of one choice that are covered, between the ask's
    ///   bounds
    /// @param held what was taken
    /// @param tightest the standing with the smallest share left; empty without charges
    record Held(UUID id, long outputGranted, Amounts held, List<Standing> tightest)
            implements HoldResult {}

    /// A charge lacks room, and nothing was taken.
    ///
    /// @param asked the least that would have been taken, in `measure`
    /// @param ceiling what posted + held may reach
    /// @param freeable whether it would fit if every hold in flight came back unused
    record Exhausted(
            Standing standing,
            Measure measure,
            long asked,
            long ceiling,
            String action,
            boolean freeable)
            implements HoldResult {}

    /// A budget's concurrency limit is reached.
    record Crowded(String budget, String subject, int concurrentMax) implements HoldResult {}

    /// The book has seen a newer configuration: refresh and ask again with the same id.
    record Stale(long configVersion) implements HoldResult {}

    /// Counters the book does not know and cannot start at zero: seed them and ask again.
    record Unseeded(List<CounterKey> counters) implements HoldResult {
        public Unseeded {
            counters = List.copyOf(counters);
        }
    }

    /// The book has no room for more counters, or for more entries not yet booked.
    record Full(String what) implements HoldResult {}

    /// Moves a part of a hold from held to posted as output arrives. Cumulative: `soFar` never
    /// shrinks.
    record Checkpoint(UUID id, long term, Amounts soFar) implements Command {}

    /// The hold now stands at `soFar` posted.
    record Checkpointed() implements Result {}

    /// Replaces a hold by what was used; the row joins the outbox in the same call.
    ///
    /// @param outcome the rest of the ledger row
    record Settle(
            UUID id,
            long term,
            long nowMillis,
            Amounts used,
            byte[] outcome,
            List<UUID> acknowledged)
            implements Command {

        public Settle {
            acknowledged = List.copyOf(acknowledged);
        }
    }

    /// Settled, now or before.
    ///
    /// @param seq of the outbox entry
    /// @param overrun whether more was used than held
    /// @param tightest as in [Held], after settling
    record Settled(long seq, boolean overrun, List<Standing> tightest) implements Result {}

    /// Books an answer that cost no upstream call: debits request limits only.
    ///
    /// @param row the whole ledger row
    record Charge(
            UUID id,
            UUID incarnation,
            long term,
            long configVersion,
            long nowMillis,
            List<BudgetCharge> charges,
            byte[] row,
            List<UUID> acknowledged)
            implements Command {

        public Charge {
            charges = List.copyOf(charges);
            acknowledged = List.copyOf(acknowledged);
        }
    }

    /// Sets counters from the ledger, unless they are known already.
    ///
    /// @param bookedThrough the mark the values include, read in the same snapshot; a seed older
    ///   than the book's is refused
    record Seed(long term, long epoch, long bookedThrough, List<Seeded> counters)
            implements Command {

        public Seed {
            counters = List.copyOf(counters);
        }

        /// One counter's booked sum.
        public record Seeded(CounterKey counter, long windowEnd, Amounts posted) {}
    }

    /// Whether the seed was taken.
    record SeedTaken(boolean taken) implements Result {}

    /// Entries up to `through` are in PostgreSQL and may leave the outbox.
    record Booked(long term, long epoch, long through) implements Command {}

    /// The ids whose entries left the outbox.
    record BookedIds(List<UUID> ids) implements Result {}

    /// Opens a book that is absent, with what the members' journals still hold.
    ///
    /// Entries are joined to the outbox by id; holds are open again for [Orphan] or their owner to
    /// settle.
    ///
    /// @param epoch of this life of the book, from PostgreSQL
    /// @param openedMillis cluster time: counters of windows that begin later start at zero without
    ///   a read
    record Open(
            long term,
            long epoch,
            long configVersion,
            long openedMillis,
            List<Hold> holds,
            List<Present> entries)
            implements Command {

        public Open {
            holds = List.copyOf(holds);
            entries = List.copyOf(entries);
        }

        /// An entry settled in an earlier life of the book and perhaps not booked.
        public record Present(UUID id, List<BudgetCharge> charges, Amounts used, byte[] row) {
            public Present {
                charges = List.copyOf(charges);
            }
        }
    }

    /// The book is open.
    record Opened(long epoch) implements Result {}

    /// Settles the open holds of a dead incarnation for all they held.
    record Orphan(UUID incarnation, long term, long nowMillis) implements Command {}

    /// How many holds were settled.
    record Orphaned(int holds) implements Result {}

    /// A newer configuration is in force; holds resolved with an older one are [Stale].
    record Configure(long term, long configVersion) implements Command {}

    record Configured(long configVersion) implements Result {}

    // --- answers any command can get ---

    /// The book is absent or has not been opened.
    record NotOpen() implements HoldResult {}

    /// The command's term is older than the book's.
    record OldTerm(long term) implements HoldResult {}

    /// No such hold: its owner's incarnation was closed, or it never was.
    record Closed() implements HoldResult {}
}
