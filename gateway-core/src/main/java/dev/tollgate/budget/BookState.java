package dev.tollgate.budget;

import dev.tollgate.budget.Command.Closed;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.Settled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a [Book] remembers. It changes by carrying out [Change]s and in no other way, each of which
/// counts in its version; the same changes in the same order give the same state, here or on a
/// backup. Carrying out cannot fail: what could be wrong was decided before.
final class BookState {

    static final Closed CLOSED = new Closed();

    final Counters counters;
    final Outbox outbox;
    final Holds holds = new Holds();

    /// What went since the book was last open, for the decider; no part of an image: a copy made
    /// meanwhile gives back nothing, and has a little less.
    private final Map<UUID, List<Draw>> dropped = new HashMap<>();

    private long version;
    private Book.Phase phase = Book.Phase.SHUT;
    private long term;
    private long epoch;
    private long configVersion;
    private long settlingThrough;

    /// Who is told of the changes of the call at hand.
    private @Nullable Consumer<Change> changes;

    BookState(int countersMax, int resultsMax) {
        this.counters = new Counters(countersMax);
        this.outbox = new Outbox(resultsMax);
    }

    /// How many changes there were.
    long version() {
        return version;
    }

    Book.Phase phase() {
        return phase;
    }

    boolean isOpen() {
        return phase == Book.Phase.OPEN;
    }

    long term() {
        return term;
    }

    long epoch() {
        return epoch;
    }

    long configVersion() {
        return configVersion;
    }

    /// Entries up to here may or may not be in a value read from the ledger before they are booked.
    long settlingThrough() {
        return settlingThrough;
    }

    void tell(@Nullable Consumer<Change> changes) {
        this.changes = changes;
    }

    /// For a backup: `change` was decided elsewhere.
    void carryOut(Change change) {
        switch (change) {
            case Change.Shut shut -> shut(shut);
            case Change.Acknowledge acknowledge -> acknowledge(acknowledge);
            case Change.Take take -> take(take, counters.of(take.hold().charges(), true));
            case Change.Rejoin rejoin -> rejoin(rejoin);
            case Change.Fill fill -> fill(fill);
            case Change.Checkpoint checkpoint -> checkpoint(checkpoint, hold(checkpoint.id()));
            case Change.Extend extend -> extend(extend, hold(extend.id()));
            case Change.Settle settle -> settle(settle, hold(settle.id()));
            case Change.Charge charge ->
                    charge(charge, counters.of(charge.charge().charges(), true));
            case Change.Join join -> join(join);
            case Change.Seed seed -> seed(seed);
            case Change.Unseed unseed -> unseed(unseed);
            case Change.Booked booked -> booked(booked);
            case Change.Configure configure -> configure(configure);
            case Change.Begin begin -> begin(begin);
            case Change.Drop drop -> drop(drop);
            case Change.Finish finish -> finish(finish);
        }
    }

    private OpenHold hold(UUID id) {
        var hold = holds.get(id);
        if (hold == null) {
            throw new IllegalStateException("hold %s: not open (expected: open)".formatted(id));
        }
        return hold;
    }

    private void done(Change change) {
        version++;
        if (changes != null) {
            changes.accept(change);
        }
    }

    // --- requests ---

    /// @param found the counters of its charges
    Held take(Change.Take take, Counter[] found) {
        var hold = take.hold();
        configVersion = Math.max(configVersion, hold.configVersion());
        var counted = Counted.of(hold.charges(), found);
        var open =
                new OpenHold(
                        hold,
                        counted,
                        take.outputGranted(),
                        take.amounts(),
                        take.draws(),
                        take.elastic());
        var held = put(open, take.tightest());
        done(take);
        return held;
    }

    void rejoin(Change.Rejoin rejoin) {
        var hold = rejoin.hold();
        var counted = Counted.of(hold.charges(), counters.of(hold.charges(), false));
        var granted = hold.ask().outputMax();
        put(
                new OpenHold(
                        hold, counted, granted, rejoin.amounts(), rejoin.draws(), rejoin.elastic()),
                -1);
        dropped.remove(hold.id());
        done(rejoin);
    }

    private Held put(OpenHold open, int tightest) {
        holds.put(open);
        open.show(tightest);
        counters.changed(open.counted.counters);
        return open.held();
    }

    void fill(Change.Fill fill) {
        fill.levels().forEach(counters::set);
        done(fill);
    }

    /// What a hold took from buckets that went when the book was shut.
    List<Draw> dropped(UUID id) {
        return dropped.getOrDefault(id, List.of());
    }

    void acknowledge(Change.Acknowledge acknowledge) {
        outbox.acknowledge(acknowledge.ids());
        done(acknowledge);
    }

    void checkpoint(Change.Checkpoint checkpoint, OpenHold hold) {
        var more = checkpoint.soFar().minus(hold.soFar);
        for (var counter : hold.counted.counters) {
            counter.soFar.add(more);
            counter.held.subtract(more);
        }
        hold.soFar = checkpoint.soFar();
        done(checkpoint);
    }

    void extend(Change.Extend extend, OpenHold hold) {
        var counted = hold.counted;
        var more = extend.elastic().amounts().minus(hold.elasticAmounts());
        for (var i = 0; i < counted.counters.length; i++) {
            if (counted.charges[i].elastic()) {
                counted.counters[i].held.add(more);
            }
        }
        hold.extend(extend.elastic());
        done(extend);
    }

    Command.SettleResult settle(Change.Settle settle, OpenHold hold) {
        holds.remove(hold);
        var row = Row.join(hold.facts, settle.outcome());
        post(hold.id, hold.counted, settle.used(), row, settle.alerts());
        var result =
                settle.orphan()
                        ? CLOSED
                        : settled(settle.overrun(), hold.counted, settle.tightest());
        outbox.keep(hold.id, hold.incarnation, result);
        done(settle);
        return result;
    }

    private Settled settled(boolean overrun, Counted counted, int tightest) {
        return new Settled(outbox.lastSeq(), overrun, counted.standing(tightest));
    }

    private void post(
            UUID id, Counted counted, Amounts used, byte[] row, List<OutboxEntry.Crossing> alerts) {
        for (var counter : counted.counters) {
            counter.settle(used);
            counter.unbooked++;
        }
        for (var alert : alerts) {
            for (var counter : counted.counters) {
                if (counter.key.equals(alert.counter())) {
                    counter.cross(alert);
                }
            }
        }
        counters.changed(counted.counters);
        outbox.add(id, counted.counters, used, row, alerts);
    }

    /// @param found the counters of its charges
    Settled charge(Change.Charge change, Counter[] found) {
        var charge = change.charge();
        configVersion = Math.max(configVersion, charge.configVersion());
        var counted = Counted.of(charge.charges(), found);
        var row = Row.join(charge.row(), Row.NOTHING);
        post(charge.id(), counted, change.used(), row, change.alerts());
        var result = settled(false, counted, change.tightest());
        outbox.keep(charge.id(), charge.incarnation(), result);
        done(change);
        return result;
    }

    void configure(Change.Configure configure) {
        configVersion = configure.configVersion();
        done(configure);
    }

    // --- the ledger ---

    void seed(Change.Seed change) {
        var seed = change.seed();
        counters.touch(seed.counters());
        var pending = new HashSet<Counter>();
        for (var value : seed.counters()) {
            var counter = counters.begun(value.counter(), value.windowEnd());
            if (!counter.seeded) {
                counter.seed(value.posted());
                pending.add(counter);
            }
        }
        pending.removeIf(counter -> counter.unbooked == 0);
        if (!pending.isEmpty()) {
            addUnbooked(pending, seed.bookedThrough());
        }
        done(change);
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

    void unseed(Change.Unseed unseed) {
        counters.unseed(unseed.counters());
        done(unseed);
    }

    List<UUID> booked(Change.Booked booked) {
        var ids = new ArrayList<UUID>();
        for (var entry = outbox.book(booked.through());
                entry != null;
                entry = outbox.book(booked.through())) {
            ids.add(entry.entry().id());
            for (var counter : entry.counters()) {
                counter.unbooked--;
            }
            counters.changed(entry.counters());
        }
        done(booked);
        return ids;
    }

    // --- terms and openings ---

    void shut(Change.Shut shut) {
        term = shut.term();
        phase = Book.Phase.SHUT;
        done(shut);
    }

    void begin(Change.Begin begin) {
        term = begin.term();
        epoch = begin.epoch();
        phase = Book.Phase.OPENING;
        configVersion = Math.max(configVersion, begin.configVersion());
        for (var hold : holds.of(new HashSet<>(begin.members()))) {
            if (!hold.draws.isEmpty()) {
                dropped.put(hold.id, hold.draws);
            }
            drop(hold);
        }
        counters.reopen(begin.openedMillis(), begin.countersMax());
        outbox.reopen(begin.members(), begin.resultsMax());
        settlingThrough = outbox.lastSeq();
        done(begin);
    }

    void drop(Change.Drop drop) {
        for (var id : drop.ids()) {
            drop(hold(id));
        }
        done(drop);
    }

    private void drop(OpenHold hold) {
        holds.remove(hold);
        counters.changed(hold.counted.counters);
    }

    Settled join(Change.Join join) {
        var entry = join.entry();
        var hold = holds.get(entry.id());
        if (hold != null) {
            holds.remove(hold);
        }
        dropped.remove(entry.id());
        var counted = Counted.of(entry.charges(), counters.of(entry.charges(), false));
        for (var counter : counted.counters) {
            counter.unseed();
        }
        post(entry.id(), counted, entry.used(), entry.row(), List.of());
        if (hold != null) {
            counters.changed(hold.counted.counters);
        }
        var result = settled(false, counted, -1);
        outbox.keep(entry.id(), entry.incarnation(), result);
        settlingThrough = outbox.lastSeq();
        done(join);
        return result;
    }

    void finish(Change.Finish finish) {
        phase = Book.Phase.OPEN;
        dropped.clear();
        done(finish);
    }

    // --- moving ---

    BookImage image() {
        return new BookImage(
                version,
                phase,
                term,
                epoch,
                configVersion,
                settlingThrough,
                counters.freshFrom(),
                counters.max(),
                outbox.resultsMax(),
                outbox.lastSeq(),
                outbox.bookedThrough(),
                counters.all().stream().map(Counter::image).toList(),
                holds.all().stream().map(OpenHold::image).toList(),
                outbox.entryImages(),
                outbox.resultImages(),
                counters.levels());
    }

    /// Of a state in which nothing has happened.
    void restore(BookImage image) {
        version = image.version();
        phase = image.phase();
        term = image.term();
        epoch = image.epoch();
        configVersion = image.configVersion();
        settlingThrough = image.settlingThrough();
        for (var counter : image.counters()) {
            counters.restore(counter);
        }
        for (var hold : image.holds()) {
            var keys = hold.charges().stream().map(BudgetCharge::counter).toList();
            holds.put(
                    new OpenHold(
                            hold,
                            new Counted(
                                    hold.charges().toArray(new BudgetCharge[0]),
                                    counters.known(keys))));
        }
        for (var entry : image.entries()) {
            var charged = counters.known(entry.counters());
            for (var counter : charged) {
                counter.unbooked++;
            }
            outbox.restore(new Outbox.Entry(entry.entry(), charged, entry.used()));
        }
        outbox.restore(image);
        counters.restored(image);
    }
}
