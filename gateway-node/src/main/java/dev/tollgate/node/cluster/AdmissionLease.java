package dev.tollgate.node.cluster;

import dev.tollgate.lease.Granted;
import dev.tollgate.lease.LeaseKeeper;
import dev.tollgate.lease.LeaseMove;
import dev.tollgate.lease.LeaseRow;
import dev.tollgate.lease.Leasing;
import dev.tollgate.lease.View;
import dev.tollgate.node.store.LeaseStore;
import dev.tollgate.node.store.LedgerStoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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

    /// After a change that somebody else came before.
    private static final Duration OUTRUN = Duration.ofMillis(20);

    private static final Duration UNAVAILABLE = Duration.ofMillis(500);
    private static final Duration LEAVING = Duration.ofSeconds(3);

    private final LeaseStore store;
    private final Supplier<View> seen;
    private final LongSupplier nanoTime;
    private final Thread thread;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    /// Guarded by itself.
    private final LeaseKeeper keeper;

    private final CountDownLatch left = new CountDownLatch(1);
    private volatile @Nullable Held held;
    private volatile long newest;
    private volatile boolean leaving;
    private volatile boolean closed;
    private volatile boolean woken;

    private final AtomicLong failedReads = new AtomicLong();

    // Of the lease's own thread.
    private boolean away;
    private long termLogged;

    /// What [#now()] looks at.
    private record Held(Grant grant, Granted granted) {}

    /// @param exclusive whether no other node can be there, because the database is this node's own
    public AdmissionLease(
            LeaseStore store, Membership membership, LongSupplier nanoTime, boolean exclusive) {
        this(store, membership::view, nanoTime, exclusive, Leasing.VOUCHES_FOR);
        membership.onChange(this::viewChanged);
    }

    /// For one who calls [#viewChanged()].
    ///
    /// @param vouches for how long a grant goes on without PostgreSQL; the same for all nodes
    AdmissionLease(
            LeaseStore store,
            Supplier<View> seen,
            LongSupplier nanoTime,
            boolean exclusive,
            Duration vouches) {
        this.store = store;
        this.seen = seen;
        this.nanoTime = nanoTime;
        this.keeper = new LeaseKeeper(seen.get(), exclusive, vouches, nanoTime.getAsLong());
        this.thread = Thread.ofPlatform().daemon().name("tollgate-lease").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    @Override
    public @Nullable Grant now() {
        var current = held;
        return current != null && current.granted.isValidAt(nanoTime.getAsLong())
                ? current.grant
                : null;
    }

    @Override
    public void outdated(long term) {
        if (term <= newest) {
            return;
        }
        synchronized (keeper) {
            newest = Math.max(newest, term);
            keeper.onTerm(term);
            publish();
        }
        if (now() == null) {
            wake();
        }
    }

    @Override
    public void onTerm(Consumer<Grant> listener) {
        listeners.add(new Listener(listener));
        LockSupport.unpark(thread);
    }

    public LeaseKeeper.State state() {
        synchronized (keeper) {
            return keeper.state(nanoTime.getAsLong());
        }
    }

    /// The newest term this node has read.
    public long term() {
        synchronized (keeper) {
            return keeper.term();
        }
    }

    /// How many nodes this one sees, itself among them.
    public int membersSeen() {
        synchronized (keeper) {
            return keeper.view().seen().size();
        }
    }

    /// How often PostgreSQL could not be asked, since the start.
    public long failedReads() {
        return failedReads.get();
    }

    /// Members came or went.
    void viewChanged() {
        synchronized (keeper) {
            keeper.onView(seen.get(), nanoTime.getAsLong());
            publish();
        }
        wake();
    }

    /// Holds the keeper's lock.
    private void publish() {
        var granted = keeper.granted().orElse(null);
        var last = held;
        if (granted == null) {
            held = null;
        } else if (last != null && last.grant.term() == granted.term()) {
            held = new Held(last.grant, granted);
        } else {
            held = new Held(new Grant(granted.term(), granted.members(), granted.lost()), granted);
        }
    }

    private void wake() {
        woken = true;
        LockSupport.unpark(thread);
    }

    // --- the lease's own thread ---

    private void run() {
        while (!closed && left.getCount() > 0) {
            woken = false;
            sleep(round());
        }
    }

    /// One look at the row, and what follows from it; returns when to look again.
    private Duration round() {
        try {
            var sent = nanoTime.getAsLong();
            var move = heard(store.read(), sent);
            if (move instanceof LeaseMove.Write(var change)) {
                sent = nanoTime.getAsLong();
                var written = store.write(change);
                if (written.isEmpty()) {
                    outrun();
                    return OUTRUN;
                }
                // As good as read; what follows from it has time.
                var _ = heard(written.get(), sent);
                move = new LeaseMove.Wait(leaving ? Duration.ZERO : PERIOD);
            }
            answers();
            return move instanceof LeaseMove.Wait(var time) ? time : PERIOD;
        } catch (LedgerStoreException failed) {
            unavailable(failed);
            return UNAVAILABLE;
        } catch (RuntimeException e) {
            LOG.error("lease: failed, goes on", e);
            return PERIOD;
        }
    }

    private LeaseMove heard(LeaseRow row, long sent) {
        synchronized (keeper) {
            var view = seen.get();
            if (!view.equals(keeper.view())) {
                // Its news are still on their way.
                keeper.onView(view, nanoTime.getAsLong());
            }
            var move = keeper.onRow(row, sent, nanoTime.getAsLong());
            publish();
            if (keeper.hasLeft()) {
                left.countDown();
            }
            return move;
        }
    }

    private void outrun() {
        synchronized (keeper) {
            keeper.onOutrun();
            publish();
        }
    }

    private void unavailable(LedgerStoreException failed) {
        synchronized (keeper) {
            keeper.onUnavailable(nanoTime.getAsLong());
            publish();
        }
        failedReads.incrementAndGet();
        if (!away) {
            away = true;
            LOG.warn(
                    "{}; {}",
                    failed.getMessage(),
                    now() == null ? "this node does not act" : "the last grant goes on");
        }
    }

    private void answers() {
        if (away) {
            away = false;
            LOG.info("lease: PostgreSQL answers again");
        }
    }

    private void sleep(Duration time) {
        var until = nanoTime.getAsLong() + time.toNanos();
        while (!woken && !closed) {
            tell();
            var now = nanoTime.getAsLong();
            if (until - now <= 0) {
                return;
            }
            LockSupport.parkNanos(Math.min(until - now, untilBegins(now)));
        }
    }

    private long untilBegins(long now) {
        var current = held;
        var until = current == null ? 0 : current.granted.fromNanos() - now;
        return until > 0 ? until : Long.MAX_VALUE;
    }

    private void tell() {
        var grant = now();
        if (grant == null) {
            return;
        }
        if (grant.term() > termLogged) {
            termLogged = grant.term();
            LOG.info("lease: acts in term {} of {}", grant.term(), grant.members());
        }
        for (var listener : listeners) {
            if (grant.term() > listener.told) {
                listener.told = grant.term();
                Thread.startVirtualThread(() -> listener.calls.accept(grant));
            }
        }
    }

    private static final class Listener {

        private final Consumer<Grant> calls;

        /// The last term it was told of.
        private long told;

        Listener(Consumer<Grant> calls) {
            this.calls = calls;
        }
    }

    // --- the end ---

    /// Stops acting, and takes this node out of the lease, so that the others need not wait until
    /// it runs out. Blocks, a few seconds at most.
    public void leave() {
        synchronized (keeper) {
            keeper.onLeave();
            publish();
        }
        if (leaving || closed) {
            return;
        }
        leaving = true;
        wake();
        try {
            if (!left.await(LEAVING.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("lease: not left, it runs out by itself");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Stops at once; the lease runs out by itself.
    @Override
    public void close() {
        synchronized (keeper) {
            keeper.onLeave();
            publish();
        }
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
