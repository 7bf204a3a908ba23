package dev.tollgate.budget;

import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Books in memory, with a ledger to match: what is settled is booked at once, counters are seeded
/// from what was booked. Any thread.
public final class InMemoryBooks implements Books {

    private static final UUID INCARNATION = new UUID(0, 1);

    private final long openedMillis;

    /// The time of what is done next.
    long nowMillis;

    /// Whether holds fail from now on.
    boolean failing;

    private final Map<String, Shelf> shelves = new HashMap<>();

    public InMemoryBooks(long openedMillis) {
        this.openedMillis = openedMillis;
        this.nowMillis = openedMillis;
    }

    @Override
    public synchronized Future<Command.HoldResult> hold(String organization, HoldRequest request) {
        if (failing) {
            return Refusal.of(new Problem.QuotaUnavailable("failing"));
        }
        var shelf = shelf(organization);
        var hold = holding(request);
        var result = shelf.book.apply(hold);
        if (result instanceof Command.Unseeded unseeded) {
            shelf.seed(unseeded.counters());
            result = shelf.book.apply(hold);
        }
        if (result instanceof Command.Held) {
            shelf.charges.putIfAbsent(request.id(), request.charges());
        }
        return Future.succeededFuture((Command.HoldResult) result);
    }

    @Override
    public synchronized Future<Long> extend(String organization, ExtendRequest request) {
        if (failing) {
            return Refusal.of(new Problem.QuotaUnavailable("failing"));
        }
        var shelf = shelf(organization);
        var extend = new Command.Extend(request.id(), 1, request.ask());
        var result = shelf.book.apply(extend);
        if (result instanceof Command.Unseeded unseeded) {
            shelf.seed(unseeded.counters());
            result = shelf.book.apply(extend);
        }
        return result instanceof Command.Extended(var outputTokens)
                ? Future.succeededFuture(outputTokens)
                : Refusal.of(new Problem.QuotaUnavailable("the hold was closed"));
    }

    @Override
    public synchronized Future<Command.Result> checkpoint(
            String organization, UUID id, Amounts soFar) {
        return Future.succeededFuture(
                shelf(organization).book.apply(new Command.Checkpoint(id, 1, soFar)));
    }

    @Override
    public synchronized Future<List<Command.Settled>> settle(
            String organization, UUID id, Amounts used, byte[] outcome) {
        var shelf = shelf(organization);
        var settle = new Command.Settle(id, 1, nowMillis, used, outcome, List.of());
        if (!(shelf.book.apply(settle) instanceof Command.Settled settled)) {
            return Future.succeededFuture(List.of());
        }
        shelf.book(id, used);
        return Future.succeededFuture(List.of(settled));
    }

    @Override
    public synchronized Future<Command.NextResult> next(
            String organization, UUID id, Amounts used, byte[] outcome, HoldRequest request) {
        if (failing) {
            return Refusal.of(new Problem.QuotaUnavailable("failing"));
        }
        var shelf = shelf(organization);
        var settle = new Command.Settle(id, 1, nowMillis, used, outcome, List.of());
        var next = new Command.Next(settle, holding(request));
        var result = (Command.NextResult) shelf.book.apply(next);
        if (result.hold() instanceof Command.Unseeded unseeded) {
            shelf.seed(unseeded.counters());
            result = (Command.NextResult) shelf.book.apply(next);
        }
        if (result.hold() instanceof Command.Held) {
            shelf.charges.putIfAbsent(request.id(), request.charges());
        }
        if (result.settled() instanceof Command.Settled) {
            shelf.book(id, used);
        }
        return Future.succeededFuture(result);
    }

    private Command.Hold holding(HoldRequest request) {
        return new Command.Hold(
                request.id(),
                INCARNATION,
                1,
                request.configVersion(),
                nowMillis,
                request.ask(),
                request.charges(),
                request.facts(),
                List.of());
    }

    @Override
    public boolean settlesInOrder() {
        return false;
    }

    @Override
    public synchronized Future<List<Standing>> standings(
            String organization, List<BudgetCharge> charges) {
        var shelf = shelf(organization);
        shelf.seed(shelf.book.standings(charges).unknown());
        return Future.succeededFuture(shelf.book.standings(charges).known());
    }

    @Override
    public synchronized Future<Void> configure(String organization, long configVersion) {
        shelf(organization).book.apply(new Command.Configure(1, configVersion));
        return Future.succeededFuture();
    }

    /// The rows that were booked, oldest first.
    public synchronized List<String> rows(String organization) {
        return List.copyOf(shelf(organization).rows);
    }

    /// Open holds.
    public synchronized int inFlight(String organization) {
        return shelf(organization).book.status().holds();
    }

    private Shelf shelf(String organization) {
        return shelves.computeIfAbsent(organization, _ -> new Shelf(openedMillis));
    }

    private static final class Shelf {

        private final Book book = new Book();
        private final Map<UUID, List<BudgetCharge>> charges = new HashMap<>();
        private final Map<CounterKey, Amounts> posted = new HashMap<>();
        private final List<String> rows = new ArrayList<>();

        Shelf(long openedMillis) {
            book.apply(new Command.Open(1, 1, 0, openedMillis, List.of(), List.of()));
        }

        void seed(List<CounterKey> counters) {
            var seeded =
                    counters.stream()
                            .map(key ->
                                    new Command.Seed.Seeded(
                                            key,
                                            Long.MAX_VALUE,
                                            posted.getOrDefault(key, Amounts.NONE)))
                            .toList();
            book.apply(new Command.Seed(1, 1, book.status().bookedThrough(), seeded));
        }

        void book(UUID id, Amounts used) {
            for (var entry : book.unbooked(book.status().bookedThrough(), Integer.MAX_VALUE)) {
                rows.add(new String(entry.row(), StandardCharsets.UTF_8));
                book.apply(new Command.Booked(1, 1, entry.seq()));
            }
            var charged = charges.remove(id);
            if (charged != null) {
                charged.stream()
                        .filter(BudgetCharge::counts)
                        .forEach(charge -> posted.merge(charge.counter(), used, Amounts::plus));
            }
        }
    }
}
