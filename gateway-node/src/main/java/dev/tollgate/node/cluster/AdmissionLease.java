package dev.tollgate.node.cluster;

import dev.tollgate.lease.LeaseChange;
import dev.tollgate.lease.LeaseRow;
import dev.tollgate.lease.Leasing;
import dev.tollgate.lease.View;
import dev.tollgate.node.store.LeaseStore;
import dev.tollgate.node.store.LedgerStoreException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's part in the admission lease: it reads the row each second, renews it or takes it
/// over when that falls to it, and says whether the node may act.
///
/// One thread of its own talks to PostgreSQL; [#now()] is a look at memory and may be called by
/// anybody. A grant ends by itself, by this node's monotonic clock, and at once when the node no
/// longer sees one of the term's members.
public final class AdmissionLease implements Grants, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdmissionLease.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    /// A question that was open for longer was asked by a process that stood still.
    private static final Duration FAILS_WITHIN = Duration.ofMillis(2_500);

    /// How long a grant that PostgreSQL cannot confirm goes on before it is asked again.
    private static final Duration VOUCHED = Duration.ofSeconds(4);

    private static final Duration LEAVING = Duration.ofSeconds(3);

    private final LeaseStore store;
    private final Membership membership;
    private final LongSupplier nanoTime;
    private final boolean exclusive;
    private final Thread thread;
    private final List<Consumer<Grant>> listeners = new CopyOnWriteArrayList<>();

    private volatile @Nullable Held held;
    private volatile State state = State.NONE;
    private volatile long outdated;
    private volatile long seenTerm;
    private volatile boolean leaving;
    private volatile boolean closed;
    private volatile boolean woken;

    /// Guarded by this: the term listeners were last told of.
    private long told;

    /// A grant, until a moment of the monotonic clock.
    private record Held(Grant grant, View view, long untilNanos) {}

    /// How this node stands with the lease.
    public enum State {
        /// It renews it.
        HELD,

        /// It is listed.
        GRANTED,

        /// PostgreSQL is away, and the last grant goes on.
        VOUCHED,

        /// It is listed in a term that has not begun.
        WAITING,

        /// It may not act.
        NONE,

        /// It has left.
        LEFT;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param exclusive whether no other node can be there, because the database is this node's own
    public AdmissionLease(
            LeaseStore store, Membership membership, LongSupplier nanoTime, boolean exclusive) {
        this.store = store;
        this.membership = membership;
        this.nanoTime = nanoTime;
        this.exclusive = exclusive;
        this.thread = Thread.ofPlatform().daemon().name("tollgate-lease").unstarted(this::run);
        membership.onChange(this::viewChanged);
    }

    public void start() {
        thread.start();
    }

    @Override
    public @Nullable Grant now() {
        var current = held;
        return current != null && nanoTime.getAsLong() - current.untilNanos < 0
                ? current.grant
                : null;
    }

    @Override
    public void outdated(long newest) {
        if (newest > outdated) {
            outdated = newest;
            var current = held;
            if (current != null && current.grant.term() < newest) {
                held = null;
                wake();
            }
        }
    }

    @Override
    public void onTerm(Consumer<Grant> listener) {
        synchronized (this) {
            listeners.add(listener);
        }
        var present = now();
        if (present != null) {
            Thread.startVirtualThread(() -> listener.accept(present));
        }
    }

    public State state() {
        var current = state;
        return now() == null && current != State.WAITING && current != State.LEFT
                ? State.NONE
                : current;
    }

    /// The newest term this node has read.
    public long term() {
        return seenTerm;
    }

    /// The members see the cluster differently than a moment ago.
    private void viewChanged() {
        var current = held;
        if (current != null && !membership.view().seesAll(current.grant.members())) {
            held = null;
        }
        wake();
    }

    private void wake() {
        woken = true;
        LockSupport.unpark(thread);
    }

    // --- the lease's own thread ---

    private void run() {
        while (!closed) {
            var pause = PERIOD;
            woken = false;
            try {
                pause = leaving ? PERIOD : round();
            } catch (RuntimeException e) {
                LOG.error("lease: failed, goes on", e);
            }
            var until = nanoTime.getAsLong() + pause.toNanos();
            for (var left = pause.toNanos();
                    left > 0 && !woken && !closed;
                    left = until - nanoTime.getAsLong()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    /// One look at the row, and what follows from it; returns when to look again.
    private Duration round() {
        var sent = nanoTime.getAsLong();
        var view = membership.view();
        try {
            var row = store.read();
            var change = change(row, view);
            if (change.isPresent()) {
                sent = nanoTime.getAsLong();
                var written = store.write(change.get());
                if (written.isEmpty()) {
                    return Duration.ofMillis(10);
                }
                row = written.get();
                if (row.term() != seenTerm) {
                    LOG.info(
                            "lease: term {} written, members {}, {}",
                            row.term(),
                            row.members(),
                            row.effectiveIn().isPositive()
                                    ? "begins in " + row.effectiveIn()
                                    : "begins now");
                }
            }
            return take(row, view, sent);
        } catch (LedgerStoreException away) {
            vouch(view, sent, away);
            return PERIOD;
        }
    }

    private Optional<LeaseChange> change(LeaseRow row, View view) {
        return exclusive && !row.holder().equals(view.self())
                ? Optional.of(Leasing.seized(row, view))
                : Leasing.change(row, view);
    }

    private Duration take(LeaseRow row, View view, long sent) {
        seenTerm = row.term();
        var until = Leasing.grantedUntil(row, view, sent);
        if (until.isPresent() && row.term() >= outdated && !leaving) {
            grant(
                    new Held(new Grant(row.term(), row.members(), row.lost()), view, until.get()),
                    row.holder().equals(view.self()) ? State.HELD : State.GRANTED);
            return PERIOD;
        }
        held = null;
        var waiting = row.members().contains(view.self()) && row.effectiveIn().isPositive();
        state = waiting ? State.WAITING : State.NONE;
        // Until the term begins, or the lease can be taken over.
        var next = waiting ? row.effectiveIn() : row.expiresIn();
        return next.isPositive() && next.compareTo(PERIOD) < 0
                ? next.plusMillis(5)
                : waiting ? PERIOD : Duration.ofMillis(250);
    }

    private void grant(Held fresh, State as) {
        state = as;
        held = fresh;
        // The view may have changed since it was looked at.
        if (!membership.view().seesAll(fresh.grant.members())) {
            held = null;
            wake();
            return;
        }
        synchronized (this) {
            if (fresh.grant.term() == told) {
                return;
            }
            told = fresh.grant.term();
        }
        for (var listener : listeners) {
            Thread.startVirtualThread(() -> listener.accept(fresh.grant));
        }
    }

    /// PostgreSQL did not answer: the last grant goes on while the same nodes are seen as when it
    /// was confirmed. A process that stood still in the meantime cannot know what it missed.
    private void vouch(View view, long sent, LedgerStoreException away) {
        var current = held;
        var now = nanoTime.getAsLong();
        var unchanged = current != null && current.view.seen().equals(view.seen());
        if (current != null && unchanged && now - sent < FAILS_WITHIN.toNanos() && !leaving) {
            if (state != State.VOUCHED) {
                LOG.warn("lease: {}; the last grant goes on", away.getMessage());
            }
            state = State.VOUCHED;
            held = new Held(current.grant, view, now + VOUCHED.toNanos());
        } else {
            if (current != null) {
                LOG.warn("lease: {}; this node stops admitting", away.getMessage());
            }
            held = null;
            state = State.NONE;
        }
    }

    // --- the end ---

    /// Stops acting, and takes this node out of the lease, so that the others need not wait until
    /// it runs out. Blocks, a few seconds at most.
    public void leave() {
        if (leaving) {
            return;
        }
        leaving = true;
        held = null;
        state = State.LEFT;
        closed = true;
        wake();
        try {
            thread.join(LEAVING);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        var until = nanoTime.getAsLong() + LEAVING.toNanos();
        while (thread.getState() == Thread.State.TERMINATED && nanoTime.getAsLong() < until) {
            try {
                var change = Leasing.left(store.read(), membership.view().self());
                if (change.isEmpty() || store.write(change.get()).isPresent()) {
                    return;
                }
            } catch (LedgerStoreException away) {
                LOG.warn("lease: not left, it runs out by itself ({})", away.getMessage());
                return;
            }
        }
    }

    /// Stops at once; the lease runs out by itself.
    @Override
    public void close() {
        held = null;
        closed = true;
        wake();
        try {
            thread.join(LEAVING);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        store.close();
    }
}
