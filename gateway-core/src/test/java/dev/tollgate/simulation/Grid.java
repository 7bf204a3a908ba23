package dev.tollgate.simulation;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Applied;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.BookImage;
import dev.tollgate.budget.Command;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Hazelcast: who sees whom, where books are, and calls to them.
///
/// A member that is not heard of for five seconds is removed by the oldest of those that are; the
/// smaller of two clusters that meet is merged into the larger. A book is on a primary and a
/// backup.
final class Grid {

    private static final long HEARD_MICROS = 5_000_000;
    private static final long CHECK_MICROS = 500_000;
    private static final long CALL_MICROS = 5_000_000;
    private static final long BACKUP_MICROS = 2_000_000;
    private static final long MERGE_MICROS = 5_000_000;

    private static final Comparator<Book.Status> NEWER =
            Comparator.comparingLong(Book.Status::epoch).thenComparingLong(Book.Status::version);
    private static final Comparator<Book.Status> NEWER_BY_TERM =
            Comparator.comparingLong(Book.Status::term).thenComparing(NEWER);

    private final Simulation simulation;

    Grid(Simulation simulation) {
        this.simulation = simulation;
    }

    /// Members that agree with each other who is there, oldest first.
    static final class Cluster {
        final List<Node> members = new ArrayList<>();
        final Map<String, Place> places = new HashMap<>();
    }

    /// Where an organization's book is, or would be.
    static final class Place {
        @Nullable Node primary;
        @Nullable Node backup;
    }

    // --- members ---

    /// A node finds the cluster it can reach, or begins one.
    void start(Node node) {
        for (var other : simulation.nodes()) {
            if (other != node
                    && other.cluster != node.cluster
                    && simulation.connected(node.machine, other.machine)
                    && !other.paused
                    && !other.merging
                    && other.cluster.members.getFirst() == other) {
                join(other.cluster, node);
                check(node);
                return;
            }
        }
        node.cluster = new Cluster();
        node.cluster.members.add(node);
        node.see(node.cluster);
        check(node);
    }

    private void join(Cluster found, Node node) {
        var cluster = found;
        if (found.members.size() > 1 && found.members.contains(node)) {
            // It was not missed yet.
            var rest = new ArrayList<>(found.members);
            rest.remove(node);
            cluster = split(found, rest);
        }
        simulation.log(node + " joins " + cluster.members);
        cluster.members.add(node);
        node.cluster = cluster;
        hearAll(cluster);
        publish(cluster);
        balanceSoon(cluster);
    }

    private void hearAll(Cluster cluster) {
        for (var one : cluster.members) {
            for (var other : cluster.members) {
                one.heard.putIfAbsent(other, simulation.micros());
            }
        }
    }

    private void publish(Cluster cluster) {
        for (var member : cluster.members) {
            simulation.later(
                    simulation.between(100, 200_000),
                    () ->
                            member.run(() -> {
                                if (member.cluster == cluster && !member.merging) {
                                    member.see(cluster);
                                }
                            }));
        }
    }

    private void check(Node node) {
        node.later(
                CHECK_MICROS,
                () -> {
                    hear(node);
                    if (!node.merging) {
                        suspect(node);
                    }
                    check(node);
                });
    }

    private void hear(Node node) {
        if (simulation.micros() - node.checked - CHECK_MICROS >= HEARD_MICROS / 2) {
            // It stood still itself.
            node.heard.replaceAll((_, _) -> simulation.micros());
        }
        node.checked = simulation.micros();
        for (var other : node.cluster.members) {
            if (other == node || hears(node, other)) {
                node.heard.put(other, simulation.micros());
            }
        }
    }

    private boolean hears(Node node, Node other) {
        return other.alive
                && !other.paused
                && other.cluster == node.cluster
                && simulation.connected(node.machine, other.machine);
    }

    private void suspect(Node node) {
        var cluster = node.cluster;
        var rest = new ArrayList<Node>();
        for (var member : cluster.members) {
            var heard = node.heard.getOrDefault(member, simulation.micros());
            if (simulation.micros() - heard < HEARD_MICROS) {
                rest.add(member);
            }
        }
        if (rest.size() < cluster.members.size() && rest.getFirst() == node) {
            split(cluster, rest);
        }
    }

    private Cluster split(Cluster cluster, List<Node> rest) {
        simulation.log("grid: " + rest + " goes on without the others of " + cluster.members);
        var smaller = new Cluster();
        smaller.members.addAll(rest);
        for (var place : cluster.places.entrySet()) {
            var kept = new Place();
            var before = place.getValue();
            var primary = before.primary;
            var backup = before.backup;
            if (primary != null && rest.contains(primary)) {
                kept.primary = primary;
                kept.backup = backup != null && rest.contains(backup) ? backup : null;
            } else if (backup != null && rest.contains(backup)) {
                kept.primary = backup;
            } else {
                kept.primary = simulation.oneOf(rest);
                if (kept.primary.cluster == cluster) {
                    kept.primary.copies.remove(place.getKey());
                }
                simulation.log("grid: book of " + place.getKey() + " is on the other side");
            }
            smaller.places.put(place.getKey(), kept);
        }
        for (var member : rest) {
            if (member.cluster == cluster) {
                member.cluster = smaller;
            }
        }
        publish(smaller);
        balanceSoon(smaller);
        return smaller;
    }

    /// Connections of a process that is gone are reset.
    void died(Node node) {
        for (var other : simulation.nodes()) {
            if (simulation.connected(node.machine, other.machine)) {
                simulation.later(
                        simulation.between(200_000, 1_000_000),
                        () -> other.heard.put(node, simulation.micros() - HEARD_MICROS));
            }
        }
    }

    /// Leaves, and hands over what it owns.
    void leave(Node node) {
        var cluster = node.cluster;
        cluster.members.remove(node);
        for (var place : cluster.places.entrySet()) {
            var at = place.getValue();
            if (at.backup == node) {
                at.backup = null;
            }
            if (at.primary == node) {
                if (at.backup == null && !cluster.members.isEmpty()) {
                    at.backup = simulation.oneOf(cluster.members);
                    copy(place.getKey(), node, at.backup);
                }
                at.primary = at.backup;
                at.backup = null;
            }
        }
        node.kill();
        publish(cluster);
        balanceSoon(cluster);
    }

    // --- merging ---

    void startMerging() {
        simulation.later(
                MERGE_MICROS,
                () -> {
                    mergeAll();
                    startMerging();
                });
    }

    private void mergeAll() {
        for (var node : simulation.nodes()) {
            var cluster = node.cluster;
            if (node.paused || node.merging || cluster.members.getFirst() != node) {
                continue;
            }
            for (var other : simulation.nodes()) {
                if (other.cluster != cluster
                        && !other.paused
                        && !other.merging
                        && other.cluster.members.getFirst() == other
                        && simulation.connected(node.machine, other.machine)
                        && larger(other.cluster, cluster)) {
                    merge(cluster, other.cluster);
                    break;
                }
            }
        }
    }

    private static boolean larger(Cluster one, Cluster other) {
        var sizes = Integer.compare(one.members.size(), other.members.size());
        return sizes != 0
                ? sizes > 0
                : one.members.getFirst().machine.number < other.members.getFirst().machine.number;
    }

    private void merge(Cluster from, Cluster into) {
        simulation.log("grid: " + from.members + " is merged into " + into.members);
        for (var node : List.copyOf(from.members)) {
            if (!node.alive || node.paused || node.cluster != from) {
                continue;
            }
            var copies = new LinkedHashMap<String, BookImage>();
            from.places.forEach((organization, place) -> {
                var book = node.copies.get(organization);
                if (place.primary == node && book != null) {
                    copies.put(organization, book.image());
                }
            });
            node.merging = true;
            node.carried.putAll(copies);
            node.copies.clear();
            node.see(List.of());
            simulation.later(
                    simulation.between(50_000, 1_500_000),
                    () ->
                            node.run(() -> {
                                node.merging = false;
                                node.heard.clear();
                                var there =
                                        into.members.stream()
                                                .filter(member -> member.alive)
                                                .findFirst();
                                if (there.isEmpty()
                                        || !simulation.connected(there.get().machine, node.machine)
                                        || there.get().merging) {
                                    node.cluster = new Cluster();
                                    node.cluster.members.add(node);
                                    node.see(node.cluster);
                                    node.carried.clear();
                                    copies.forEach((organization, image) -> {
                                        var place = new Place();
                                        place.primary = node;
                                        node.cluster.places.put(organization, place);
                                        node.copies.put(organization, Book.of(image));
                                    });
                                    return;
                                }
                                join(into, node);
                                copies.forEach((organization, image) ->
                                        merged(node.cluster, node, organization, image));
                            }));
        }
    }

    private void merged(Cluster cluster, Node from, String organization, BookImage image) {
        simulation.later(
                simulation.between(1000, 1_000_000),
                () -> {
                    var place = place(cluster, organization);
                    var primary = place.primary;
                    if (primary == null
                            || !primary.alive
                            || primary.paused
                            || from.cluster != cluster
                            || primary.cluster != cluster) {
                        merged(from, organization);
                        return;
                    }
                    var theirs = Book.of(image);
                    var ours = primary.copies.get(organization);
                    var newest = simulation.keeps(Remedy.MERGE) ? NEWER : NEWER_BY_TERM;
                    var newer = ours == null || newest.compare(theirs.status(), ours.status()) > 0;
                    simulation.log(
                            "grid: merged book of term %d epoch %d %s"
                                    .formatted(
                                            image.term(),
                                            image.epoch(),
                                            newer ? "stays" : "is older"));
                    if (newer) {
                        primary.copies.put(organization, theirs);
                        var backup = place.backup;
                        if (backup != null) {
                            backup.copies.put(organization, Book.of(image));
                        }
                    }
                    merged(from, organization);
                });
    }

    private static void merged(Node node, String organization) {
        node.carried.remove(organization);
        node.run(node.lease::viewChanged);
    }

    // --- places ---

    Place place(Cluster cluster, String organization) {
        return cluster.places.computeIfAbsent(
                organization,
                _ -> {
                    var place = new Place();
                    place.primary = simulation.oneOf(cluster.members);
                    if (cluster.members.size() > 1) {
                        do {
                            place.backup = simulation.oneOf(cluster.members);
                        } while (place.backup == place.primary);
                    }
                    return place;
                });
    }

    private void balanceSoon(Cluster cluster) {
        simulation.later(simulation.between(20_000, 800_000), () -> balance(cluster));
    }

    private void balance(Cluster cluster) {
        for (var one : cluster.places.entrySet()) {
            var place = one.getValue();
            var primary = place.primary;
            if (primary == null || !moves(primary, cluster)) {
                continue;
            }
            var others =
                    cluster.members.stream()
                            .filter(node -> node != primary && moves(node, cluster))
                            .filter(node -> simulation.connected(primary.machine, node.machine))
                            .toList();
            if (others.isEmpty()) {
                continue;
            }
            if (place.backup == null) {
                place.backup = simulation.oneOf(others);
                copy(one.getKey(), primary, place.backup);
            }
            if (simulation.chance(400)) {
                var next = simulation.oneOf(others);
                var before = place.backup;
                copy(one.getKey(), primary, next);
                place.primary = next;
                place.backup = primary;
                if (before != next && before != primary && before.cluster == cluster) {
                    before.copies.remove(one.getKey());
                }
                simulation.log("grid: book of " + one.getKey() + " moves to " + next);
            }
        }
    }

    private static boolean moves(Node node, Cluster cluster) {
        return node.alive && !node.paused && node.cluster == cluster;
    }

    private static void copy(String organization, Node from, Node to) {
        var book = from.copies.get(organization);
        if (book == null) {
            to.copies.remove(organization);
        } else {
            to.copies.put(organization, Book.of(book.image()));
        }
    }

    boolean owns(Node node, String organization) {
        return !node.merging && place(node.cluster, organization).primary == node;
    }

    // --- calls ---

    /// A call that is not answered yet.
    private static final class Call<T> {
        final Consumer<T> done;
        final Runnable failed;
        final Node from;
        @Nullable T answer;
        boolean answered;
        boolean acknowledged;
        boolean over;

        Call(Node from, Consumer<T> done, Runnable failed) {
            this.from = from;
            this.done = done;
            this.failed = failed;
        }

        void fail() {
            if (!over) {
                over = true;
                failed.run();
            }
        }

        void answer(T value, boolean alone) {
            if (!answered) {
                answered = true;
                answer = value;
                if (alone) {
                    acknowledged = true;
                } else {
                    from.later(BACKUP_MICROS, this::fail);
                }
                finish();
            }
        }

        void finish() {
            var value = answer;
            if (answered && acknowledged && !over && value != null) {
                over = true;
                done.accept(value);
            }
        }
    }

    /// Applies commands in their order, at the primary and then on the backup. Where the backup
    /// does not acknowledge, the call fails and is applied all the same. A primary that does not
    /// see all `members` of the term refuses.
    void apply(
            Node from,
            String organization,
            List<UUID> members,
            List<Command> commands,
            Consumer<Answers> done,
            Runnable failed) {
        var call = new Call<>(from, done, failed);
        var primary = called(call, organization);
        if (primary == null) {
            return;
        }
        Runnable applying = () -> applied(call, primary, organization, members, commands);
        simulation.send(from, primary, applying);
        if (simulation.chance(simulation.twicePerMille)) {
            simulation.later(
                    simulation.between(100, 8_000_000),
                    () -> {
                        if (!call.over || simulation.twiceLate) {
                            simulation.send(from, primary, applying);
                        }
                    });
        }
    }

    private <T> @Nullable Node called(Call<T> call, String organization) {
        if (call.from.merging) {
            call.from.later(1000, call::fail);
            return null;
        }
        var primary = place(call.from.cluster, organization).primary;
        if (primary == null) {
            call.from.later(1000, call::fail);
            return null;
        }
        call.from.later(CALL_MICROS, call::fail);
        call.from.pending.add(new Node.Pending(primary, call::fail));
        return primary;
    }

    private void applied(
            Call<Answers> call,
            Node primary,
            String organization,
            List<UUID> members,
            List<Command> commands) {
        var cluster = primary.cluster;
        if (primary.merging
                || call.from.cluster != cluster
                || place(cluster, organization).primary != primary) {
            return;
        }
        var sees = cluster.members.stream().map(member -> member.incarnation).toList();
        if (simulation.keeps(Remedy.SEEN) && !sees.containsAll(members)) {
            var answers = Applied.refused(commands);
            simulation.send(primary, call.from, () -> call.answer(answers, true));
            return;
        }
        var applied = Applied.to(primary.copies.get(organization), commands);
        for (var result : applied.answers().results()) {
            if (result instanceof Command.Failed failed) {
                throw simulation.failure("failed: " + failed);
            }
        }
        var book = applied.book();
        if (book != null && !applied.changes().isEmpty()) {
            primary.copies.put(organization, book);
        }
        simulation.truth.applied(primary, organization, commands, applied);
        var backup = place(cluster, organization).backup;
        var alone = applied.changes().isEmpty() || backup == null;
        simulation.send(primary, call.from, () -> call.answer(applied.answers(), alone));
        if (!alone && backup != null) {
            simulation.send(
                    primary,
                    backup,
                    () -> {
                        if (backup.cluster != cluster
                                || place(cluster, organization).backup != backup) {
                            return;
                        }
                        try {
                            backup.copies.put(
                                    organization,
                                    Book.replicate(
                                            backup.copies.get(organization),
                                            applied.versionBefore(),
                                            applied.changes()));
                        } catch (Book.TornException torn) {
                            simulation.log(
                                    "grid: backup " + backup + " is torn: " + torn.getMessage());
                            resync(cluster, organization);
                            return;
                        }
                        simulation.send(
                                backup,
                                call.from,
                                () -> {
                                    call.acknowledged = true;
                                    call.finish();
                                });
                    });
        }
    }

    /// Hazelcast compares copies from time to time.
    private void resync(Cluster cluster, String organization) {
        simulation.later(
                simulation.between(100_000, 5_000_000),
                () -> {
                    var place = place(cluster, organization);
                    var primary = place.primary;
                    var backup = place.backup;
                    if (primary != null
                            && backup != null
                            && moves(primary, cluster)
                            && moves(backup, cluster)
                            && simulation.connected(primary.machine, backup.machine)) {
                        copy(organization, primary, backup);
                    }
                });
    }

    <T> void read(
            Node from,
            String organization,
            Function<Book, T> question,
            Consumer<T> done,
            Runnable failed) {
        var call = new Call<>(from, done, failed);
        var primary = called(call, organization);
        if (primary == null) {
            return;
        }
        simulation.send(
                from,
                primary,
                () -> {
                    if (primary.merging
                            || from.cluster != primary.cluster
                            || place(primary.cluster, organization).primary != primary) {
                        return;
                    }
                    var book = primary.copies.get(organization);
                    var answer = question.apply(book == null ? new Book() : book);
                    simulation.send(primary, from, () -> call.answer(answer, true));
                });
    }
}
