package dev.tollgate.simulation;

import dev.tollgate.lease.Granted;
import dev.tollgate.lease.LeaseKeeper;
import dev.tollgate.lease.LeaseMove;
import dev.tollgate.lease.LeaseRow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A node's part in the lease: the real [LeaseKeeper], driven as `AdmissionLease` drives it.
final class Lease {

    private static final long PERIOD = 1_000_000;
    private static final long OUTRUN = 20_000;
    private static final long UNAVAILABLE = 500_000;
    private static final long ANSWER_MAX = 900_000;
    private static final long LEAVING = 3_000_000;

    /// Shorter than the real one, so that a run sees both ends of it.
    static final Duration VOUCHES_FOR = Duration.ofSeconds(12);

    private final Node node;
    private final Simulation simulation;
    private final LeaseKeeper keeper;
    private @Nullable Grant held;
    private @Nullable Granted granted;
    private @Nullable Runnable whenLeft;
    private long told;
    private boolean asking;
    private boolean woken;
    private boolean leaving;
    private long parked;

    /// As the node's parts know it.
    record Grant(long term, List<UUID> members, LeaseRow.Lost lost) {}

    Lease(Node node) {
        this.node = node;
        this.simulation = node.simulation;
        this.keeper = new LeaseKeeper(node.view(), false, VOUCHES_FOR, simulation.nanos());
    }

    @Nullable Grant now() {
        var current = granted;
        return current != null && current.isValidAt(simulation.nanos()) ? held : null;
    }

    void outdated(long newest) {
        keeper.onTerm(newest);
        publish();
        if (now() == null) {
            wake();
        }
    }

    void viewChanged() {
        keeper.onView(node.view(), simulation.nanos());
        publish();
        wake();
    }

    private void publish() {
        granted = keeper.granted().orElse(null);
        if (granted == null) {
            held = null;
        } else if (held == null || held.term() != granted.term()) {
            held = new Grant(granted.term(), granted.members(), granted.lost());
        }
        if (granted != null && granted.term() > told) {
            node.later((granted.fromNanos() - simulation.nanos()) / 1000, this::tell);
        }
    }

    /// Tells once of each term that has begun.
    private void tell() {
        var grant = now();
        if (grant != null && grant.term() > told) {
            told = grant.term();
            simulation.log(node + " granted term " + told);
            node.later(simulation.between(0, 20_000), () -> node.opener.onTerm(grant));
        }
    }

    void wake() {
        woken = true;
        if (!asking) {
            round();
        }
    }

    private void sleep(long micros) {
        asking = false;
        if (woken) {
            round();
            return;
        }
        var mine = ++parked;
        node.later(
                micros,
                () -> {
                    if (mine == parked && !asking) {
                        round();
                    }
                });
    }

    private void round() {
        parked++;
        if (hasLeft()) {
            return;
        }
        asking = true;
        woken = false;
        var sent = simulation.nanos();
        simulation.database.callWithin(
                ANSWER_MAX,
                node,
                () -> simulation.database.readLease(node),
                row -> read(row, sent),
                _ -> unavailable());
    }

    private void read(LeaseRow row, long sent) {
        switch (heard(row, sent)) {
            case LeaseMove.Wait(var time) -> sleep(time.toNanos() / 1000);
            case LeaseMove.Write(var change) -> {
                var again = simulation.nanos();
                simulation.database.<@Nullable LeaseRow>callWithin(
                        ANSWER_MAX,
                        node,
                        () -> simulation.database.writeLease(change),
                        written -> {
                            if (written == null) {
                                keeper.onOutrun();
                                publish();
                                sleep(OUTRUN);
                            } else {
                                var _ = heard(written, again);
                                sleep(leaving ? 0 : PERIOD);
                            }
                        },
                        _ -> unavailable());
            }
        }
    }

    private LeaseMove heard(LeaseRow row, long sent) {
        var view = node.view();
        if (!view.equals(keeper.view())) {
            keeper.onView(view, simulation.nanos());
        }
        var move = keeper.onRow(row, sent, simulation.nanos());
        publish();
        hasLeft();
        return move;
    }

    private void unavailable() {
        keeper.onUnavailable(simulation.nanos());
        publish();
        sleep(UNAVAILABLE);
    }

    private boolean hasLeft() {
        var then = whenLeft;
        if (then != null && keeper.hasLeft()) {
            whenLeft = null;
            then.run();
        }
        return keeper.hasLeft();
    }

    /// Stops acting, and takes this node out of the lease; then calls `then`.
    void leave(Runnable then) {
        keeper.onLeave();
        publish();
        leaving = true;
        whenLeft = then;
        node.later(
                LEAVING,
                () -> {
                    if (whenLeft != null) {
                        whenLeft = null;
                        then.run();
                    }
                });
        wake();
    }
}
