package dev.tollgate.simulation;

import dev.tollgate.budget.Book;
import dev.tollgate.budget.BookImage;
import dev.tollgate.budget.Command;
import dev.tollgate.lease.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One life of a node: what `HazelcastBooks` and what hangs on it do.
final class Node {

    private static final long UPKEEP = 250_000;
    private static final long SWEEP = 10_000_000;
    private static final long TEND = 5_000_000;
    private static final long LEAKED_MILLIS = 30_000;
    private static final int LOOKED_UP_MAX = 500;

    final Simulation simulation;
    final Machine machine;
    final UUID incarnation;
    final DiskJournal journal;
    final Lease lease;
    final Opener opener;
    final Map<String, Desk> desks = new LinkedHashMap<>();

    /// By organization: what earlier lives left.
    final Map<String, Map<UUID, DiskJournal.Recorded>> leftovers = new LinkedHashMap<>();

    // In the grid.
    final Map<Node, Long> heard = new HashMap<>();
    final Map<String, Book> copies = new HashMap<>();

    /// On their way into another cluster.
    final Map<String, BookImage> carried = new HashMap<>();

    final Map<Node, Channel> channels = new HashMap<>();
    final List<Pending> pending = new ArrayList<>();
    Grid.Cluster cluster = new Grid.Cluster();
    boolean merging;
    long checked;
    private List<UUID> seen;
    private List<Node> seenNodes = List.of();

    boolean alive = true;
    boolean paused;
    private final List<Runnable> deferred = new ArrayList<>();
    private long swept;
    private long tended;

    /// Whose journals it has, its own and those found beside it.
    final Set<UUID> lives = new HashSet<>();

    private final long clockOffMillis;

    /// A call to a member, which fails when that leaves.
    record Pending(Node member, Runnable fail) {}

    Node(Simulation simulation, Machine machine) {
        this.simulation = simulation;
        this.machine = machine;
        this.incarnation = simulation.uuid();
        this.journal = new DiskJournal(incarnation);
        this.seen = List.of(incarnation);
        this.clockOffMillis = simulation.between(-3, 3);
        this.lease = new Lease(this);
        this.opener = new Opener(this);
        lives.add(incarnation);
        for (var earlier : machine.disk) {
            lives.add(earlier.incarnation);
            for (var organization : Truth.ORGANIZATIONS) {
                for (var recorded : earlier.of(organization)) {
                    leftovers
                            .computeIfAbsent(organization, _ -> new LinkedHashMap<>())
                            .put(recorded.hold().id(), recorded);
                }
            }
        }
        machine.disk.add(journal);
    }

    void start() {
        simulation.log(this + " starts");
        checked = simulation.micros();
        simulation.grid.start(this);
        later(simulation.between(0, 100_000), lease::wake);
        later(UPKEEP, this::upkeep);
    }

    @Override
    public String toString() {
        return "n" + machine.number + "/" + machine.disk.indexOf(journal);
    }

    // --- life ---

    /// Does `action` now, or when it wakes; never, when it is dead.
    void run(Runnable action) {
        if (alive && paused) {
            deferred.add(action);
        } else if (alive) {
            action.run();
        }
    }

    void later(long micros, Runnable action) {
        simulation.later(micros, () -> run(action));
    }

    void pause() {
        simulation.log(this + " stands still");
        paused = true;
    }

    void wake() {
        if (!alive || !paused) {
            return;
        }
        simulation.log(this + " goes on");
        paused = false;
        var waiting = List.copyOf(deferred);
        deferred.clear();
        var after = 0L;
        for (var action : waiting) {
            after += simulation.between(0, 200);
            later(after, action);
        }
    }

    void kill() {
        if (alive) {
            simulation.log(this + " dies");
            alive = false;
            machine.node = null;
            simulation.truth.died(this);
            simulation.grid.died(this);
            copies.clear();
            if (machine.diskLost) {
                machine.disk.forEach(gone -> simulation.truth.lost(gone));
                machine.disk.clear();
            }
        }
    }

    // --- the grid ---

    /// Whether its member is being merged into another cluster, and its books with it.
    boolean isMerged() {
        return merging || !carried.isEmpty();
    }

    View view() {
        if (simulation.keeps(Remedy.MERGE) && isMerged()) {
            return new View(incarnation, List.of());
        }
        var dead = new HashSet<UUID>();
        for (var member : seenNodes) {
            dead.addAll(member.lives);
        }
        seen.forEach(dead::remove);
        return new View(incarnation, seen, dead);
    }

    void see(Grid.Cluster now) {
        see(List.copyOf(now.members));
    }

    void see(List<Node> members) {
        var before = seen;
        seenNodes = members;
        seen = members.stream().map(member -> member.incarnation).toList();
        if (!before.equals(seen)) {
            lease.viewChanged();
        }
        for (var call : List.copyOf(pending)) {
            if (!members.contains(call.member)) {
                pending.remove(call);
                later(simulation.between(100, 5000), call.fail);
            }
        }
        if (pending.size() > 200) {
            pending.subList(0, 100).clear();
        }
    }

    @Nullable Node member(UUID other) {
        for (var node : seenNodes) {
            if (node.incarnation.equals(other)) {
                return node;
            }
        }
        return null;
    }

    // --- books ---

    Desk desk(String organization) {
        return desks.computeIfAbsent(organization, name -> new Desk(this, name));
    }

    boolean mayAct() {
        return lease.now() != null;
    }

    long nowMillis() {
        return simulation.nowMillis() + clockOffMillis;
    }

    List<DiskJournal.Recorded> presents(String organization, long epoch) {
        var items = new ArrayList<>(journal.presents(organization, epoch));
        items.addAll(leftovers.getOrDefault(organization, Map.of()).values());
        return items;
    }

    void settle(String organization, UUID id, Truth.Used used) {
        var settle =
                new Command.Settle(id, 0, nowMillis(), used.amounts(), used.outcome(), List.of());
        journal.appendSettle(settle);
        desk(organization).send(new Calls.SettleCall(desk(organization), settle));
    }

    void abandon(Desk desk, UUID id) {
        var used = Truth.Used.NOTHING;
        var settle =
                new Command.Settle(id, 0, nowMillis(), used.amounts(), used.outcome(), List.of());
        desk.sendAgain(new Calls.SettleCall(desk, settle));
    }

    void late(Desk desk, Command.Settle settle) {
        var recorded = journal.get(settle.id());
        if (recorded != null) {
            desk.send(new Calls.CorrectCall(desk, recorded.hold(), settle));
        }
    }

    // --- upkeep ---

    private void upkeep() {
        later(UPKEEP, this::upkeep);
        if (!leftovers.isEmpty()) {
            if (mayAct()) {
                List.copyOf(leftovers.keySet()).forEach(opener::wanted);
            }
            List.copyOf(leftovers.keySet()).forEach(this::lookUpLeftovers);
        }
        if (!mayAct()) {
            return;
        }
        for (var desk : desks.values()) {
            if (!desk.owed.isEmpty()) {
                desk.look();
                desk.owed.lookUp();
            }
        }
        var grant = lease.now();
        if (grant != null && simulation.micros() - tended > TEND) {
            tended = simulation.micros();
            opener.tend(grant);
        }
        if (simulation.micros() - swept > SWEEP) {
            swept = simulation.micros();
            desks.values().forEach(this::sweep);
        }
    }

    private void lookUpLeftovers(String organization) {
        var settled = new ArrayList<UUID>();
        var held = new ArrayList<UUID>();
        leftovers
                .getOrDefault(organization, Map.of())
                .forEach((id, left) -> (left.settle() != null ? settled : held).add(id));
        simulation.database.call(
                this,
                () -> {
                    var booked = simulation.database.settled(settled);
                    booked.addAll(simulation.database.booked(held));
                    return booked;
                },
                booked -> {
                    var left = leftovers.get(organization);
                    if (left != null) {
                        left.keySet().removeAll(booked);
                        if (left.isEmpty()) {
                            leftovers.remove(organization);
                            simulation.log(this + ": leftovers are booked");
                        }
                    }
                    if (leftovers.isEmpty()) {
                        machine.disk.forEach(earlier -> {
                            if (earlier != journal) {
                                earlier.release(
                                        earlier.of(organization).stream()
                                                .map(recorded -> recorded.hold().id())
                                                .toList());
                            }
                        });
                    }
                },
                _ -> {});
    }

    private void sweep(Desk desk) {
        var before = nowMillis() - LEAKED_MILLIS;
        simulation.grid.read(
                this,
                desk.organization,
                book -> book.holdsOf(incarnation, before, Book.BEFORE_ALL, LOOKED_UP_MAX),
                held -> {
                    for (var id : held) {
                        if (journal.get(id) == null) {
                            simulation.log(this + ": hold " + id + " is nobody's");
                            abandon(desk, id);
                        }
                    }
                },
                () -> {});
    }
}
