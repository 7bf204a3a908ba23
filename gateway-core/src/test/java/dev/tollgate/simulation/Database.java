package dev.tollgate.simulation;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.OutboxEntry;
import dev.tollgate.lease.LeaseChange;
import dev.tollgate.lease.LeaseRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// PostgreSQL: the lease's row, the fence of the books, the ledger and its sums, as the functions
/// of the schema have them. One call is one transaction.
final class Database {

    private static final Pattern ROW =
            Pattern.compile(
                    "\"requests\":(\\d+),\"uncached_input_tokens\":(\\d+),\"output_tokens\":(\\d+),"
                            + "\"cost_nano_usd\":(\\d+),\"usage_source\":\"(\\w+)\"");

    private final Simulation simulation;
    boolean away;

    // The lease.
    private long stamp;
    private long term;
    private UUID holder = new UUID(0, 0);
    private List<UUID> members = List.of();
    private List<UUID> departed = List.of();
    private long effectiveAt;
    private long expiresAt;

    private List<UUID> lost = List.of();
    private long lostTerm;
    private long lostAt;

    private final Map<String, OfBook> books = new HashMap<>();
    private final Map<UUID, Booked> ledger = new LinkedHashMap<>();
    private final Map<CounterKey, Amounts> windows = new HashMap<>();

    private static final class OfBook {
        long epoch;
        long term;
        long bookedThrough;
    }

    /// A row of the ledger and its correction.
    record Booked(Amounts used, boolean orphan, @Nullable Amounts correction) {
        Amounts sum() {
            return correction == null ? used : used.plus(correction);
        }
    }

    record Opened(long epoch) {}

    record Sums(long epoch, long bookedThrough, Map<CounterKey, Amounts> posted) {}

    /// Refused for good: an older term or epoch.
    static final class Fenced extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fenced(String reason) {
            super(reason);
        }
    }

    Database(Simulation simulation) {
        this.simulation = simulation;
    }

    /// Calls `done` with what `transaction` gave, or `failed`: with [Fenced] where it was refused,
    /// else the transaction may have been carried out.
    <T extends @Nullable Object> void call(
            Node node,
            Supplier<T> transaction,
            Consumer<T> done,
            Consumer<RuntimeException> failed) {
        simulation.later(
                simulation.hop(),
                () -> {
                    if (!reachable(node)) {
                        fail(node, failed);
                        return;
                    }
                    if (!node.alive) {
                        return;
                    }
                    T result;
                    try {
                        result = transaction.get();
                    } catch (Fenced fenced) {
                        simulation.later(
                                simulation.hop(), () -> node.run(() -> failed.accept(fenced)));
                        return;
                    }
                    simulation.later(
                            simulation.hop(),
                            () -> {
                                if (reachable(node)) {
                                    node.run(() -> done.accept(result));
                                } else {
                                    fail(node, failed);
                                }
                            });
                });
    }

    /// As [#call], and fails when there is no answer in time; it may be carried out all the same.
    <T extends @Nullable Object> void callWithin(
            long micros,
            Node node,
            Supplier<T> transaction,
            Consumer<T> done,
            Consumer<RuntimeException> failed) {
        var over = new AtomicBoolean();
        call(
                node,
                transaction,
                answer -> {
                    if (!over.getAndSet(true)) {
                        done.accept(answer);
                    }
                },
                failure -> {
                    if (!over.getAndSet(true)) {
                        failed.accept(failure);
                    }
                });
        node.later(
                micros,
                () -> {
                    if (!over.getAndSet(true)) {
                        failed.accept(new IllegalStateException("no answer"));
                    }
                });
    }

    private boolean reachable(Node node) {
        return !away && node.machine.databaseReachable;
    }

    private void fail(Node node, Consumer<RuntimeException> failed) {
        simulation.later(
                simulation.between(500, 1_000_000),
                () -> node.run(() -> failed.accept(new IllegalStateException("away"))));
    }

    // --- the lease ---

    LeaseRow readLease(Node node) {
        var row = row();
        var stranger = !members.contains(node.incarnation);
        if (simulation.keeps(Remedy.STRANGERS_WAIT) || !stranger) {
            return row;
        }
        return new LeaseRow(
                row.stamp(),
                row.term(),
                row.holder(),
                row.members(),
                row.departed(),
                row.lost(),
                row.effectiveIn(),
                row.expiresIn().minus(Lease.VOUCHES_FOR));
    }

    private LeaseRow row() {
        return new LeaseRow(
                stamp,
                term,
                holder,
                members,
                departed,
                new LeaseRow.Lost(lost, lostTerm, micros(simulation.micros() - lostAt)),
                micros(effectiveAt - simulation.micros()),
                micros(expiresAt - simulation.micros()));
    }

    private static Duration micros(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    /// As `write_lease` of the schema.
    @Nullable LeaseRow writeLease(LeaseChange change) {
        if (change.stamp() != stamp) {
            return null;
        }
        var now = simulation.micros();
        var latest = now + LeaseRow.TTL.toNanos() / 1000;
        var earliest =
                now
                        + (simulation.keeps(Remedy.LOSS_WAITS)
                                ? change.beginsIn().toNanos() / 1000
                                : 0);
        var begins = Math.max(Math.min(effectiveAt, latest), earliest);
        if (change.waits()) {
            effectiveAt = Math.max(Math.min(Math.max(effectiveAt, expiresAt), latest), earliest);
        } else if (change.term() == term) {
            effectiveAt = Math.min(effectiveAt, latest);
        } else {
            effectiveAt = begins;
        }
        expiresAt = change.ends() ? begins : latest;
        if (change.term() != term) {
            simulation.log(
                    "lease: term %d %s, begins in %d ms"
                            .formatted(
                                    change.term(),
                                    simulation.truth.names(change.members()),
                                    (effectiveAt - now) / 1000));
        }
        stamp++;
        term = change.term();
        holder = change.holder();
        members = change.members();
        departed = change.departed();
        lost = change.lost();
        lostTerm = change.lostTerm();
        lostAt = change.loses() ? now : lostAt;
        return row();
    }

    // --- the books ---

    Opened openBook(String organization, long asTerm) {
        var book = books.computeIfAbsent(organization, _ -> new OfBook());
        if (book.term > asTerm) {
            throw new Fenced("term " + asTerm);
        }
        book.epoch++;
        book.term = asTerm;
        book.bookedThrough = 0;
        return new Opened(book.epoch);
    }

    /// The term in which the book was opened last; 0 before the first time.
    long bookTerm(String organization) {
        var book = books.get(organization);
        return book == null ? 0 : book.term;
    }

    long book(String organization, long epoch, long asTerm, List<OutboxEntry> entries) {
        var book = books.get(organization);
        if (book == null || asTerm < book.term || epoch != book.epoch) {
            throw new Fenced("term " + asTerm + ", epoch " + epoch);
        }
        var ids = new HashSet<UUID>();
        for (var entry : entries) {
            if (!ids.add(entry.id())) {
                throw simulation.failure("booked together twice: " + entry.id());
            }
            post(entry);
            book.bookedThrough = Math.max(book.bookedThrough, entry.seq());
        }
        book.term = asTerm;
        return book.bookedThrough;
    }

    private void post(OutboxEntry entry) {
        var row = ROW.matcher(new String(entry.row(), StandardCharsets.UTF_8));
        if (!row.find()) {
            throw simulation.failure("row: " + new String(entry.row(), StandardCharsets.UTF_8));
        }
        var used =
                new Amounts(
                        Long.parseLong(row.group(1)),
                        Long.parseLong(row.group(2)),
                        Long.parseLong(row.group(3)),
                        Long.parseLong(row.group(4)));
        var orphan = row.group(5).equals("orphan");
        var there = ledger.get(entry.id());
        if (there == null) {
            ledger.put(entry.id(), new Booked(used, orphan, null));
            sum(entry.id(), used);
        } else if (there.orphan && !orphan && there.correction == null) {
            var difference = used.minus(there.used);
            ledger.put(entry.id(), new Booked(there.used, true, difference));
            sum(entry.id(), difference);
        }
    }

    private void sum(UUID id, Amounts used) {
        for (var key : simulation.truth.countersOf(id)) {
            windows.merge(key, used, Amounts::plus);
        }
    }

    Sums sums(String organization, List<CounterKey> counters) {
        var book = books.get(organization);
        if (book == null) {
            return new Sums(0, 0, Map.of());
        }
        var posted = new HashMap<CounterKey, Amounts>();
        for (var key : counters) {
            posted.put(key, sum(key));
        }
        return new Sums(book.epoch, book.bookedThrough, posted);
    }

    Amounts sum(CounterKey key) {
        return windows.getOrDefault(key, Amounts.NONE);
    }

    Set<UUID> booked(Collection<UUID> ids) {
        var found = new HashSet<>(ids);
        found.retainAll(ledger.keySet());
        return found;
    }

    Set<UUID> settled(Collection<UUID> ids) {
        var found = new HashSet<UUID>();
        for (var id : ids) {
            var there = ledger.get(id);
            if (there != null && (!there.orphan || there.correction != null)) {
                found.add(id);
            }
        }
        return found;
    }

    @Nullable Booked row(UUID id) {
        return ledger.get(id);
    }

    List<UUID> ids() {
        return new ArrayList<>(ledger.keySet());
    }
}
