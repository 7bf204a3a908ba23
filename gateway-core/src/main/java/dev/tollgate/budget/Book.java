package dev.tollgate.budget;

import dev.tollgate.budget.Command.Closed;
import dev.tollgate.budget.Command.Full;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.HoldResult;
import dev.tollgate.budget.Command.NotOpen;
import dev.tollgate.budget.Command.OldTerm;
import dev.tollgate.budget.Command.Result;
import dev.tollgate.budget.Command.Settled;
import dev.tollgate.budget.Command.Stale;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One organization's quota state: counters, open holds, and the ledger rows not yet booked.
///
/// Pure: no clock, no randomness, no I/O; the same commands in the same order give the same book.
/// Changed by one thread at a time. A command is decided first and then applied, and applying
/// cannot throw. Refusals that look at the state of the book come in this order: [NotOpen],
/// [OldTerm], [Closed], [Stale], (a repeat gets its first result), [Full], [Command.Unseeded],
/// [Command.Crowded], [Command.Exhausted].
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

    /// Closed incarnations that are remembered.
    private static final int INCARNATIONS_MAX = 1000;

    private static final Amounts AMOUNTS_MAX =
            new Amounts(AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX);
    private static final Ask CACHE_HIT = new Ask(1, 0, 0, 0, 0, 1, 0);
    private static final Closed CLOSED = new Closed();

    private final Bounds bounds;
    private final Counters counters;
    private final Outbox outbox;
    private final Map<UUID, OpenHold> holds = new HashMap<>();
    private final LinkedHashSet<UUID> closedIncarnations = new LinkedHashSet<>();

    private boolean open;
    private long term;
    private long epoch;
    private long configVersion;

    /// Ids joined while the book is being opened.
    private final Set<UUID> joined = new HashSet<>();

    /// Entries up to here may or may not be in a value read from the ledger before they are booked.
    private long joinedThrough;

    private long holdBytes;

    public Book() {
        this(new Bounds(COUNTERS_MAX, OUTBOX_ENTRIES_MAX, OUTBOX_BYTES_MAX));
    }

    Book(Bounds bounds) {
        this.bounds = bounds;
        this.counters = new Counters(bounds.countersMax());
        this.outbox = new Outbox(bounds.entriesMax());
    }

    /// How much a book may keep.
    record Bounds(int countersMax, int entriesMax, long bytesMax) {}

    /// Decides `command` and applies the decision.
    public Result apply(Command command) {
        if (!open && !(command instanceof Command.Open)) {
            return new NotOpen();
        }
        if (command.term() < term) {
            return new OldTerm(term);
        }
        term = command.term();
        return switch (command) {
            case Command.Hold hold -> hold(hold);
            case Command.Settle settle -> settle(settle);
            case Command.Checkpoint checkpoint -> checkpoint(checkpoint);
            case Command.Charge charge -> charge(charge);
            case Command.Seed seed -> new Command.SeedTaken(seed(seed));
            case Command.Booked booked -> new Command.BookedIds(booked(booked));
            case Command.Open opening -> open(opening);
            case Command.Orphan orphan -> orphan(orphan);
            case Command.Configure configure -> configure(configure);
        };
    }

    // --- hold ---

    private HoldResult hold(Command.Hold hold) {
        outbox.acknowledge(hold.acknowledged());
        if (closedIncarnations.contains(hold.incarnation())) {
            return CLOSED;
        }
        if (hold.configVersion() < configVersion) {
            return new Stale(configVersion);
        }
        var before = holds.get(hold.id());
        if (before != null) {
            return before.held;
        }
        if (outbox.result(hold.id()) != null) {
            return CLOSED;
        }
        var full = full(hold.facts().length);
        if (full != null) {
            return full;
        }
        var admission = new Admission(counters, hold.charges());
        var refusal = admission.refusal(hold.ask(), true);
        if (refusal != null) {
            return refusal;
        }
        configVersion = hold.configVersion();
        return take(hold, admission.granted(), admission.found());
    }

    private @Nullable Full full(int rowBytes) {
        if (outbox.size() + holds.size() >= bounds.entriesMax()) {
            return new Full("entries not yet booked");
        }
        var bytes = outbox.bytes() + holdBytes + rowBytes + OpenHold.OUTCOME_BYTES;
        return bytes > bounds.bytesMax() ? new Full("bytes not yet booked") : null;
    }

    private Held take(Command.Hold hold, long granted, Counter[] found) {
        var amounts = hold.ask().amounts(granted).min(AMOUNTS_MAX);
        var counted = Counted.of(hold.charges(), found);
        for (var counter : counted.counters) {
            counter.held.add(amounts);
            counter.openHolds++;
            counter.lane.openHolds++;
        }
        counters.changed(counted.counters);
        var held = new Held(hold.id(), granted, amounts, counted.tightest());
        put(new OpenHold(hold, amounts, counted.charges, counted.counters, held));
        return held;
    }

    private void put(OpenHold hold) {
        holds.put(hold.id, hold);
        holdBytes += hold.bytes();
    }

    // --- checkpoint and settle ---

    private Result checkpoint(Command.Checkpoint checkpoint) {
        var hold = holds.get(checkpoint.id());
        if (hold == null) {
            return CLOSED;
        }
        var soFar = checkpoint.soFar().min(hold.amounts).max(hold.soFar);
        var more = soFar.minus(hold.soFar);
        for (var counter : hold.counters) {
            counter.soFar.add(more);
            counter.held.subtract(more);
        }
        hold.soFar = soFar;
        return new Command.Checkpointed();
    }

    private Result settle(Command.Settle settle) {
        outbox.acknowledge(settle.acknowledged());
        var before = outbox.result(settle.id());
        if (before != null) {
            return before;
        }
        var hold = holds.get(settle.id());
        if (hold == null) {
            return CLOSED;
        }
        var result = settle(hold, settle.used(), settle.outcome());
        outbox.keep(hold.id, hold.incarnation, result);
        return result;
    }

    private Settled settle(OpenHold hold, Amounts used, byte[] outcome) {
        release(hold);
        return post(
                hold.id,
                new Counted(hold.charges, hold.counters),
                used,
                Row.join(hold.facts, outcome),
                used.exceeds(hold.amounts));
    }

    private void release(OpenHold hold) {
        holds.remove(hold.id);
        holdBytes -= hold.bytes();
        var rest = hold.amounts.minus(hold.soFar);
        for (var counter : hold.counters) {
            counter.soFar.subtract(hold.soFar);
            counter.held.subtract(rest);
            counter.openHolds--;
            counter.lane.openHolds--;
        }
    }

    private Settled post(UUID id, Counted counted, Amounts used, byte[] row, boolean overrun) {
        var alerts = new ArrayList<OutboxEntry.Crossing>(0);
        for (var i = 0; i < counted.counters.length; i++) {
            var counter = counted.counters[i];
            counter.settle(used);
            counter.unbooked++;
            counter.collectCrossings(counted.charges[i], alerts);
        }
        counters.changed(counted.counters);
        outbox.add(id, counted.counters, used, row, alerts);
        return new Settled(outbox.lastSeq(), overrun, counted.tightest());
    }

    private Result charge(Command.Charge charge) {
        outbox.acknowledge(charge.acknowledged());
        var before = outbox.result(charge.id());
        if (before != null) {
            return before;
        }
        if (closedIncarnations.contains(charge.incarnation())) {
            return CLOSED;
        }
        if (charge.configVersion() < configVersion) {
            return new Stale(configVersion);
        }
        var full = full(charge.row().length);
        if (full != null) {
            return full;
        }
        var admission = new Admission(counters, charge.charges());
        var refusal = admission.refusal(CACHE_HIT, false);
        if (refusal != null) {
            return refusal;
        }
        configVersion = charge.configVersion();
        var result =
                post(
                        charge.id(),
                        Counted.of(charge.charges(), admission.found()),
                        CACHE_HIT.amounts(0),
                        Row.join(charge.row(), Row.NOTHING),
                        false);
        outbox.keep(charge.id(), charge.incarnation(), result);
        return result;
    }

    // --- seeding and booking ---

    private boolean seed(Command.Seed seed) {
        var through = seed.bookedThrough();
        if (seed.epoch() != epoch
                || through < outbox.bookedThrough()
                || through < joinedThrough
                || through > outbox.lastSeq()) {
            return false;
        }
        var absent = 0;
        var found = new @Nullable Counter[seed.counters().size()];
        for (var i = 0; i < found.length; i++) {
            var counter = counters.get(seed.counters().get(i).counter());
            found[i] = counter;
            absent += counter == null ? 1 : 0;
        }
        if (!counters.hasRoomFor(absent, found)) {
            return false;
        }
        counters.touch(found);
        seed(seed, found);
        return true;
    }

    private void seed(Command.Seed seed, @Nullable Counter[] found) {
        var pending = new HashSet<Counter>();
        for (var i = 0; i < found.length; i++) {
            var value = seed.counters().get(i);
            var counter = counters.get(value.counter());
            if (counter == null) {
                counter = counters.draft(value.counter(), value.windowEnd(), false);
                counters.changed(counter);
            }
            if (!counter.seeded) {
                counter.seed(value.posted());
                pending.add(counter);
            }
        }
        pending.removeIf(counter -> counter.unbooked == 0);
        if (!pending.isEmpty()) {
            addUnbooked(pending, seed.bookedThrough());
        }
    }

    private void addUnbooked(Set<Counter> seeded, long through) {
        for (var entries = outbox.lastFirst(); entries.hasNext(); ) {
            var entry = entries.next();
            if (entry.entry().seq() <= through) {
                return;
            }
            for (var counter : entry.counters()) {
                if (seeded.contains(counter)) {
                    counter.settle(entry.used());
                }
            }
        }
    }

    private List<UUID> booked(Command.Booked booked) {
        var ids = new ArrayList<UUID>();
        if (booked.epoch() != epoch) {
            return ids;
        }
        for (var entry = outbox.book(booked.through());
                entry != null;
                entry = outbox.book(booked.through())) {
            ids.add(entry.entry().id());
            for (var counter : entry.counters()) {
                counter.unbooked--;
            }
            counters.changed(entry.counters());
        }
        return ids;
    }

    // --- opening, orphans, configuration ---

    private Result open(Command.Open opening) {
        if (opening.epoch() < epoch || (opening.epoch() == epoch && open)) {
            return new Command.Opened(epoch);
        }
        if (opening.epoch() > epoch) {
            begin(opening);
        }
        for (var entry : opening.entries()) {
            join(entry);
        }
        for (var hold : opening.holds()) {
            join(hold);
        }
        joinedThrough = outbox.lastSeq();
        if (opening.last()) {
            open = true;
            joined.clear();
        }
        return new Command.Opened(epoch);
    }

    private void begin(Command.Open opening) {
        open = false;
        epoch = opening.epoch();
        configVersion = Math.max(configVersion, opening.configVersion());
        counters.reopen(opening.openedMillis());
        outbox.renumber();
        joined.clear();
        for (var entry : outbox.all()) {
            joined.add(entry.entry().id());
        }
    }

    private void join(Command.Open.Present entry) {
        if (outbox.result(entry.id()) != null || !joined.add(entry.id())) {
            return;
        }
        var hold = holds.get(entry.id());
        if (hold != null) {
            release(hold);
            counters.changed(hold.counters);
        }
        var counted = Counted.of(entry.charges(), unseeded(entry.charges()));
        post(entry.id(), counted, entry.used(), entry.row(), false);
    }

    private void join(Command.Hold hold) {
        if (outbox.result(hold.id()) != null
                || joined.contains(hold.id())
                || holds.containsKey(hold.id())
                || closedIncarnations.contains(hold.incarnation())) {
            return;
        }
        take(hold, hold.ask().outputMax(), unseeded(hold.charges()));
    }

    /// The counters of what is joined: known or not, they have to be seeded.
    private Counter[] unseeded(List<BudgetCharge> charges) {
        var found = new Counter[charges.size()];
        for (var i = 0; i < found.length; i++) {
            var charge = charges.get(i);
            var counter = counters.get(charge.counter());
            found[i] =
                    counter == null
                            ? counters.draft(charge.counter(), charge.windowEnd(), false)
                            : counter;
        }
        return found;
    }

    private Result orphan(Command.Orphan orphan) {
        closedIncarnations.add(orphan.incarnation());
        if (closedIncarnations.size() > INCARNATIONS_MAX) {
            closedIncarnations.removeFirst();
        }
        var orphans = new ArrayList<OpenHold>();
        for (var hold : holds.values()) {
            if (hold.incarnation.equals(orphan.incarnation())) {
                orphans.add(hold);
            }
        }
        // In one order wherever the command is applied: a hash map's is its history's.
        orphans.sort(Comparator.comparing(hold -> hold.id));
        for (var hold : orphans) {
            settle(hold, hold.amounts, Row.ofOrphan(hold.amounts, hold.priced));
        }
        outbox.forget(orphan.incarnation());
        return new Command.Orphaned(orphans.size());
    }

    private Result configure(Command.Configure configure) {
        configVersion = Math.max(configVersion, configure.configVersion());
        return new Command.Configured(configVersion);
    }

    // --- reads ---

    /// Entries numbered after `afterSeq`, in order, at most `max`.
    public List<OutboxEntry> unbooked(long afterSeq, int max) {
        return outbox.after(afterSeq, max);
    }

    /// Where the counters of `charges` stand.
    public Standings standings(List<BudgetCharge> charges) {
        var known = new ArrayList<Standing>();
        var unknown = new ArrayList<CounterKey>();
        for (var charge : charges) {
            var key = charge.counter();
            var counter = counters.get(key);
            if (counter != null && counter.seeded) {
                known.add(counter.standing(charge));
            } else if (counter == null && open && counters.startsAtZero(key)) {
                known.add(counters.draft(key, charge.windowEnd(), true).standing(charge));
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

    /// The book in numbers.
    public Status status() {
        return new Status(
                open,
                term,
                epoch,
                configVersion,
                outbox.bookedThrough(),
                outbox.lastSeq(),
                outbox.bookedThrough() < joinedThrough,
                holds.size(),
                outbox.size(),
                outbox.bytes(),
                counters.size(),
                outbox.resultsKept());
    }

    /// A book in numbers.
    ///
    /// @param settling whether what was joined at the last opening is not booked yet, so that no
    ///   counter can be seeded
    /// @param results kept for repeats
    public record Status(
            boolean open,
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
            int results) {}

    /// Requests in flight of a budget's subject.
    public int inFlight(UUID budgetId, String subject) {
        return counters.openHolds(budgetId, subject);
    }
}
