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
    /// it has seen; a newer one shuts it until it is opened in that term.
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
            return granted(outputTokens, 0);
        }

        /// The same, of which elastic budgets cover `started` so far.
        public Hold granted(long outputTokens, long started) {
            return new Hold(
                    id,
                    incarnation,
                    term,
                    configVersion,
                    nowMillis,
                    ask.granted(outputTokens, started),
                    charges,
                    facts,
                    List.of());
        }

        Hold acknowledging(List<UUID> ids) {
            return ids.equals(acknowledged)
                    ? this
                    : new Hold(
                            id,
                            incarnation,
                            term,
                            configVersion,
                            nowMillis,
                            ask,
                            charges,
                            facts,
                            ids);
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
    /// @param elastic what elastic budgets hold of it
    record Held(UUID id, long outputGranted, Amounts held, List<Standing> tightest, Elastic elastic)
            implements HoldResult {

        /// Of which every budget holds the same.
        public Held(UUID id, long outputGranted, Amounts held, List<Standing> tightest) {
            this(id, outputGranted, held, tightest, Elastic.NONE);
        }
    }

    /// Has the elastic budgets of an open hold cover more of its output, ahead of its stream: as
    /// much of what is asked for as they have room for.
    ///
    /// What is asked for is a whole and no addition, so that a repeat, however late, extends
    /// nothing twice.
    ///
    /// @param ask the hold's own; its `outputMax` is what one choice is to have covered in all
    record Extend(UUID id, long term, Ask ask) implements Command {}

    /// What is covered now, whether or not it is more than before.
    ///
    /// @param outputTokens of one choice
    record Extended(long outputTokens) implements Result {}

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

    /// The answers to what ends an attempt.
    sealed interface SettleResult extends Result {}

    /// Settled, now or before.
    ///
    /// @param seq of the outbox entry in the book's epoch; 0 when it was booked in an earlier one
    /// @param overrun whether more was used than held
    /// @param tightest as in [Held], after settling
    record Settled(long seq, boolean overrun, List<Standing> tightest) implements SettleResult {}

    /// Ends one attempt of a request and begins another in one step: no other request comes
    /// between. What the first held is free for the second, and the request counts once among those
    /// in flight. Where the second is refused nothing changes: the first stays open ([Unsettled]).
    ///
    /// @param settle has no requests: the request moves on to the second attempt, which holds it
    record Next(Settle settle, Hold hold) implements Command {

        public Next {
            if (settle.term() != hold.term()) {
                throw new IllegalArgumentException(
                        "terms: %d and %d (expected: the same)"
                                .formatted(settle.term(), hold.term()));
            }
        }

        @Override
        public long term() {
            return hold.term();
        }
    }

    /// The first attempt of a [Next] is still open, for its second was refused.
    record Unsettled() implements SettleResult {}

    /// What became of both attempts.
    record NextResult(SettleResult settled, HoldResult hold) implements Result {}

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

        Charge acknowledging(List<UUID> ids) {
            return ids.equals(acknowledged)
                    ? this
                    : new Charge(
                            id, incarnation, term, configVersion, nowMillis, charges, row, ids);
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

    /// Forgets what counters have from the ledger, so that they are seeded anew.
    ///
    /// @param counters empty for all
    record Reseed(long term, List<CounterKey> counters) implements Command {
        public Reseed {
            counters = bounded("counters", counters);
        }
    }

    /// How many known counters have to be seeded now.
    record Reseeded(int counters) implements Result {}

    /// Opens a book in its term: one that is absent, or one that a newer term has shut. Each
    /// opening is an epoch; it begins with its first part and is done with its last, and parts may
    /// be told again.
    ///
    /// What is open afterwards comes from three places. Of the members of the term, their journals
    /// alone say what they hold and have settled: it comes in `holds`, with the ask as it was
    /// granted ([Hold#granted]), and in `entries`. Of others the book keeps the holds it has, but
    /// for those the ledger has by now (`gone`), for [Orphan] to settle. Entries not yet booked
    /// stay; booking skips ids it has, so one too many is harmless.
    ///
    /// Every counter is forgotten and has to be seeded with values that include all joined entries.
    ///
    /// @param epoch of this life of the book, from PostgreSQL, each greater than the one before
    /// @param openedMillis cluster time: counters of windows that begin later start at zero without
    ///   a read
    /// @param members the incarnations of the term
    /// @param gone ids of holds of others that the ledger has
    /// @param first whether the epoch begins with this; a later part of an epoch that the book does
    ///   not know gets [NotOpen]
    /// @param last whether the book is open now; until then, more of the same epoch follows
    record Open(
            long term,
            long epoch,
            long configVersion,
            long openedMillis,
            List<UUID> members,
            List<Hold> holds,
            List<Present> entries,
            List<UUID> gone,
            boolean first,
            boolean last)
            implements Command {

        public Open {
            members = bounded("members", members);
            holds = bounded("holds", holds);
            entries = bounded("entries", entries);
            gone = bounded("gone", gone);
        }

        /// Opens at once, and keeps all holds there are.
        public Open(
                long term,
                long epoch,
                long configVersion,
                long openedMillis,
                List<Hold> holds,
                List<Present> entries) {
            this(
                    term,
                    epoch,
                    configVersion,
                    openedMillis,
                    List.of(),
                    holds,
                    entries,
                    List.of(),
                    true,
                    true);
        }

        /// An entry that its owner settled, and that is perhaps not booked.
        public record Present(
                UUID id, UUID incarnation, List<BudgetCharge> charges, Amounts used, byte[] row) {
            public Present {
                used.requireNotNegative();
                charges = bounded("charges", charges);
            }
        }
    }

    /// The book's epoch. The command is taken if it is the command's; the book is then open if it
    /// was the last. Otherwise a later opening was faster.
    record Opened(long epoch) implements Result {}

    /// Settles the open holds of an incarnation that is no member for all they held: it may be cut
    /// off and still streaming, so that only the full hold keeps a hard budget. What its owner says
    /// later gets [Closed], and [Correct] follows.
    record Orphan(UUID incarnation, long term, long nowMillis) implements Command {}

    /// How many holds were settled.
    record Orphaned(int holds) implements Result {}

    /// The truth about an attempt whose hold the book does not know, from its owner, which did not
    /// find it in the ledger: the hold was settled as an orphan's, or lost.
    ///
    /// The entry joins the outbox under the hold's id. Booking makes it a correction where the
    /// ledger has an orphan's entry, and skips it where the ledger has it already; since the book
    /// cannot know which, the counters are seeded anew when it is booked. Answered as a [Settle].
    record Correct(
            UUID id,
            long term,
            long nowMillis,
            UUID incarnation,
            List<BudgetCharge> charges,
            Amounts used,
            byte[] row)
            implements Command {

        public Correct {
            used.requireNotNegative();
            charges = bounded("charges", charges);
        }
    }

    /// A newer configuration is in force; holds resolved with an older one are [Stale].
    record Configure(long term, long configVersion) implements Command {}

    record Configured(long configVersion) implements Result {}

    // --- answers any command can get ---

    /// The book is absent, or not open in the command's term.
    record NotOpen() implements HoldResult {}

    /// The command's term is older than the book's.
    record OldTerm(long term) implements HoldResult {}

    /// No such hold: it was settled without its owner, or settled and acknowledged, or it never
    /// was.
    record Closed() implements HoldResult, SettleResult {}

    /// The command could not be decided: a bug. Nothing has changed.
    record Failed(String reason) implements Result {}

    private static <T> List<T> bounded(String name, List<T> items) {
        if (items.size() > ITEMS_MAX) {
            throw new IllegalArgumentException(
                    name + ": " + items.size() + " (expected: at most " + ITEMS_MAX + ")");
        }
        return List.copyOf(items);
    }
}
