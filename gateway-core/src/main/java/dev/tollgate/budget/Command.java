package dev.tollgate.budget;

import java.util.List;
import java.util.UUID;

/// A change to a [Book]. Commands carry their own time and ids, so that applying one again, here or
/// on a backup, has the same effect; a repeat with the same id gets the first result.
///
/// Byte arrays in commands are the members of a JSON object (a part of the ledger row, without
/// braces) that the book joins and never reads.
///
/// Lists have at most [#ITEMS_MAX] items; constructors refuse more.
public sealed interface Command {

    /// The most charges, counters, holds, entries or ids one command carries.
    int ITEMS_MAX = 500;

    /// The admission lease's term the sender acts under. A book refuses terms older than the newest
    /// it has seen.
    long term();

    /// The answer a command gets.
    sealed interface Result {}

    /// Checks every charge and takes all of them, or names the first that lacks room.
    ///
    /// @param id of the hold and of the ledger row it becomes (UUIDv7)
    /// @param incarnation the life of the node that asks
    /// @param configVersion the organization's configuration the charges were resolved with
    /// @param nowMillis cluster time
    /// @param facts the part of the ledger row known now; always ends up in the row
    /// @param charges each budget at most once
    /// @param acknowledged ids whose settlements ([Settled]) the owner has received
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
            charges = bounded("charges", charges);
            acknowledged = bounded("acknowledged", acknowledged);
        }

        /// The same hold as it was granted, so that opening a book with it holds no more than that:
        /// what a journal keeps.
        public Hold granted(long outputTokens) {
            return new Hold(
                    id,
                    incarnation,
                    term,
                    configVersion,
                    nowMillis,
                    ask.granted(outputTokens),
                    charges,
                    facts,
                    List.of());
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

    /// A rate does not allow it yet, and nothing was taken.
    ///
    /// @param rate the one that takes longest
    /// @param throttled whether it began at a threshold
    /// @param asked the least that would have been taken, in the rate's measure
    /// @param left what the bucket has
    /// @param waitMillis when it would fit, if nothing else comes; negative when it never can
    record RateLimited(
            CounterKey counter,
            String budget,
            Rate rate,
            boolean throttled,
            long asked,
            long left,
            long waitMillis)
            implements HoldResult {}

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
    /// shrinks. What exceeds the hold is left for the settlement.
    record Checkpoint(UUID id, long term, Amounts soFar) implements Command {
        public Checkpoint {
            soFar.requireNotNegative();
        }
    }

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
            used.requireNotNegative();
            acknowledged = bounded("acknowledged", acknowledged);
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
            charges = bounded("charges", charges);
            acknowledged = bounded("acknowledged", acknowledged);
        }
    }

    /// Sets counters from the ledger, unless they are known already.
    ///
    /// @param bookedThrough the mark the values include, read in the same snapshot; a seed older
    ///   than the book's is refused
    record Seed(long term, long epoch, long bookedThrough, List<Seeded> counters)
            implements Command {

        public Seed {
            counters = bounded("counters", counters);
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

    /// Opens a book that is absent, or opens one anew in a later epoch, with what the members and
    /// their journals still hold.
    ///
    /// Entries are joined to the outbox by id; an entry that is booked already is harmless, since
    /// booking skips ids it has. Holds are open again for [Orphan] or their owner to settle, with
    /// their ask as it was granted ([Hold#granted]); the sender leaves out those whose id is in the
    /// ledger, which it looks up after it has fenced the bookers of earlier epochs. Every counter
    /// is forgotten and has to be seeded with values that include all joined entries.
    ///
    /// @param epoch of this life of the book, from PostgreSQL, each greater than the one before
    /// @param openedMillis cluster time: counters of windows that begin later start at zero without
    ///   a read
    /// @param last whether the book is open now; until then, more of the same epoch follows
    record Open(
            long term,
            long epoch,
            long configVersion,
            long openedMillis,
            List<Hold> holds,
            List<Present> entries,
            boolean last)
            implements Command {

        public Open {
            holds = bounded("holds", holds);
            entries = bounded("entries", entries);
        }

        /// Opens at once.
        public Open(
                long term,
                long epoch,
                long configVersion,
                long openedMillis,
                List<Hold> holds,
                List<Present> entries) {
            this(term, epoch, configVersion, openedMillis, holds, entries, true);
        }

        /// An entry settled in an earlier life of the book and perhaps not booked.
        public record Present(UUID id, List<BudgetCharge> charges, Amounts used, byte[] row) {
            public Present {
                used.requireNotNegative();
                charges = bounded("charges", charges);
            }
        }
    }

    /// The command is taken; the book is open if it was the last.
    record Opened(long epoch) implements Result {}

    /// Settles the open holds of a dead incarnation for all they held. The incarnation is closed:
    /// what it sends later gets [Closed].
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

    private static <T> List<T> bounded(String name, List<T> items) {
        if (items.size() > ITEMS_MAX) {
            throw new IllegalArgumentException(
                    name + ": " + items.size() + " (expected: at most " + ITEMS_MAX + ")");
        }
        return List.copyOf(items);
    }
}
