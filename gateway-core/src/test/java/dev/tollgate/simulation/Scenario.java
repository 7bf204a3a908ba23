package dev.tollgate.simulation;

import dev.tollgate.budget.Ask;
import dev.tollgate.budget.BudgetCharge;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// One run: nodes, requests, faults, and the quiet after them.
final class Scenario {

    private static final long START_MILLIS = 5_000;
    private static final long FAULTS_MILLIS = 45_000;
    private static final long QUIET_MILLIS = 45_000;
    private static final long END_MILLIS = 45_000;
    private static final UUID FOR_ALL = new UUID(2, 1);
    private static final UUID FOR_SOME = new UUID(2, 2);
    private static final UUID BY_TIME = new UUID(2, 3);

    /// What may happen.
    enum Fault {
        KILL,
        PAUSE,
        PAUSE_SEVERAL,
        PARTITION,
        PARTITION_FROM_DATABASE,
        DATABASE_AWAY,
        DATABASE_AWAY_FROM_ONE,
        LEAVE,
        JOIN,
        SLOW,
        DISK_LOST,
        TWICE,
        TWICE_LATE
    }

    private final Simulation simulation;
    private final Set<Fault> faults;
    private boolean asking = true;
    private boolean failing = true;
    private final int machinesMax;
    private final long limitForAll;
    private final long limitByTime;
    private final long windowSeconds;

    Scenario(long seed, Set<Fault> allowed) {
        this(seed, allowed, Set.of());
    }

    /// @param without rules that are not kept to
    Scenario(long seed, Set<Fault> allowed, Set<Remedy> without) {
        this.simulation = new Simulation(seed, without);
        this.faults = EnumSet.noneOf(Fault.class);
        for (var fault : allowed) {
            if (simulation.chance(500)) {
                faults.add(fault);
            }
        }
        var count = (int) simulation.between(1, 5);
        machinesMax = count + (faults.contains(Fault.JOIN) ? 2 : 0);
        for (var number = 0; number < machinesMax; number++) {
            simulation.machines.add(new Machine(number));
        }
        limitForAll = simulation.between(20_000, 400_000);
        limitByTime = simulation.between(1_000, 20_000);
        windowSeconds = simulation.between(5, 30);
        for (var number = 0; number < count; number++) {
            start(simulation.machines.get(number), simulation.between(0, 3_000_000));
        }
        simulation.grid.startMerging();
        if (faults.contains(Fault.TWICE) || faults.contains(Fault.TWICE_LATE)) {
            simulation.twicePerMille = 20;
            simulation.twiceLate = faults.contains(Fault.TWICE_LATE);
        }
    }

    Simulation simulation() {
        return simulation;
    }

    /// @throws AssertionError when something is not as it has to be
    void run() {
        simulation.log("faults: " + faults + ", machines: " + machinesMax);
        simulation.runUntil(START_MILLIS);
        fault();
        simulation.runUntil(START_MILLIS + FAULTS_MILLIS);
        heal();
        var healed = START_MILLIS + FAULTS_MILLIS;
        simulation.runUntil(healed + QUIET_MILLIS);
        available(healed + QUIET_MILLIS - 10_000);
        asking = false;
        simulation.runUntil(healed + QUIET_MILLIS + END_MILLIS);
        simulation.truth.check();
        fits();
    }

    private void start(Machine machine, long afterMicros) {
        simulation.later(
                afterMicros,
                () -> {
                    if (machine.node == null) {
                        var node = new Node(simulation, machine);
                        machine.node = node;
                        node.start();
                        ask(node, true);
                    }
                });
    }

    // --- requests ---

    private void ask(Node node, boolean first) {
        if (!node.alive) {
            return;
        }
        if (!first && asking) {
            askOnce(node);
        }
        node.later(simulation.between(10_000, 400_000), () -> ask(node, false));
    }

    private Truth.Request askOnce(Node node) {
        var output = simulation.between(1, 400);
        var least = simulation.chance(500) ? output : simulation.between(1, output);
        return simulation.truth.ask(
                node,
                new Ask(1, simulation.between(1, 300), 0, least, output, 1, 0),
                charges(node, simulation.random.nextInt(7)));
    }

    private List<BudgetCharge> charges(Node node, int which) {
        var charges = new ArrayList<BudgetCharge>();
        charges.add(Truth.charge(FOR_ALL, "", 0, Long.MAX_VALUE, limitForAll));
        if ((which & 1) == 1) {
            var subject = "user" + simulation.random.nextInt(3);
            charges.add(Truth.charge(FOR_SOME, subject, 0, Long.MAX_VALUE, limitForAll / 4));
        }
        if ((which & 6) != 0) {
            var seconds = Math.floorDiv(node.nowMillis(), 1000L);
            var start = seconds - seconds % windowSeconds;
            charges.add(Truth.charge(BY_TIME, "", start, start + windowSeconds, limitByTime));
        }
        return charges;
    }

    // --- faults ---

    private void fault() {
        if (failing && !faults.isEmpty()) {
            cause(simulation.oneOf(List.copyOf(faults)));
            simulation.later(simulation.between(100_000, 9_000_000), this::fault);
        }
    }

    private void cause(Fault fault) {
        var nodes = simulation.nodes();
        if (nodes.isEmpty()) {
            return;
        }
        var node = simulation.oneOf(nodes);
        switch (fault) {
            case KILL -> {
                node.kill();
                start(node.machine, simulation.between(300_000, 25_000_000));
            }
            case PAUSE -> pause(node, simulation.between(500_000, 20_000_000));
            case PAUSE_SEVERAL -> {
                var length = simulation.between(500_000, 20_000_000);
                for (var one : nodes) {
                    if (simulation.chance(500)) {
                        pause(one, length);
                    }
                }
            }
            case PARTITION -> partition(false);
            case PARTITION_FROM_DATABASE -> partition(true);
            case DATABASE_AWAY -> {
                simulation.log("database: away");
                simulation.database.away = true;
                simulation.later(
                        simulation.between(100_000, 15_000_000),
                        () -> {
                            simulation.log("database: back");
                            simulation.database.away = false;
                        });
            }
            case DATABASE_AWAY_FROM_ONE -> {
                simulation.log("database: away from " + node);
                node.machine.databaseReachable = false;
                simulation.later(
                        simulation.between(100_000, 15_000_000),
                        () -> {
                            simulation.log("database: back for machine " + node.machine.number);
                            node.machine.databaseReachable = true;
                        });
            }
            case LEAVE -> leave(node);
            case JOIN -> {
                for (var machine : simulation.machines) {
                    if (machine.node == null) {
                        start(machine, 0);
                        break;
                    }
                }
            }
            case SLOW -> {
                simulation.slowPerMille = (int) simulation.between(5, 100);
                simulation.later(
                        simulation.between(100_000, 10_000_000), () -> simulation.slowPerMille = 0);
            }
            case DISK_LOST -> {
                node.machine.diskLost = true;
                node.kill();
                node.machine.diskLost = false;
                start(node.machine, simulation.between(300_000, 15_000_000));
            }
            case TWICE, TWICE_LATE -> {
                // All the time.
            }
        }
    }

    private void pause(Node node, long micros) {
        if (!node.paused) {
            node.pause();
            simulation.later(micros, node::wake);
        }
    }

    private void leave(Node node) {
        if (node.paused || node.merging) {
            return;
        }
        simulation.log(node + " leaves");
        node.lease.leave(() -> {
            if (node.alive) {
                if (node.isMerged()) {
                    node.kill();
                } else {
                    simulation.grid.leave(node);
                }
                start(node.machine, simulation.between(1_000_000, 20_000_000));
            }
        });
    }

    private void partition(boolean fromDatabase) {
        for (var machine : simulation.machines) {
            machine.side = simulation.random.nextInt(2);
            if (fromDatabase) {
                machine.databaseReachable = machine.side == 0;
            }
        }
        simulation.log(
                "network: sides "
                        + simulation.machines.stream().map(machine -> machine.side).toList()
                        + (fromDatabase ? ", the second without the database" : ""));
        simulation.later(
                simulation.between(500_000, 25_000_000),
                () -> {
                    simulation.log("network: whole");
                    for (var machine : simulation.machines) {
                        machine.side = 0;
                        machine.databaseReachable = true;
                    }
                });
    }

    private void heal() {
        simulation.log("no more faults");
        failing = false;
        simulation.database.away = false;
        simulation.slowPerMille = 0;
        simulation.twicePerMille = 0;
        for (var machine : simulation.machines) {
            machine.side = 0;
            machine.databaseReachable = true;
            var node = machine.node;
            if (node != null) {
                node.wake();
            } else if (!machine.disk.isEmpty()) {
                start(machine, 100_000);
            }
        }
    }

    // --- in the end ---

    private void available(long sinceMillis) {
        var late = 0;
        var asked = 0;
        for (var request : simulation.truth.since(sinceMillis)) {
            asked++;
            late += request.end == Truth.End.UNAVAILABLE ? 1 : 0;
        }
        if (late > 0) {
            throw simulation.failure(late + " of " + asked + " not answered long after all faults");
        }
    }

    /// What fits is admitted, and what does not is not.
    private void fits() {
        for (var node : simulation.nodes()) {
            var request = askOnce(node);
            simulation.runUntil(simulation.elapsedMillis() + 5_000);
            var fits =
                    request.charges.stream()
                            .allMatch(charge ->
                                    Truth.tokens(simulation.database.sum(charge.counter()))
                                                    + request.ask.inputTokens()
                                                    + request.ask.outputMin()
                                            <= charge.ceilings().totalTokens());
            if (fits && !request.admitted) {
                throw simulation.failure(
                        node + ": a request that fits is not admitted: " + request.end);
            }
            simulation.runUntil(simulation.elapsedMillis() + 25_000);
        }
    }
}
