package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.Open.Present;
import dev.tollgate.budget.Command.Result;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/// A small book among everything it works with: a ledger that skips ids it has and corrects
/// orphans, journals that outlive the book, a backup, nodes that repeat themselves, lose answers,
/// are cut off, come back or die, time that goes on. Next to the book runs a model that keeps every
/// amount and adds them up whenever it is asked.
final class BookWorld {

    static final int COUNTERS_MAX = 14;
    static final int ENTRIES_MAX = 40;
    static final int BUDGETS = 4;

    private static final Book.Bounds BOUNDS = new Book.Bounds(COUNTERS_MAX, ENTRIES_MAX, 1 << 20);
    private static final int NODES = 3;

    final Random random;
    final List<Command> commands = new ArrayList<>();
    final List<Result> results = new ArrayList<>();
    final List<OutboxEntry.Crossing> alerts = new ArrayList<>();

    Book book = newBook();

    /// Told of changes only.
    private Book backup = new Book();

    /// What the commands were applied to.
    private BookImage start = book.image();

    private final boolean membersChange;

    // The configuration.
    private final List<Limits> limits = new ArrayList<>();
    private final List<Limits> ceilings = new ArrayList<>();
    private final int concurrentMax;
    private long configVersion = 1;

    // What happened.
    private final Map<UUID, OpenedHold> open = new LinkedHashMap<>();
    private final Map<UUID, Settlement> settled = new LinkedHashMap<>();
    private final Map<UUID, Result> firstResults = new LinkedHashMap<>();
    private final Set<UUID> acknowledged = new HashSet<>();
    private final Map<UUID, UUID> owners = new HashMap<>();

    // Attempts that their owners have not ended, and how those ended that they have.
    private final Map<UUID, OpenedHold> live = new LinkedHashMap<>();
    private final Map<UUID, Settlement> truths = new LinkedHashMap<>();
    private final Map<UUID, Settlement> orphans = new HashMap<>();

    // The nodes. The disk of a dead one may be read by another.
    private final List<UUID> members = new ArrayList<>();
    private final List<UUID> away = new ArrayList<>();
    private final List<UUID> dead = new ArrayList<>();
    private final Set<UUID> disks = new LinkedHashSet<>();

    // PostgreSQL.
    private final Map<UUID, Settlement> ledger = new LinkedHashMap<>();
    private long epoch;
    private long mark;

    // The journals.
    private final Map<UUID, Command.Hold> journalHolds = new LinkedHashMap<>();
    private final Map<UUID, Present> journalEntries = new LinkedHashMap<>();

    private final List<Command.Seed> oldSeeds = new ArrayList<>();
    private final List<BookImage> oldCopies = new ArrayList<>();
    private long nowSeconds = 1_000_050;
    private long term = 1;
    private int ids;
    private int incarnations;
    private int seenThrough;

    BookWorld(long seed) {
        this(seed, true);
    }

    /// @param membersChange whether nodes leave, and copies of the book are lost with them
    BookWorld(long seed, boolean membersChange) {
        this.membersChange = membersChange;
        random = new Random(seed);
        while (members.size() < NODES) {
            begin();
        }
        for (var budget = 0; budget < BUDGETS; budget++) {
            limits.add(someLimits());
            ceilings.add(random.nextInt(4) == 0 ? Limits.UNLIMITED : limits.getLast());
        }
        concurrentMax = 1 + random.nextInt(6);
        open(false);
    }

    static Book newBook() {
        return new Book(BOUNDS);
    }

    /// The book before the commands.
    Book startOfCommands() {
        return Book.of(start, BOUNDS);
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
            case 10 -> {
                checkpoint();
                sometimes(2, this::extend);
            }
            case 11 -> cacheHit();
            case 12, 13 -> book();
            case 14 -> tellBooked();
            case 15 -> nowSeconds += random.nextInt(120);
            case 16 -> repeat();
            case 17 -> seedAgain();
            case 18 -> sometimes(2, this::next);
            default -> sometimes(3, this::disturb);
        }
        check();
        checkBackup();
    }

    private void sometimes(int oneIn, Runnable what) {
        if (random.nextInt(oneIn) == 0) {
            what.run();
        }
    }

    private Result apply(Command command) {
        var changes = new ArrayList<Change>();
        var before = book.version();
        assertThat(backup.version()).isEqualTo(before);
        var result = book.apply(command, changes::add);
        backup = Book.replicate(backup, before, changes);
        commands.add(command);
        results.add(result);
        for (var image : book.state().outbox.entryImages()) {
            if (image.entry().seq() > seenThrough) {
                seenThrough = (int) image.entry().seq();
                alerts.addAll(image.entry().alerts());
            }
        }
        return result;
    }

    // --- requests ---

    private void hold() {
        var hold = holding(1);
        var result = seeded(hold, hold.charges());
        if (expectedFull(hold.charges(), result)) {
            return;
        }
        var expected = new NaiveAdmission(this, hold.charges()).decide(hold.ask());
        held(hold, result, expected);
    }

    private Command.Hold holding(int requests) {
        var outputMin = random.nextInt(12);
        var outputMax = outputMin + random.nextInt(60);
        var start = random.nextBoolean() ? 0 : random.nextInt(outputMax + 1);
        var ask =
                new Ask(
                        requests,
                        random.nextInt(30),
                        random.nextInt(30_000),
                        outputMin,
                        outputMax,
                        1 + random.nextInt(3),
                        random.nextInt(3_000),
                        true,
                        start == 0 ? 0 : random.nextInt(start) + 1,
                        start);
        return new Command.Hold(
                new UUID(7, ++ids),
                member(),
                term,
                configVersion,
                nowSeconds * 1000,
                ask,
                charges(),
                Scene.bytes("\"n\":" + ids),
                acknowledgements());
    }

    private void held(Command.Hold hold, Result result, Object expected) {
        if (result instanceof Held held) {
            assertThat(expected).isEqualTo(held.outputGranted());
            assertThat(held.held()).isEqualTo(hold.ask().amounts(held.outputGranted()));
            var expectedStart = new NaiveAdmission(this, hold.charges()).start(hold.ask(), held);
            assertThat(held.elastic().outputTokens()).isEqualTo(expectedStart);
            var granted = hold.granted(held.outputGranted(), held.elastic().outputTokens());
            checkUnderCeilings(granted, held);
            open.put(hold.id(), new OpenedHold(granted, held));
            owners.put(hold.id(), hold.incarnation());
            if (random.nextInt(12) > 0) {
                journalHolds.put(hold.id(), granted);
                live.put(hold.id(), new OpenedHold(granted, held));
            }
            // Otherwise the answer was lost.
        } else {
            assertThat(result).isEqualTo(expected);
        }
    }

    private void settle() {
        var attempts = liveOf(members);
        if (!attempts.isEmpty()) {
            var attempt = any(attempts);
            var settle = ended(attempt);
            settled(settle, apply(settle));
        }
    }

    private List<OpenedHold> liveOf(List<UUID> nodes) {
        return live.values().stream()
                .filter(attempt -> nodes.contains(attempt.hold.incarnation()))
                .toList();
    }

    /// The attempt is over. Its owner's journal knows before the book does.
    private Command.Settle ended(OpenedHold attempt) {
        var held = attempt.held.held();
        // At most one in twenty uses more than it held.
        var most = random.nextInt(20) == 0 ? 3 : 1;
        var used =
                new Amounts(
                        random.nextInt(8) == 0 ? 0 : 1,
                        part(held.inputTokens() * most),
                        part(held.outputTokens() * most),
                        part(held.costNanoUsd() * most));
        var id = attempt.hold.id();
        var outcome = Scene.bytes("\"s\":1");
        journalEntries.put(
                id,
                new Present(
                        id,
                        attempt.hold.incarnation(),
                        attempt.hold.charges(),
                        used,
                        Row.join(attempt.hold.facts(), outcome)));
        live.remove(id);
        truths.put(id, new Settlement(attempt.hold.charges(), used, false));
        return new Command.Settle(id, term, 0, used, outcome, acknowledgements());
    }

    private void settled(Command.Settle settle, Result result) {
        var id = settle.id();
        var opened = open.remove(id);
        if (opened == null) {
            assertThat(result).isEqualTo(new Command.Closed());
            correct(id);
            return;
        }
        assertThat(result).isInstanceOf(Command.Settled.class);
        var overrun = settle.used().exceeds(opened.covered());
        assertThat(((Command.Settled) result).overrun()).isEqualTo(overrun);
        settled.put(id, truths.get(id));
        firstResults.put(id, result);
    }

    /// What its owner does when the book says that it is closed.
    private void correct(UUID id) {
        var booked = ledger.get(id);
        if (booked != null && !booked.orphan) {
            return;
        }
        var entry = known(journalEntries, id);
        var correct =
                new Command.Correct(
                        id,
                        term,
                        0,
                        entry.incarnation(),
                        entry.charges(),
                        entry.used(),
                        entry.row());
        var result = apply(correct);
        assertThat(result).isInstanceOf(Command.Settled.class);
        assertThat(apply(correct)).isEqualTo(result);
        settled.put(id, truths.get(id));
        firstResults.put(id, result);
    }

    /// A request goes on with a second attempt.
    private void next() {
        var attempts =
                liveOf(members).stream()
                        .filter(attempt -> open.containsKey(attempt.hold.id()))
                        .toList();
        if (attempts.isEmpty()) {
            return;
        }
        var attempt = any(attempts);
        var settle = ended(attempt);
        var hold = holding(0);
        var answer = (Command.NextResult) apply(new Command.Next(settle, hold));
        if (answer.settled() instanceof Command.Unsettled) {
            assertThat(answer.hold()).isNotInstanceOf(Command.Held.class);
            settled(settle, apply(settle));
        } else {
            settled(settle, answer.settled());
        }
        var result = answer.hold();
        if (result instanceof Command.Unseeded) {
            return;
        }
        if (!expectedFull(hold.charges(), result)) {
            var admission = new NaiveAdmission(this, hold.charges(), attempt.hold.charges());
            held(hold, result, admission.decide(hold.ask()));
        }
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
                        hold.held.held().requests(),
                        0,
                        random.nextLong(hold.held.held().outputTokens() + 10),
                        random.nextLong(hold.held.held().costNanoUsd() + 10));
        apply(new Command.Checkpoint(hold.hold.id(), term, soFar));
        hold.soFar = soFar.min(hold.covered()).max(hold.soFar);
    }

    /// A stream goes on, and its node asks for more, perhaps late or again. The answer may be lost
    /// before it is in the journal.
    private void extend() {
        var growing = open.values().stream().filter(hold -> hold.elastic.isGrowing()).toList();
        if (growing.isEmpty()) {
            return;
        }
        var hold = any(growing);
        var before = hold.elastic.outputTokens();
        var wanted = random.nextLong(hold.held.outputGranted() + 3) + 1;
        var extend = new Command.Extend(hold.hold.id(), term, hold.asked().granted(wanted));
        var naive = new NaiveAdmission(this, hold.hold.charges());
        var result = seeded(extend, hold.hold.charges());
        var expected = naive.extended(hold.asked(), hold.held, hold.elastic, wanted);
        assertThat(result).isEqualTo(new Command.Extended(expected));
        assertThat(expected).isBetween(before, Math.max(before, wanted));
        hold.elastic = hold.of(expected);
        assertThat(apply(extend)).isEqualTo(result);
        var journaled = journalHolds.get(hold.hold.id());
        if (journaled != null && random.nextInt(6) > 0) {
            var extended = journaled.granted(hold.held.outputGranted(), expected);
            journalHolds.put(hold.hold.id(), extended);
        }
    }

    private void cacheHit() {
        var id = new UUID(7, ++ids);
        var row = Scene.bytes("\"hit\":1");
        var charge =
                new Command.Charge(
                        id,
                        member(),
                        term,
                        configVersion,
                        nowSeconds * 1000,
                        charges(),
                        row,
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
            truths.put(id, new Settlement(charge.charges(), used, false));
            settled.put(id, truths.get(id));
            firstResults.put(id, result);
            owners.put(id, charge.incarnation());
            journalEntries.put(
                    id,
                    new Present(
                            id,
                            charge.incarnation(),
                            charge.charges(),
                            used,
                            Row.join(row, Row.NOTHING)));
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
        for (var entry : book.state().outbox.entryImages()) {
            if (!isNew(entry, result)) {
                pinned.addAll(entry.counters());
            }
        }
        var more = false;
        for (var charge : charges) {
            more |= pinned.add(charge.counter());
        }
        var unbooked = book.status().entries() - (result instanceof Command.Settled ? 1 : 0);
        var entries = unbooked + open.size() >= ENTRIES_MAX;
        var full = entries || (more && pinned.size() > COUNTERS_MAX);
        assertThat(result instanceof Command.Full).isEqualTo(full);
        return full;
    }

    private static void addCounted(Set<CounterKey> keys, List<BudgetCharge> charges) {
        charges.stream().filter(BudgetCharge::counts).forEach(charge -> keys.add(charge.counter()));
    }

    private static boolean isNew(BookImage.OfEntry entry, Result result) {
        return result instanceof Command.Settled settled && settled.seq() == entry.entry().seq();
    }

    private List<UUID> acknowledgements() {
        var known = firstResults.keySet().stream().filter(_ -> random.nextInt(3) == 0).toList();
        known.forEach(firstResults::remove);
        acknowledged.addAll(known);
        return known;
    }

    /// A hold or a settlement told again gets its first answer and changes nothing but the version:
    /// a backup has to confirm that it has a repeated hold.
    private void repeat() {
        var before = book.status();
        if (!open.isEmpty()) {
            var hold = any(List.copyOf(open.values()));
            var again = apply(inTerm(hold.hold));
            assertThat(((Held) again).held()).isEqualTo(hold.held.held());
        }
        if (!firstResults.isEmpty()) {
            var id = any(List.copyOf(firstResults.keySet()));
            assertThat(apply(anySettle(id))).isEqualTo(firstResults.get(id));
        }
        assertThat(apply(anySettle(new UUID(0, 9)))).isEqualTo(new Command.Closed());
        assertThat(book.status())
                .usingRecursiveComparison()
                .ignoringFields("version")
                .isEqualTo(before);
    }

    private Command.Hold inTerm(Command.Hold hold) {
        return new Command.Hold(
                hold.id(),
                hold.incarnation(),
                term,
                configVersion,
                hold.nowMillis(),
                hold.ask(),
                hold.charges(),
                hold.facts(),
                List.of());
    }

    private Command.Settle anySettle(UUID id) {
        return new Command.Settle(id, term, 0, Scene.used(5, 5), Row.NOTHING, List.of());
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
        var counts = random.nextInt(8) > 0;
        return new BudgetCharge(
                new CounterKey(new UUID(2, budget), "s" + random.nextInt(3), window),
                "b" + budget,
                window + 100,
                limits.get(budget),
                ceilings.get(budget),
                budget == 3 ? concurrentMax : 0,
                List.of(500, 1000),
                "reject",
                counts,
                List.of(),
                List.of(),
                counts && (budget == 1 || budget == 2));
    }

    // --- PostgreSQL ---

    /// Books some entries; the book learns it later.
    private void book() {
        bookNow(1 + random.nextInt(10));
    }

    private void bookNow(int most) {
        for (var entry : book.unbooked(mark, most)) {
            merge(ledger, entry.id(), told(entry));
            mark = entry.seq();
        }
    }

    /// As the ledger does: an id it has is skipped, but the truth about an orphan is taken.
    private static void merge(Map<UUID, Settlement> into, UUID id, Settlement told) {
        var before = into.get(id);
        if (before == null || (before.orphan && !told.orphan)) {
            into.put(id, told);
        }
    }

    private void bookAll() {
        while (mark < book.status().lastSeq()) {
            bookNow(Integer.MAX_VALUE);
        }
        tellBooked();
    }

    private void tellBooked() {
        var ids = ((Command.BookedIds) apply(new Command.Booked(term, epoch, mark))).ids();
        assertThat(ledger.keySet()).containsAll(ids);
        for (var id : ids) {
            if (!known(ledger, id).orphan && random.nextInt(4) > 0) {
                journalEntries.remove(id);
                journalHolds.remove(id);
            }
        }
    }

    private Command.Seed seedOf(List<CounterKey> counters) {
        var seeded =
                counters.stream()
                        .map(key ->
                                new Command.Seed.Seeded(
                                        key, key.windowStart() + 100, inLedger(key)))
                        .toList();
        var seed = new Command.Seed(term, epoch, mark, seeded);
        oldSeeds.add(seed);
        return seed;
    }

    private Amounts inLedger(CounterKey key) {
        return ledger.values().stream()
                .map(entry -> entry.of(key))
                .reduce(Amounts.NONE, Amounts::plus);
    }

    /// A seed read long ago, or a fresh one nobody asked for.
    private void seedAgain() {
        if (!oldSeeds.isEmpty() && random.nextInt(2) == 0) {
            var old = any(oldSeeds);
            apply(new Command.Seed(term, old.epoch(), old.bookedThrough(), old.counters()));
        } else if (random.nextInt(4) == 0) {
            apply(new Command.Reseed(term, List.of(charge(random.nextInt(BUDGETS)).counter())));
        } else if (random.nextInt(8) == 0) {
            apply(new Command.Reseed(term, List.of()));
        } else {
            apply(seedOf(List.of(charge(random.nextInt(BUDGETS)).counter())));
        }
    }

    // --- trouble ---

    private UUID member() {
        return any(members);
    }

    private void begin() {
        var node = new UUID(1, ++incarnations);
        members.add(node);
        disks.add(node);
    }

    private void disturb() {
        oldCopies.add(book.image());
        switch (random.nextInt(7)) {
            case 0 -> open(random.nextBoolean());
            case 1 -> {
                lose();
                open(random.nextBoolean());
            }
            case 2 -> move();
            default -> {
                if (membersChange) {
                    changeMembers();
                }
            }
        }
    }

    /// The book goes on at another member, or from its backup.
    private void move() {
        book = Book.of(random.nextBoolean() ? book.image() : backup.image(), BOUNDS);
        if (random.nextBoolean()) {
            backup = Book.of(backup.image());
        }
    }

    /// A new term, which has to open the book anew: what is left of it.
    private void changeMembers() {
        if (members.size() > 1 && random.nextBoolean()) {
            var lost = members.remove(random.nextInt(members.size()));
            (random.nextBoolean() ? away : dead).add(lost);
            disks.remove(lost);
        } else if (!away.isEmpty() && random.nextBoolean()) {
            comeBack(away.remove(random.nextInt(away.size())));
        } else if (!dead.isEmpty() && random.nextBoolean()) {
            disks.add(any(dead));
        } else {
            begin();
        }
        term++;
        if (random.nextInt(3) == 0) {
            lose();
        } else if (random.nextInt(4) == 0) {
            goBackTo(any(oldCopies));
        }
        refusesUntilOpen();
        open(random.nextBoolean());
        for (var node : members) {
            repeatUnacknowledged(node);
        }
    }

    /// Some of what it did ended while it was away.
    private void comeBack(UUID node) {
        members.add(node);
        disks.add(node);
        for (var attempt : liveOf(List.of(node))) {
            if (random.nextBoolean()) {
                ended(attempt);
            }
        }
    }

    private void refusesUntilOpen() {
        if (random.nextBoolean()) {
            assertThat(apply(anySettle(new UUID(0, 9)))).isEqualTo(new Command.NotOpen());
            assertThat(apply(anySettle(new UUID(0, 9)))).isEqualTo(new Command.NotOpen());
            assertThat(book.standings(allCharges()).known()).isEmpty();
        }
    }

    /// A node tells again what it settled and does not know to be booked.
    private void repeatUnacknowledged(UUID node) {
        for (var entry : List.copyOf(journalEntries.values())) {
            if (entry.incarnation().equals(node)) {
                var id = entry.id();
                var settle = new Command.Settle(id, term, 0, entry.used(), Row.NOTHING, List.of());
                if (apply(settle) instanceof Command.Settled again) {
                    if (!acknowledged.contains(id)) {
                        firstResults.put(id, again);
                    }
                } else {
                    correct(id);
                }
            }
        }
    }

    private void orphan(UUID node) {
        var theirs =
                open.values().stream()
                        .filter(hold -> hold.hold.incarnation().equals(node))
                        .toList();
        var result = apply(new Command.Orphan(node, term, 0));
        assertThat(result).isEqualTo(new Command.Orphaned(theirs.size()));
        for (var hold : theirs) {
            var id = hold.hold.id();
            open.remove(id);
            settled.put(id, new Settlement(hold.hold.charges(), hold.covered(), true));
            orphans.put(id, settled.get(id));
            assertThat(apply(anySettle(id))).isEqualTo(new Command.Closed());
        }
    }

    private void lose() {
        goBackTo(newBook().image());
        backup = new Book();
    }

    /// What is left of the book is a copy of long ago.
    private void goBackTo(BookImage copy) {
        book = Book.of(copy, BOUNDS);
        backup = Book.of(copy);
        start = copy;
        seenThrough = Integer.MAX_VALUE;
        firstResults.clear();
        commands.clear();
        results.clear();
        settled.clear();
        settled.putAll(ledger);
        for (var image : copy.entries()) {
            merge(settled, image.entry().id(), told(image.entry()));
        }
        open.clear();
        for (var image : copy.holds()) {
            open.put(image.held().id(), reopened(image));
        }
    }

    private OpenedHold reopened(BookImage.OfHold image) {
        var hold =
                new Command.Hold(
                        image.held().id(),
                        image.incarnation(),
                        term,
                        configVersion,
                        image.nowMillis(),
                        new Ask(0, 0, 0, 0, 0, 1, 0),
                        image.charges(),
                        image.facts(),
                        List.of());
        var reopened = new OpenedHold(hold, image.held());
        reopened.soFar = image.soFar();
        return reopened;
    }

    private static OpenedHold reopened(Command.Hold hold) {
        var amounts = hold.ask().amounts(hold.ask().outputMax());
        return new OpenedHold(
                hold,
                new Held(
                        hold.id(),
                        hold.ask().outputMax(),
                        amounts,
                        List.of(),
                        Elastic.of(hold.ask(), hold.ask().start())));
    }

    private void open(boolean inParts) {
        epoch++;
        mark = 0;
        seenThrough = Integer.MAX_VALUE;
        var renumbered = renumberedResults();
        var gone =
                book.holdsOfOthers(members, Book.BEFORE_ALL, 500).stream()
                        .map(Book.HoldOwner::id)
                        .filter(ledger::containsKey)
                        .toList();
        var holds =
                journalHolds.values().stream()
                        .filter(hold -> disks.contains(hold.incarnation()))
                        .filter(hold -> !ledger.containsKey(hold.id()))
                        .filter(hold -> live.containsKey(hold.id()) || !hasEntry(hold.id()))
                        .toList();
        var entries =
                journalEntries.values().stream()
                        .filter(entry -> disks.contains(entry.incarnation()))
                        .toList();
        if (inParts) {
            opening(List.of(), entries, gone, true, false);
            opening(List.of(), entries, List.of(), true, false);
            opening(holds, List.of(), List.of(), false, true);
        } else {
            opening(holds, entries, gone, true, true);
        }
        expectOpened(holds, entries, gone);
        firstResults.clear();
        firstResults.putAll(renumbered);
        seenThrough = (int) book.status().lastSeq();
        away.forEach(this::orphan);
        dead.forEach(this::orphan);
    }

    private boolean hasEntry(UUID id) {
        return journalEntries.containsKey(id);
    }

    private void expectOpened(List<Command.Hold> holds, List<Present> entries, List<UUID> gone) {
        open.values().removeIf(hold -> members.contains(hold.hold.incarnation()));
        gone.forEach(open::remove);
        for (var entry : entries) {
            open.remove(entry.id());
            merge(settled, entry.id(), known(truths, entry.id()));
        }
        for (var hold : holds) {
            if (!settled.containsKey(hold.id())) {
                open.putIfAbsent(hold.id(), reopened(hold));
            }
        }
    }

    /// What repeats get in the next epoch.
    private Map<UUID, Result> renumberedResults() {
        var numbers = new HashMap<UUID, Long>();
        var number = 0L;
        for (var image : book.state().outbox.entryImages()) {
            numbers.put(image.entry().id(), ++number);
        }
        var renumbered = new LinkedHashMap<UUID, Result>();
        firstResults.forEach((id, result) -> {
            var before = (Command.Settled) result;
            var seq = numbers.getOrDefault(id, 0L);
            if (seq > 0 || members.contains(owners.get(id))) {
                renumbered.put(id, new Command.Settled(seq, before.overrun(), before.tightest()));
            }
        });
        return renumbered;
    }

    private void opening(
            List<Command.Hold> holds,
            List<Present> entries,
            List<UUID> gone,
            boolean first,
            boolean last) {
        var opening =
                new Command.Open(
                        term,
                        epoch,
                        configVersion,
                        nowSeconds * 1000,
                        members,
                        holds,
                        entries,
                        gone,
                        first,
                        last);
        assertThat(apply(opening)).isEqualTo(new Command.Opened(epoch));
    }

    /// What an entry of the outbox tells the ledger.
    private Settlement told(OutboxEntry entry) {
        var orphan = new String(entry.row(), StandardCharsets.UTF_8).contains("orphan");
        return known(orphan ? orphans : truths, entry.id());
    }

    private static <T> T known(Map<UUID, T> map, UUID id) {
        return Objects.requireNonNull(map.get(id));
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
                sum = sum.plus(hold.heldOf(key).minus(hold.soFar));
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
        return BUDGETS * (open.size() + book.status().entries());
    }

    /// The backup is the same, and so is a copy made of an image.
    private void checkBackup() {
        var expected = BookContent.of(book);
        assertThat(BookContent.of(backup)).isEqualTo(expected);
        if (random.nextInt(10) == 0) {
            assertThat(BookContent.of(Book.of(book.image()))).isEqualTo(expected);
        }
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

    private void checkUnderCeilings(Command.Hold hold, Held held) {
        var opened = new OpenedHold(hold, held);
        for (var charge : hold.charges()) {
            var asked = opened.heldOf(charge.counter());
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

    /// Everybody comes back, the book is dropped, a new one opened and everything booked and
    /// seeded: what it shows is what the model adds up, and the ledger has the truth of all that
    /// has ended, and all of what died held.
    void endByLosingTheBook() {
        for (var node : List.copyOf(away)) {
            away.remove(node);
            comeBack(node);
        }
        disks.addAll(dead);
        term++;
        lose();
        open(false);
        members.forEach(this::repeatUnacknowledged);
        bookAll();
        for (var charge : allCharges()) {
            if (!((Command.SeedTaken) apply(seedOf(List.of(charge.counter())))).taken()) {
                checkFullOfHolds(charge.counter());
                continue;
            }
            var standing = book.standings(List.of(charge)).known().getFirst();
            assertThat(standing.posted()).isEqualTo(posted(charge.counter()));
            assertThat(standing.held()).isEqualTo(held(charge.counter()));
        }
        assertThat(ledger).isEqualTo(settled).containsAllEntriesOf(truths);
        live.values().stream()
                .filter(attempt -> dead.contains(attempt.hold.incarnation()))
                .filter(attempt -> !attempt.elastic.isGrowing())
                .forEach(attempt ->
                        assertThat(known(ledger, attempt.hold.id()).used)
                                .isEqualTo(attempt.held.held()));
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
        Elastic elastic;

        OpenedHold(Command.Hold hold, Held held) {
            this.hold = hold;
            this.held = held;
            this.elastic = held.elastic();
        }

        /// The hold's own ask, or one that fits what is known of it.
        Ask asked() {
            return hold.ask();
        }

        Elastic of(long outputTokens) {
            var amounts = asked().amounts(outputTokens).max(elastic.amounts());
            return outputTokens == elastic.outputTokens()
                    ? elastic
                    : new Elastic(outputTokens, amounts);
        }

        Amounts covered() {
            return elastic.isGrowing() ? elastic.amounts().min(held.held()) : held.held();
        }

        /// What the counter holds for it.
        Amounts heldOf(CounterKey key) {
            var growing =
                    elastic.isGrowing()
                            && hold.charges().stream()
                                    .anyMatch(charge ->
                                            charge.elastic() && charge.counter().equals(key));
            return growing ? elastic.amounts() : held.held();
        }
    }

    private record Settlement(List<BudgetCharge> charges, Amounts used, boolean orphan) {
        Amounts of(CounterKey key) {
            return BookWorld.charges(charges, key) ? used : Amounts.NONE;
        }
    }
}
