package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.Open.Present;
import dev.tollgate.budget.Command.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/// A small book among everything it works with: a ledger that skips ids it has, journals that
/// outlive the book, nodes that repeat themselves and die, time that goes on. Next to the book runs
/// a model that keeps every amount and adds them up whenever it is asked.
final class BookWorld {

    static final int COUNTERS_MAX = 14;
    static final int ENTRIES_MAX = 40;
    static final int BUDGETS = 4;

    final Random random;
    final List<Command> commands = new ArrayList<>();
    final List<Result> results = new ArrayList<>();
    final List<OutboxEntry.Crossing> alerts = new ArrayList<>();

    Book book = newBook();

    // The configuration.
    private final List<Limits> limits = new ArrayList<>();
    private final List<Limits> ceilings = new ArrayList<>();
    private final int concurrentMax;
    private long configVersion = 1;

    // What happened.
    private final Map<UUID, OpenedHold> open = new LinkedHashMap<>();
    private final Map<UUID, Entry> settled = new LinkedHashMap<>();
    private final Map<UUID, Result> firstResults = new LinkedHashMap<>();
    private final Map<UUID, UUID> owners = new HashMap<>();
    private final Set<UUID> dead = new LinkedHashSet<>();

    // PostgreSQL.
    private final Set<UUID> booked = new HashSet<>();
    private long epoch;
    private long mark;

    // The journals.
    private final Map<UUID, Command.Hold> journalHolds = new LinkedHashMap<>();
    private final Map<UUID, Present> journalEntries = new LinkedHashMap<>();

    private final List<Command.Seed> oldSeeds = new ArrayList<>();
    private long nowSeconds = 1_000_050;
    private int ids;
    private int incarnations = 1;
    private int seenThrough;

    BookWorld(long seed) {
        random = new Random(seed);
        for (var budget = 0; budget < BUDGETS; budget++) {
            limits.add(someLimits());
            ceilings.add(random.nextInt(4) == 0 ? Limits.UNLIMITED : limits.getLast());
        }
        concurrentMax = 1 + random.nextInt(6);
        open(false);
    }

    static Book newBook() {
        return new Book(new Book.Bounds(COUNTERS_MAX, ENTRIES_MAX, 1 << 20));
    }

    private Limits someLimits() {
        return new Limits(
                someLimit(30), someLimit(400), someLimit(300), someLimit(600), someLimit(900));
    }

    private long someLimit(int most) {
        return random.nextInt(3) == 0 ? Limits.NONE_SET : random.nextInt(most);
    }

    // --- one step ---

    /// Does something, and checks that book and model agree.
    void step() {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> hold();
            case 6, 7, 8, 9 -> settle();
            case 10 -> checkpoint();
            case 11 -> cacheHit();
            case 12, 13 -> book();
            case 14 -> tellBooked();
            case 15 -> nowSeconds += random.nextInt(120);
            case 16 -> repeat();
            case 17 -> seedAgain();
            case 18 -> sometimes(8, this::kill);
            default -> sometimes(6, this::disturb);
        }
        check();
    }

    private void sometimes(int oneIn, Runnable what) {
        if (random.nextInt(oneIn) == 0) {
            what.run();
        }
    }

    private Result apply(Command command) {
        var result = book.apply(command);
        commands.add(command);
        results.add(result);
        for (var entry : book.unbooked(seenThrough, Integer.MAX_VALUE)) {
            seenThrough = (int) entry.seq();
            alerts.addAll(entry.alerts());
        }
        return result;
    }

    // --- requests ---

    private void hold() {
        var outputMin = random.nextInt(12);
        var ask =
                new Ask(
                        1,
                        random.nextInt(30),
                        random.nextInt(30_000),
                        outputMin,
                        outputMin + random.nextInt(60),
                        1 + random.nextInt(3),
                        random.nextInt(3_000));
        var id = new UUID(7, ++ids);
        var hold =
                new Command.Hold(
                        id,
                        incarnation(),
                        1,
                        configVersion,
                        nowSeconds * 1000,
                        ask,
                        charges(),
                        Scene.bytes("\"n\":" + ids),
                        acknowledgements());
        var result = seeded(hold, hold.charges());
        if (expectedFull(hold.charges(), result)) {
            return;
        }
        var expected = new NaiveAdmission(this, hold.charges()).decide(ask);
        if (result instanceof Held held) {
            assertThat(expected).isEqualTo(held.outputGranted());
            assertThat(held.held()).isEqualTo(ask.amounts(held.outputGranted()));
            open.put(id, new OpenedHold(hold.granted(held.outputGranted()), held));
            journalHolds.put(id, hold.granted(held.outputGranted()));
            checkUnderCeilings(hold.charges(), held.held());
        } else {
            assertThat(result).isEqualTo(expected);
        }
    }

    private void settle() {
        if (open.isEmpty()) {
            return;
        }
        var hold = any(List.copyOf(open.values()));
        var held = hold.held.held();
        // At most one in twenty uses more than it held.
        var most = random.nextInt(20) == 0 ? 3 : 1;
        var used =
                new Amounts(
                        random.nextInt(8) == 0 ? 0 : 1,
                        part(held.inputTokens() * most),
                        part(held.outputTokens() * most),
                        part(held.costNanoUsd() * most));
        var id = hold.hold.id();
        var outcome = Scene.bytes("\"s\":1");
        // The journal knows before the book does.
        journalEntries.put(
                id,
                new Present(
                        id,
                        hold.hold.incarnation(),
                        hold.hold.charges(),
                        used,
                        Row.join(hold.hold.facts(), outcome)));
        var settle = new Command.Settle(id, 1, 0, used, outcome, acknowledgements());
        var result = apply(settle);

        assertThat(result).isInstanceOf(Command.Settled.class);
        assertThat(((Command.Settled) result).overrun()).isEqualTo(used.exceeds(held));
        open.remove(id);
        settled.put(id, new Entry(hold.hold.charges(), used));
        firstResults.put(id, result);
        owners.put(id, hold.hold.incarnation());
    }

    private long part(long most) {
        return most == 0 ? 0 : random.nextLong(most + 1);
    }

    private void checkpoint() {
        if (open.isEmpty()) {
            return;
        }
        var hold = any(List.copyOf(open.values()));
        var soFar =
                new Amounts(
                        1,
                        0,
                        random.nextLong(hold.held.held().outputTokens() + 10),
                        random.nextLong(hold.held.held().costNanoUsd() + 10));
        apply(new Command.Checkpoint(hold.hold.id(), 1, soFar));
        hold.soFar = soFar.min(hold.held.held()).max(hold.soFar);
    }

    private void cacheHit() {
        var id = new UUID(7, ++ids);
        var charge =
                new Command.Charge(
                        id,
                        incarnation(),
                        1,
                        configVersion,
                        nowSeconds * 1000,
                        charges(),
                        Scene.bytes("\"hit\":1"),
                        List.of());
        var result = seeded(charge, charge.charges());
        if (expectedFull(charge.charges(), result)) {
            return;
        }
        var expected =
                new NaiveAdmission(this, charge.charges())
                        .decideWithoutCrowding(new Ask(1, 0, 0, 0, 0, 1, 0));
        if (result instanceof Command.Settled) {
            assertThat(expected).isEqualTo(0L);
            var used = new Amounts(1, 0, 0, 0);
            settled.put(id, new Entry(charge.charges(), used));
            firstResults.put(id, result);
            owners.put(id, charge.incarnation());
            journalEntries.put(
                    id, new Present(id, charge.incarnation(), charge.charges(), used, Row.NOTHING));
        } else {
            assertThat(result).isEqualTo(expected);
        }
    }

    /// Applies a command, seeding the counters it turns out to need.
    private Result seeded(Command command, List<BudgetCharge> charges) {
        var result = apply(command);
        for (var tries = 0; result instanceof Command.Unseeded unseeded; tries++) {
            assertThat(tries).isLessThan(4);
            assertThat(unseeded.counters()).isNotEmpty();
            assertThat(charges).extracting(BudgetCharge::counter).containsAll(unseeded.counters());
            var seed = seedOf(unseeded.counters());
            if (!((Command.SeedTaken) apply(seed)).taken()) {
                bookAll();
                apply(seedOf(unseeded.counters()));
            }
            result = apply(command);
        }
        return result;
    }

    private boolean expectedFull(List<BudgetCharge> charges, Result result) {
        var pinned = new HashSet<CounterKey>();
        open.values().forEach(hold -> addCounted(pinned, hold.hold.charges()));
        unbooked().forEach(entry -> addCounted(pinned, entry.charges()));
        var more = false;
        for (var charge : charges) {
            more |= pinned.add(charge.counter());
        }
        var entries = unbooked().size() + open.size() >= ENTRIES_MAX;
        var full = entries || (more && pinned.size() > COUNTERS_MAX);
        assertThat(result instanceof Command.Full).isEqualTo(full);
        return full;
    }

    private static void addCounted(Set<CounterKey> keys, List<BudgetCharge> charges) {
        charges.stream().filter(BudgetCharge::counts).forEach(charge -> keys.add(charge.counter()));
    }

    /// Entries the model knows; the one just made is not yet among them.
    private List<Entry> unbooked() {
        var found = new ArrayList<Entry>();
        for (var entry : book.unbooked(0, Integer.MAX_VALUE)) {
            var known = settled.get(entry.id());
            if (known != null) {
                found.add(known);
            }
        }
        return found;
    }

    private List<UUID> acknowledgements() {
        var known = firstResults.keySet().stream().filter(_ -> random.nextInt(3) == 0).toList();
        known.forEach(firstResults::remove);
        return known;
    }

    /// A hold or a settlement told again gets its first answer and changes nothing.
    private void repeat() {
        var before = book.status();
        if (!open.isEmpty()) {
            var hold = any(List.copyOf(open.values()));
            var again = apply(hold.hold);
            assertThat(((Held) again).held()).isEqualTo(hold.held.held());
        }
        if (!firstResults.isEmpty()) {
            var id = any(List.copyOf(firstResults.keySet()));
            var again =
                    apply(new Command.Settle(id, 1, 0, Scene.used(5, 5), Row.NOTHING, List.of()));
            assertThat(again).isEqualTo(firstResults.get(id));
        }
        assertThat(
                        apply(
                                new Command.Settle(
                                        new UUID(0, 9),
                                        1,
                                        0,
                                        Amounts.NONE,
                                        Row.NOTHING,
                                        List.of())))
                .isEqualTo(new Command.Closed());
        assertThat(book.status()).isEqualTo(before);
    }

    // --- configuration ---

    private List<BudgetCharge> charges() {
        var charges = new ArrayList<BudgetCharge>();
        for (var budget = 0; budget < BUDGETS; budget++) {
            if (random.nextInt(2) == 0) {
                charges.add(charge(budget));
            }
        }
        return charges;
    }

    private BudgetCharge charge(int budget) {
        var window = budget == 0 ? 0 : nowSeconds - nowSeconds % 100;
        return new BudgetCharge(
                new CounterKey(new UUID(2, budget), "s" + random.nextInt(3), window),
                "b" + budget,
                window + 100,
                limits.get(budget),
                ceilings.get(budget),
                budget == 3 ? concurrentMax : 0,
                List.of(500, 1000),
                "reject",
                random.nextInt(8) > 0);
    }

    // --- PostgreSQL ---

    /// Books some entries; the book learns it later.
    private void book() {
        for (var entry : book.unbooked(mark, 1 + random.nextInt(10))) {
            booked.add(entry.id());
            mark = entry.seq();
        }
    }

    private void bookAll() {
        for (var entry : book.unbooked(mark, Integer.MAX_VALUE)) {
            booked.add(entry.id());
            mark = entry.seq();
        }
        tellBooked();
    }

    private void tellBooked() {
        var ids = ((Command.BookedIds) apply(new Command.Booked(1, epoch, mark))).ids();
        assertThat(booked).containsAll(ids);
        if (random.nextInt(4) > 0) {
            ids.forEach(journalEntries::remove);
            ids.forEach(journalHolds::remove);
        }
    }

    private Command.Seed seedOf(List<CounterKey> counters) {
        var seeded =
                counters.stream()
                        .map(key ->
                                new Command.Seed.Seeded(
                                        key, key.windowStart() + 100, inLedger(key)))
                        .toList();
        var seed = new Command.Seed(1, epoch, mark, seeded);
        oldSeeds.add(seed);
        return seed;
    }

    private Amounts inLedger(CounterKey key) {
        return settled.entrySet().stream()
                .filter(entry -> booked.contains(entry.getKey()))
                .map(entry -> entry.getValue().of(key))
                .reduce(Amounts.NONE, Amounts::plus);
    }

    /// A seed read long ago, or a fresh one nobody asked for.
    private void seedAgain() {
        if (!oldSeeds.isEmpty() && random.nextInt(2) == 0) {
            apply(any(oldSeeds));
        } else {
            apply(seedOf(List.of(charge(random.nextInt(BUDGETS)).counter())));
        }
    }

    // --- trouble ---

    private UUID incarnation() {
        return new UUID(1, incarnations - random.nextInt(2));
    }

    private void kill() {
        var node = new UUID(1, incarnations - 1);
        incarnations++;
        dead.add(node);
        orphan(node);
    }

    private void orphan(UUID node) {
        var theirs =
                open.values().stream()
                        .filter(hold -> hold.hold.incarnation().equals(node))
                        .toList();
        firstResults.keySet().removeIf(id -> node.equals(owners.get(id)));
        var result = apply(new Command.Orphan(node, 1, 0));
        assertThat(result).isEqualTo(new Command.Orphaned(theirs.size()));
        for (var hold : theirs) {
            open.remove(hold.hold.id());
            settled.put(hold.hold.id(), new Entry(hold.hold.charges(), hold.held.held()));
        }
    }

    /// The book is lost, or opened anew.
    private void disturb() {
        if (random.nextBoolean()) {
            lose();
        }
        open(random.nextBoolean());
    }

    private void lose() {
        book = newBook();
        seenThrough = 0;
        firstResults.clear();
        commands.clear();
        results.clear();
        for (var id : List.copyOf(settled.keySet())) {
            if (!booked.contains(id) && !journalEntries.containsKey(id)) {
                // The end of an orphan was only in the book; its hold is in a journal.
                settled.remove(id);
            }
        }
        open.clear();
        for (var hold : journalHolds.values()) {
            if (!settled.containsKey(hold.id())) {
                open.put(hold.id(), reopened(hold));
            }
        }
    }

    private static OpenedHold reopened(Command.Hold hold) {
        var amounts = hold.ask().amounts(hold.ask().outputMax());
        return new OpenedHold(
                hold, new Held(hold.id(), hold.ask().outputMax(), amounts, List.of()));
    }

    private void open(boolean inParts) {
        epoch++;
        mark = 0;
        seenThrough = Integer.MAX_VALUE;
        var holds =
                journalHolds.values().stream().filter(hold -> !booked.contains(hold.id())).toList();
        var entries = List.copyOf(journalEntries.values());
        if (inParts) {
            opening(List.of(), entries, true, false);
            opening(List.of(), entries, true, false);
            opening(holds, List.of(), false, true);
        } else {
            opening(holds, entries, true, true);
        }
        seenThrough = (int) book.status().lastSeq();
        dead.forEach(this::orphan);
    }

    private void opening(
            List<Command.Hold> holds, List<Present> entries, boolean first, boolean last) {
        apply(
                new Command.Open(
                        1,
                        epoch,
                        configVersion,
                        nowSeconds * 1000,
                        List.of(),
                        holds,
                        entries,
                        List.of(),
                        first,
                        last));
    }

    // --- the model ---

    Amounts posted(CounterKey key) {
        var sum = Amounts.NONE;
        for (var entry : settled.values()) {
            sum = sum.plus(entry.of(key));
        }
        for (var hold : open.values()) {
            sum = charges(hold.hold.charges(), key) ? sum.plus(hold.soFar) : sum;
        }
        return sum;
    }

    Amounts held(CounterKey key) {
        var sum = Amounts.NONE;
        for (var hold : open.values()) {
            if (charges(hold.hold.charges(), key)) {
                sum = sum.plus(hold.held.held().minus(hold.soFar));
            }
        }
        return sum;
    }

    int inFlight(CounterKey key) {
        var count = 0;
        for (var hold : open.values()) {
            count +=
                    hold.hold.charges().stream()
                                    .anyMatch(charge ->
                                            charge.counts()
                                                    && charge.counter()
                                                            .budgetId()
                                                            .equals(key.budgetId())
                                                    && charge.counter()
                                                            .subject()
                                                            .equals(key.subject()))
                            ? 1
                            : 0;
        }
        return count;
    }

    private static boolean charges(List<BudgetCharge> charges, CounterKey key) {
        return charges.stream().anyMatch(charge -> charge.counts() && charge.counter().equals(key));
    }

    private void check() {
        var status = book.status();
        assertThat(status.holds()).isEqualTo(open.size());
        assertThat(status.counters()).isLessThanOrEqualTo(Math.max(COUNTERS_MAX, pinnedAtMost()));
        for (var standing : book.standings(allCharges()).known()) {
            assertThat(standing.posted())
                    .as("posted %s", standing.counter())
                    .isEqualTo(posted(standing.counter()));
            assertThat(standing.held())
                    .as("held %s", standing.counter())
                    .isEqualTo(held(standing.counter()));
        }
    }

    private int pinnedAtMost() {
        return BUDGETS * (open.size() + unbooked().size());
    }

    private List<BudgetCharge> allCharges() {
        var seen = new HashMap<CounterKey, BudgetCharge>();
        for (var entry : settled.values()) {
            entry.charges().forEach(charge -> seen.put(charge.counter(), charge));
        }
        for (var hold : open.values()) {
            hold.hold.charges().forEach(charge -> seen.put(charge.counter(), charge));
        }
        return List.copyOf(seen.values());
    }

    private void checkUnderCeilings(List<BudgetCharge> charges, Amounts asked) {
        for (var charge : charges) {
            for (var measure : Measure.values()) {
                if (charge.counts() && asked.of(measure) > 0) {
                    var taken =
                            posted(charge.counter()).of(measure)
                                    + held(charge.counter()).of(measure);
                    assertThat(taken).isLessThanOrEqualTo(charge.ceilings().of(measure));
                }
            }
        }
    }

    /// Everything settled is booked, the book dropped, a new one opened and seeded: what it shows
    /// is what the model adds up.
    void endByLosingTheBook() {
        lose();
        open(false);
        bookAll();
        var charges = allCharges();
        for (var charge : charges) {
            if (!((Command.SeedTaken) apply(seedOf(List.of(charge.counter())))).taken()) {
                checkFullOfHolds(charge.counter());
                continue;
            }
            var standing = book.standings(List.of(charge)).known().getFirst();
            assertThat(standing.posted()).isEqualTo(posted(charge.counter()));
            assertThat(standing.held()).isEqualTo(held(charge.counter()));
        }
        assertThat(booked).isEqualTo(settled.keySet());
    }

    /// A seed is refused in the end only where no counter may leave for it.
    private void checkFullOfHolds(CounterKey counter) {
        var pinned = new HashSet<CounterKey>();
        open.values().forEach(hold -> addCounted(pinned, hold.hold.charges()));
        assertThat(pinned).hasSizeGreaterThanOrEqualTo(COUNTERS_MAX).doesNotContain(counter);
    }

    private <T> T any(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    /// A hold that is open in the model.
    private static final class OpenedHold {
        final Command.Hold hold;
        final Held held;
        Amounts soFar = Amounts.NONE;

        OpenedHold(Command.Hold hold, Held held) {
            this.hold = hold;
            this.held = held;
        }
    }

    private record Entry(List<BudgetCharge> charges, Amounts used) {
        Amounts of(CounterKey key) {
            return BookWorld.charges(charges, key) ? used : Amounts.NONE;
        }
    }
}
