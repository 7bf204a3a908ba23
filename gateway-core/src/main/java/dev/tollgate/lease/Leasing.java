package dev.tollgate.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Who renews the lease, raises its term, or takes it over.
///
/// The holder renews it as long as it lists whom the holder sees, and raises the term when it sees
/// others. When nobody has renewed it in time, the oldest that notices takes it over. Whoever sees
/// less than half of the members leaves it to the others for a while, and whoever is none of them
/// until they cannot go on without PostgreSQL either.
public final class Leasing {

    /// How long the others wait to hear what a lost node held, where nobody else knows.
    public static final Duration LOST_FOR = Duration.ofSeconds(15);

    /// Between two looks of a node that acts.
    static final Duration PERIOD = Duration.ofSeconds(1);

    /// Between two looks of a node that does not, and could soon.
    static final Duration PERIOD_WAITING = Duration.ofMillis(250);

    /// Each older node that is seen has so long to take over first.
    static final Duration PRECEDENCE = Duration.ofMillis(500);

    /// A smaller side gives the larger one so long to take over, after the lease ran out.
    static final Duration YIELDS = LeaseRow.TTL.plusSeconds(1);

    /// And so long while it can itself read that nobody did: when PostgreSQL was away it finds a
    /// lease that ran out long ago, and so does everybody else.
    static final Duration YIELDS_WATCHING = Duration.ofMillis(1_500);

    /// Members that a cut network takes away are noticed one after the other: the holder waits so
    /// long for the next before it counts what is left.
    static final Duration SETTLES = Duration.ofMillis(1_500);

    /// But writes the term so long before the lease runs out, when others may take it over.
    static final Duration IN_TIME = Duration.ofMillis(500);

    /// After a member was seen to go, it may act so long without knowing: its own side of a cut
    /// network notices later, and PostgreSQL may be away for it.
    static final Duration LOSS_WAITS = Duration.ofSeconds(3);

    /// How long a grant goes on without PostgreSQL, after what was read last ran out. Whoever is no
    /// member of the term is not missed by those that go on in it, and so waits longer.
    public static final Duration VOUCHES_FOR = Duration.ofMinutes(2);

    /// So much longer, for clocks that do not run equally fast.
    private static final Duration VOUCHES_MARGIN = Duration.ofSeconds(1);

    /// Of departed and lost nodes each: they matter for seconds.
    private static final int NODES_MAX = 100;

    private Leasing() {}

    /// Who looks at the lease.
    ///
    /// @param exclusive whether no other node can be there
    /// @param vouches for how long others may go on without PostgreSQL
    /// @param watched for how long it has read this lease run out, without interruption
    /// @param settled since when it has seen nobody go
    /// @param newest the earliest term it can act in
    record Reader(
            View view,
            boolean exclusive,
            Duration vouches,
            Duration watched,
            Duration settled,
            long newest) {

        /// Before a term that loses somebody may begin.
        Duration lossWaits() {
            return exclusive ? Duration.ZERO : later(LOSS_WAITS.minus(settled), Duration.ZERO);
        }
    }

    static LeaseMove next(LeaseRow row, Reader reader) {
        var view = reader.view().without(row.departed());
        if (!view.seen().contains(view.self())) {
            return new LeaseMove.Wait(PERIOD);
        }
        var holds = row.holder().equals(view.self());
        if (holds && !view.isMinorityOf(row.members())) {
            return renewed(row, view, reader);
        }
        if (reader.exclusive()) {
            return new LeaseMove.Write(following(row, view, reader, false));
        }
        return row.expired() ? takenOver(row, view, reader) : awaited(row, view, reader);
    }

    private static LeaseMove renewed(LeaseRow row, View view, Reader reader) {
        if (row.isOf(view.seen()) && row.term() >= reader.newest()) {
            return new LeaseMove.Write(renewal(row));
        }
        if (view.seesAll(row.members())) {
            return new LeaseMove.Write(following(row, view, reader, false));
        }
        // Costs nothing: the term begins when the lease runs out, whenever it is written.
        var wait = sooner(SETTLES.minus(reader.settled()), row.expiresIn().minus(IN_TIME));
        return wait.isPositive()
                ? new LeaseMove.Wait(sooner(wait, PERIOD_WAITING))
                : new LeaseMove.Write(following(row, view, reader, true));
    }

    private static LeaseChange renewal(LeaseRow row) {
        return new LeaseChange(
                row.stamp(),
                row.term(),
                row.holder(),
                row.members(),
                row.departed(),
                row.lost().nodes(),
                row.lost().term(),
                false,
                false,
                Duration.ZERO,
                false);
    }

    private static LeaseChange following(LeaseRow row, View view, Reader reader, boolean waits) {
        var gone = new ArrayList<>(row.members());
        gone.removeAll(row.departed());
        gone.removeAll(view.seen());
        var before = row.lost();
        var recent = !before.nodes().isEmpty() && before.since().compareTo(LOST_FOR) < 0;
        var lost = new LinkedHashSet<>(recent ? before.nodes() : List.<UUID>of());
        lost.addAll(gone);
        var losesLiving = !view.dead().containsAll(gone);
        return new LeaseChange(
                row.stamp(),
                Math.max(row.term(), reader.newest()) + 1,
                view.self(),
                view.seen(),
                row.departed(),
                latest(List.copyOf(lost)),
                recent ? before.term() : row.term(),
                !gone.isEmpty(),
                waits,
                losesLiving ? reader.lossWaits() : Duration.ZERO,
                false);
    }

    private static List<UUID> latest(List<UUID> nodes) {
        return nodes.subList(Math.max(0, nodes.size() - NODES_MAX), nodes.size());
    }

    private static LeaseMove takenOver(LeaseRow row, View view, Reader reader) {
        var turn = PRECEDENCE.multipliedBy(view.rank());
        var due = turn.minus(reader.watched());
        if (view.isMinorityOf(row.members())) {
            due = later(due.plus(YIELDS_WATCHING), turn.plus(YIELDS).plus(row.expiresIn()));
        }
        if (view.isStrangerTo(row.members())) {
            var outlasted = turn.plus(reader.vouches()).plus(VOUCHES_MARGIN);
            var unrenewed = later(row.expiresIn().negated(), reader.watched());
            due = later(due, outlasted.minus(unrenewed));
        }
        return due.isPositive()
                ? new LeaseMove.Wait(sooner(due, PERIOD_WAITING))
                : new LeaseMove.Write(following(row, view, reader, false));
    }

    private static LeaseMove awaited(LeaseRow row, View view, Reader reader) {
        var isOf = row.members().contains(view.self()) && view.seesAll(row.members());
        if (isOf && row.term() < reader.newest()) {
            return new LeaseMove.Write(raised(row, reader));
        }
        return new LeaseMove.Wait(sooner(row.expiresIn(), isOf ? PERIOD : PERIOD_WAITING));
    }

    /// The same lease in a later term: a member needs its books opened anew, and the holder may not
    /// know.
    private static LeaseChange raised(LeaseRow row, Reader reader) {
        return new LeaseChange(
                row.stamp(),
                reader.newest(),
                row.holder(),
                row.members(),
                row.departed(),
                row.lost().nodes(),
                row.lost().term(),
                false,
                false,
                Duration.ZERO,
                false);
    }

    /// The lease without a node that has stopped acting; empty when it says so already.
    static Optional<LeaseChange> left(LeaseRow row, View view) {
        var self = view.self();
        if (row.departed().contains(self)) {
            return Optional.empty();
        }
        var members = new ArrayList<>(row.members());
        var changes = members.remove(self) || row.holder().equals(self);
        var departed = new ArrayList<>(row.departed());
        departed.add(self);
        return Optional.of(
                new LeaseChange(
                        row.stamp(),
                        changes ? row.term() + 1 : row.term(),
                        row.holder().equals(self) ? heir(members, view) : row.holder(),
                        members,
                        latest(departed),
                        row.lost().nodes(),
                        row.lost().term(),
                        false,
                        false,
                        Duration.ZERO,
                        members.isEmpty()));
    }

    private static UUID heir(List<UUID> members, View view) {
        return view.seen().stream()
                .filter(members::contains)
                .findFirst()
                .orElse(members.isEmpty() ? view.self() : members.getFirst());
    }

    private static Duration sooner(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
