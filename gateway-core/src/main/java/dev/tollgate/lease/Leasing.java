package dev.tollgate.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What a node does about the lease it has read.
public final class Leasing {

    /// A smaller side that holds the lease gives the larger one so long to take it, after it ran
    /// out.
    static final Duration YIELDS = LeaseRow.TTL.plusSeconds(1);

    /// Each older node that is seen has so long to take over first.
    static final Duration PRECEDENCE = Duration.ofMillis(500);

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
                            false,
                            false));
        }
        var lost = lost(row, view);
        if (lost > 0 && view.seen().size() * 2 < row.members().size() && !outwaited(row)) {
            return Optional.empty();
        }
        return Optional.of(next(row, view, lost > 0));
    }

    private static boolean outwaited(LeaseRow row) {
        return row.expiresIn().plus(YIELDS).isNegative();
    }

    private static int lost(LeaseRow row, View view) {
        var lost = new HashSet<>(row.members());
        lost.removeAll(row.departed());
        view.seen().forEach(lost::remove);
        return lost.size();
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
        return new LeaseChange(
                row.stamp(),
                row.term() + 1,
                view.self(),
                view.seen(),
                row.departed(),
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
                        false,
                        members.isEmpty()));
    }

    private static List<UUID> recent(List<UUID> departed) {
        return departed.subList(Math.max(0, departed.size() - DEPARTED_MAX), departed.size());
    }

    /// They leave the cluster within seconds.
    private static final int DEPARTED_MAX = 100;

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
