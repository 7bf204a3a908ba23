package dev.tollgate.node.cluster;

import dev.tollgate.node.store.LedgerStore;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node looks after a few times a second, on a thread of its own: what it still owes the
/// ledger, what earlier lives left, its books that nobody opened, and holds in a book that nobody
/// knows any more.
final class Upkeep implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration EVERY = Duration.ofMillis(250);
    private static final Duration TEND_EVERY = Duration.ofSeconds(5);
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(10);
    private static final Duration LEAKED_AFTER = Duration.ofSeconds(30);

    private final HazelcastBooks books;
    private final Leftovers leftovers;
    private final LedgerStore store;
    private final LongSupplier nanoTime;
    private final Thread thread;
    private long tendedNanos;
    private long sweptNanos;
    private volatile boolean stopping;

    Upkeep(HazelcastBooks books, Leftovers leftovers, LedgerStore store, LongSupplier nanoTime) {
        this.books = books;
        this.leftovers = leftovers;
        this.store = store;
        this.nanoTime = nanoTime;
        this.tendedNanos = nanoTime.getAsLong();
        this.sweptNanos = tendedNanos;
        this.thread = Thread.ofVirtual().name("tollgate-upkeep").unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    /// Blocks until the round at hand is over.
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void loop() {
        while (!stopping) {
            try {
                run();
            } catch (RuntimeException e) {
                LOG.warn("upkeep: failed, goes on", e);
            }
            LockSupport.parkNanos(EVERY.toNanos());
        }
    }

    /// One round. Blocks.
    @Override
    public synchronized void run() {
        if (!leftovers.isEmpty()) {
            books.want(leftovers.organizations());
            leftovers.lookUp(store);
        }
        if (!books.mayAct()) {
            return;
        }
        for (var desk : books.desks()) {
            if (stopping) {
                return;
            }
            if (!desk.owed.isEmpty()) {
                books.look(desk);
                desk.owed.lookUp();
            }
        }
        if (nanoTime.getAsLong() - tendedNanos > TEND_EVERY.toNanos()) {
            tendedNanos = nanoTime.getAsLong();
            books.tend();
        }
        if (nanoTime.getAsLong() - sweptNanos > SWEEP_EVERY.toNanos()) {
            sweptNanos = nanoTime.getAsLong();
            books.desks().forEach(this::sweep);
        }
    }

    /// A hold of this node that is in the book and not in its journal has nobody who would settle
    /// it, unless it was only just taken.
    private void sweep(Desk desk) {
        try {
            var before = books.nowMillis() - LEAKED_AFTER.toMillis();
            var held = books.calls().oldHolds(desk.organization, books.incarnation(), before);
            var known = books.journal().recorded(held);
            for (UUID id : held) {
                if (!known.contains(id)) {
                    LOG.warn("hold {}: nobody's, given back", id);
                    books.abandon(desk, id);
                }
            }
        } catch (BookCallException e) {
            LOG.debug("book of {}: not swept", desk.organization, e);
        }
    }
}
