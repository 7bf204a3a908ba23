package dev.tollgate.budget;

import dev.tollgate.budget.Command.NotOpen;
import dev.tollgate.budget.Command.OldTerm;
import dev.tollgate.budget.Command.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One organization's quota state: counters, open holds, and the ledger rows not yet booked.
///
/// Pure: no clock, no randomness, no I/O; the same commands in the same order give the same book.
/// Changed by one thread at a time. A command is decided first and then carried out as [Change]s,
/// which cannot fail; a backup carries out the same changes and decides nothing.
///
/// A book is open in one term. Refusals that look at its state come in this order: [OldTerm],
/// [NotOpen], [Command.Stale], (a repeat gets its first result), [Command.Closed], [Command.Full],
/// [Command.Unseeded], [Command.Crowded], [Command.Exhausted], [Command.RateLimited].
public final class Book {

    /// Past that, counters without open holds or unbooked entries leave, longest unused first.
    public static final int COUNTERS_MAX = 100_000;

    /// Entries not yet booked, and open holds, which become entries.
    public static final int OUTBOX_ENTRIES_MAX = 200_000;

    /// Bytes of those entries' rows.
    public static final long OUTBOX_BYTES_MAX = 64L << 20;

    /// The most one request can hold in any measure: 8.8 trillion tokens, or $8,796. A larger ask
    /// does not fit under a ceiling; without one, no more than this is held.
    public static final long AMOUNT_MAX = 1L << 43;

    /// Before the first id of any page.
    public static final UUID BEFORE_ALL = new UUID(Long.MIN_VALUE, Long.MIN_VALUE);

    private static final Bounds BOUNDS =
            new Bounds(COUNTERS_MAX, OUTBOX_ENTRIES_MAX, OUTBOX_BYTES_MAX);

    private final BookState state;
    private final Holding holding;
    private final Joining joining;
    private final Booking booking;

    public Book() {
        this(BOUNDS);
    }

    Book(Bounds bounds) {
        this.state = new BookState(bounds.countersMax(), bounds.entriesMax());
        this.holding = new Holding(state, bounds);
        this.joining = new Joining(state, holding, bounds);
        this.booking = new Booking(state);
    }

    /// How much a book may keep.
    record Bounds(int countersMax, int entriesMax, long bytesMax) {}

    /// Whether a book takes commands.
    public enum Phase {

        /// Not opened in its term, or never.
        SHUT,

        /// The first part of an opening came, and the last did not.
        OPENING,

        OPEN
    }

    // --- commands ---

    /// Decides `command` and carries the decision out.
    public Result apply(Command command) {
        return decide(command);
    }

    /// As [#apply(Command)], and tells `changes` what changed, in order.
    public Result apply(Command command, Consumer<Change> changes) {
        state.tell(changes);
        try {
            return decide(command);
        } finally {
            state.tell(null);
        }
    }

    private Result decide(Command command) {
        if (command.term() < state.term()) {
            return new OldTerm(state.term());
        }
        if (command instanceof Command.Open open) {
            return joining.open(open);
        }
        if (command.term() > state.term()) {
            state.shut(new Change.Shut(command.term()));
        }
        if (!state.isOpen()) {
            return new NotOpen();
        }
        return switch (command) {
            case Command.Hold hold -> holding.hold(hold);
            case Command.Extend extend -> holding.extend(extend);
            case Command.Settle settle -> holding.settle(settle);
            case Command.Next next -> holding.next(next);
            case Command.Checkpoint checkpoint -> holding.checkpoint(checkpoint);
            case Command.Charge charge -> holding.charge(charge);
            case Command.Configure configure -> holding.configure(configure);
            case Command.Seed seed -> booking.seed(seed);
            case Command.Reseed reseed -> booking.reseed(reseed);
            case Command.Booked booked -> booking.booked(booked);
            case Command.Open open -> joining.open(open);
            case Command.Orphan orphan -> joining.orphan(orphan);
            case Command.Correct correct -> joining.correct(correct);
        };
    }

    /// How many changes there were.
    public long version() {
        return state.version();
    }

    /// `results` with where the book stands.
    Answers answers(List<Result> results) {
        return new Answers(state.term(), state.epoch(), state.outbox.bookedThrough(), results);
    }

    // --- copies ---

    /// Carries out, on a backup's book, what was decided by the primary's.
    ///
    /// @param book null where the backup has none
    /// @param versionBefore of the primary's book, before the changes
    /// @throws TornException when the backup's book is not as the primary's was, before anything is
    ///   changed
    public static Book replicate(@Nullable Book book, long versionBefore, List<Change> changes) {
        var version = book == null ? 0 : book.version();
        if (version != versionBefore) {
            throw new TornException(version, versionBefore);
        }
        var copy = book == null ? new Book() : book;
        copy.replicate(changes);
        return copy;
    }

    void replicate(List<Change> changes) {
        changes.forEach(state::carryOut);
    }

    /// A backup misses changes, or has some that the primary has not.
    public static final class TornException extends IllegalStateException {

        private static final long serialVersionUID = 1L;

        TornException(long version, long expected) {
            super("version of the backup: %d (expected: %d)".formatted(version, expected));
        }
    }

    public BookImage image() {
        return state.image();
    }

    /// @throws IllegalArgumentException for an image that no book gave
    public static Book of(BookImage image) {
        return of(image, BOUNDS);
    }

    static Book of(BookImage image, Bounds bounds) {
        var book = new Book(bounds);
        book.state.restore(image);
        return book;
    }

    // --- reads ---

    /// Entries numbered after `afterSeq`, in order, at most `max`, each id at most once.
    public List<OutboxEntry> unbooked(long afterSeq, int max) {
        return state.outbox.after(afterSeq, max);
    }

    /// Where the counters of `charges` stand; all are unknown while the book is not open.
    public Standings standings(List<BudgetCharge> charges) {
        var known = new ArrayList<Standing>();
        var unknown = new ArrayList<CounterKey>();
        for (var charge : charges) {
            var key = charge.counter();
            var counter = state.counters.get(key);
            if (!state.isOpen()) {
                unknown.add(key);
            } else if (counter != null && counter.seeded) {
                known.add(counter.standing(charge));
            } else if (counter == null && state.counters.startsAtZero(key)) {
                known.add(state.counters.draft(key, charge.windowEnd(), true).standing(charge));
            } else {
                unknown.add(key);
            }
        }
        return new Standings(known, unknown);
    }

    /// The standings a book knows, and the counters that have to be seeded first.
    public record Standings(List<Standing> known, List<CounterKey> unknown) {
        public Standings {
            known = List.copyOf(known);
            unknown = List.copyOf(unknown);
        }
    }

    /// Open holds of others than `incarnations`, in the order of their ids, after one.
    public List<HoldOwner> holdsOfOthers(Collection<UUID> incarnations, UUID after, int max) {
        var known = Set.copyOf(incarnations);
        return state.holds.page(after, max, hold -> !known.contains(hold.incarnation)).stream()
                .map(hold -> new HoldOwner(hold.id, hold.incarnation))
                .toList();
    }

    /// An open hold and the life of the node that took it.
    public record HoldOwner(UUID id, UUID incarnation) {}

    /// Ids of an incarnation's open holds taken before `takenBeforeMillis`, in order, after one.
    public List<UUID> holdsOf(UUID incarnation, long takenBeforeMillis, UUID after, int max) {
        return state
                .holds
                .page(
                        after,
                        max,
                        hold ->
                                hold.incarnation.equals(incarnation)
                                        && hold.nowMillis < takenBeforeMillis)
                .stream()
                .map(hold -> hold.id)
                .toList();
    }

    /// What the book counts for those of `keys` that it knows, for comparison with the ledger.
    public Live live(Collection<CounterKey> keys) {
        var wanted = Set.copyOf(keys);
        var unbooked = new HashMap<CounterKey, Amounts>();
        for (var entries = state.outbox.lastFirst(); entries.hasNext(); ) {
            var entry = entries.next();
            for (var counter : entry.counters()) {
                if (wanted.contains(counter.key)) {
                    unbooked.merge(counter.key, entry.used(), Amounts::plus);
                }
            }
        }
        var counters = new ArrayList<LiveCounter>();
        for (var key : wanted) {
            var counter = state.counters.get(key);
            if (state.isOpen() && counter != null && counter.seeded) {
                var soFar = counter.soFar.amounts();
                counters.add(
                        new LiveCounter(
                                key,
                                counter.settled.amounts().plus(soFar),
                                unbooked.getOrDefault(key, Amounts.NONE).plus(soFar)));
            }
        }
        return new Live(state.epoch(), state.outbox.bookedThrough(), counters);
    }

    /// Counters at one moment.
    public record Live(long epoch, long bookedThrough, List<LiveCounter> counters) {
        public Live {
            counters = List.copyOf(counters);
        }
    }

    /// @param posted in all
    /// @param unbooked what of it the ledger does not have: entries on their way, and what
    ///   checkpoints told of open holds
    public record LiveCounter(CounterKey key, Amounts posted, Amounts unbooked) {}

    /// The book in numbers.
    public Status status() {
        return new Status(
                state.version(),
                state.phase(),
                state.term(),
                state.epoch(),
                state.configVersion(),
                state.outbox.bookedThrough(),
                state.outbox.lastSeq(),
                state.outbox.bookedThrough() < state.settlingThrough(),
                state.holds.size(),
                state.outbox.size(),
                state.outbox.bytes(),
                state.counters.size(),
                state.outbox.resultsKept());
    }

    /// A book in numbers.
    ///
    /// @param version how many changes there were; 0 where there is no book
    /// @param settling whether what was joined at the last opening, or since, is not booked yet, so
    ///   that no counter can be seeded
    /// @param results kept for repeats
    public record Status(
            long version,
            Phase phase,
            long term,
            long epoch,
            long configVersion,
            long bookedThrough,
            long lastSeq,
            boolean settling,
            int holds,
            int entries,
            long entryBytes,
            int counters,
            int results) {

        public boolean open() {
            return phase == Phase.OPEN;
        }
    }

    /// Requests in flight of a budget's subject.
    public int inFlight(UUID budgetId, String subject) {
        return state.counters.openHolds(budgetId, subject);
    }

    /// For tests of copies.
    BookState state() {
        return state;
    }
}
