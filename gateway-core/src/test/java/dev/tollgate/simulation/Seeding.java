package dev.tollgate.simulation;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Reads cold counters and seeds the book with them, as `Seeding` of the node.
final class Seeding {

    private static final long ATTEMPTS = 3_000_000;
    private static final long ATTEMPT_PAUSE = 20_000;
    private static final long FAILURE_PAUSE = 250_000;

    private final Desk desk;
    private final Simulation simulation;
    private Map<CounterKey, Long> wanted = new HashMap<>();
    private List<Consumer<Boolean>> waiting = new ArrayList<>();
    private boolean running;
    private long failedAt = Long.MIN_VALUE / 2;

    Seeding(Desk desk) {
        this.desk = desk;
        this.simulation = desk.node.simulation;
    }

    /// Tells `then` whether the book has them.
    void seed(Map<CounterKey, Long> windowEnds, Consumer<Boolean> then) {
        if (simulation.micros() - failedAt < FAILURE_PAUSE) {
            desk.node.later(0, () -> then.accept(false));
            return;
        }
        wanted.putAll(windowEnds);
        waiting.add(then);
        if (!running) {
            running = true;
            next();
        }
    }

    private void next() {
        if (wanted.isEmpty()) {
            running = false;
            return;
        }
        var work = wanted;
        var theirs = waiting;
        wanted = new HashMap<>();
        waiting = new ArrayList<>();
        attempt(
                work,
                simulation.micros() + ATTEMPTS,
                taken -> {
                    if (!taken) {
                        failedAt = simulation.micros();
                    }
                    theirs.forEach(then -> desk.node.later(0, () -> then.accept(taken)));
                    next();
                });
    }

    private void attempt(Map<CounterKey, Long> work, long until, Consumer<Boolean> then) {
        var database = simulation.database;
        database.call(
                desk.node,
                () -> database.sums(desk.organization, List.copyOf(work.keySet())),
                sums -> {
                    var grant = desk.node.lease.now();
                    if (grant == null) {
                        then.accept(false);
                        return;
                    }
                    var seeded = new ArrayList<Command.Seed.Seeded>();
                    work.forEach((key, end) ->
                            seeded.add(
                                    new Command.Seed.Seeded(
                                            key,
                                            end,
                                            sums.posted().getOrDefault(key, Amounts.NONE))));
                    var seed =
                            new Command.Seed(
                                    grant.term(), sums.epoch(), sums.bookedThrough(), seeded);
                    simulation.grid.apply(
                            desk.node,
                            desk.organization,
                            grant.members(),
                            List.of(seed),
                            answers -> {
                                if (answers.results().getFirst()
                                                instanceof Command.SeedTaken(var taken)
                                        && taken) {
                                    then.accept(true);
                                } else if (simulation.micros() < until) {
                                    desk.node.later(
                                            ATTEMPT_PAUSE, () -> attempt(work, until, then));
                                } else {
                                    then.accept(false);
                                }
                            },
                            () -> then.accept(false));
                },
                _ -> then.accept(false));
    }
}
