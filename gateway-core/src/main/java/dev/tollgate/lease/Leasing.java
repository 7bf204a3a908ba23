package dev.tollgate.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What a node does about the lease it has read.
public final class Leasing {

    /// A smaller side that holds the lease gives the larger one so long to take it, after it ran
    /// out.
    static final Duration YIELDS = LeaseRow.TTL.plusSeconds(1);

    /// Each older node that is seen has so long to take over first.
    static final Duration PRECEDENCE = Duration.ofMillis(500);

    /// How long the others wait to hear what a lost node held, where nobody else knows.
    public static final Duration LOST_FOR = Duration.ofSeconds(15);

    /// Of departed and lost nodes each: they matter for seconds.
    private static final int NODES_MAX = 100;

    private Leasing() {}

    /// Empty when there is nothing to write.
    public static Optional<LeaseChange> change(LeaseRow row, View seen) {
        var view = seen.without(row.departed());
        if (!view.seen().contains(view.self())) {
            return Optional.empty();
        }
        return row.holder().equals(view.self()) ? renewed(row, view) : takenOver(row, view);
    }

    private static Optional<LeaseChange> renewed(LeaseRow row, View view) {
        if (row.isOf(view.seen())) {
            return Optional.of(
                    new LeaseChange(
                            row.stamp(),
                            row.term(),
                            view.self(),
                            row.members(),
                            row.departed(),
                            row.lost().nodes(),
                            row.lost().term(),
                            false,
                            false,
                            false));
        }
        var lost = lost(row, view).size();
        if (lost > 0 && view.seen().size() * 2 < row.members().size() && !outwaited(row)) {
            return Optional.empty();
        }
        return Optional.of(next(row, view, lost > 0));
    }

    private static boolean outwaited(LeaseRow row) {
        return row.expiresIn().plus(YIELDS).isNegative();
    }

    private static Set<UUID> lost(LeaseRow row, View view) {
        var lost = new HashSet<>(row.members());
        lost.removeAll(row.departed());
        view.seen().forEach(lost::remove);
        return lost;
    }

    private static Optional<LeaseChange> takenOver(LeaseRow row, View view) {
        var turn = PRECEDENCE.multipliedBy(view.rank());
        return row.expired() && row.expiresIn().plus(turn).compareTo(Duration.ZERO) <= 0
                ? Optional.of(next(row, view, false))
                : Optional.empty();
    }

    /// A node that shares its database with nobody: whoever holds the lease is gone.
    public static LeaseChange seized(LeaseRow row, View view) {
        return next(row, view, false);
    }

    private static LeaseChange next(LeaseRow row, View view, boolean waits) {
        var gone = lost(row, view);
        var before = row.lost();
        var recent = !before.nodes().isEmpty() && before.since().compareTo(LOST_FOR) < 0;
        var lost = new LinkedHashSet<>(recent ? before.nodes() : List.<UUID>of());
        lost.addAll(gone);
        return new LeaseChange(
                row.stamp(),
                row.term() + 1,
                view.self(),
                view.seen(),
                row.departed(),
                recent(List.copyOf(lost)),
                recent ? before.term() : row.term(),
                !gone.isEmpty(),
                waits,
                false);
    }

    /// The lease without `self`, which has stopped acting; empty when it is no member.
    public static Optional<LeaseChange> left(LeaseRow row, UUID self) {
        if (!row.members().contains(self)) {
            return Optional.empty();
        }
        var members = new ArrayList<>(row.members());
        members.remove(self);
        var holder =
                row.holder().equals(self) && !members.isEmpty() ? members.getFirst() : row.holder();
        var departed = new ArrayList<>(row.departed());
        departed.add(self);
        return Optional.of(
                new LeaseChange(
                        row.stamp(),
                        row.term() + 1,
                        holder,
                        members,
                        recent(departed),
                        row.lost().nodes(),
                        row.lost().term(),
                        false,
                        false,
                        members.isEmpty()));
    }

    private static List<UUID> recent(List<UUID> nodes) {
        return nodes.subList(Math.max(0, nodes.size() - NODES_MAX), nodes.size());
    }

    /// Until when, by the clock of `sentNanos`, the row lets `view` act; empty when it does not.
    ///
    /// @param sentNanos the node's monotonic clock before the row was asked for
    public static Optional<Long> grantedUntil(LeaseRow row, View view, long sentNanos) {
        var granted =
                row.members().contains(view.self())
                        && view.seesAll(row.members())
                        && row.effective()
                        && !row.expired();
        return granted ? Optional.of(sentNanos + row.expiresIn().toNanos()) : Optional.empty();
    }
}
