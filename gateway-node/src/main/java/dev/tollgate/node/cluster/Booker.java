package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import dev.tollgate.budget.OutboxEntry;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.LedgerStoreException;
import dev.tollgate.node.store.OutboxJson;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves one organization's settled entries from its book to the ledger, in order, on a thread of
/// its own.
///
/// A batch is one transaction and may be repeated: the ledger knows rows by their ids. PostgreSQL
/// away: it tries again, with growing pauses, while the outbox grows. A row the ledger can never
/// take is set aside and the rest goes on. When a later epoch or term books, it stops for good.
final class Booker {

    static final int BATCH_ENTRIES_MAX = 500;

    private static final Logger LOG = LoggerFactory.getLogger(Booker.class);
    private static final Duration LINGER = Duration.ofMillis(100);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE_MIN = Duration.ofMillis(50);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

    private final String organization;
    private final BookCalls calls;
    private final LedgerStore store;
    private final LongSupplier nanoTime;
    private final long epoch;
    private final long term;
    private final List<UUID> members;
    private final Runnable whenFenced;
    private final Thread thread;

    private volatile boolean woken;
    private volatile boolean stopping;
    private volatile boolean fenced;
    private volatile State state;

    /// @param unbookedSinceNanos when the oldest entry not yet booked was first seen; negative when
    ///   there is none
    record State(
            int holds,
            int entries,
            long entryBytes,
            int counters,
            boolean unbooked,
            long unbookedSinceNanos,
            long rejected) {}

    /// @param grant in which the epoch began
    /// @param whenFenced called when a later epoch or term books; does not block
    Booker(
            String organization,
            BookCalls calls,
            LedgerStore store,
            LongSupplier nanoTime,
            long epoch,
            Grants.Grant grant,
            Runnable whenFenced) {
        this.organization = organization;
        this.calls = calls;
        this.store = store;
        this.nanoTime = nanoTime;
        this.epoch = epoch;
        this.term = grant.term();
        this.members = grant.members();
        this.whenFenced = whenFenced;
        this.state = new State(0, 0, 0, 0, false, 0, 0);
        this.thread =
                Thread.ofVirtual().name("tollgate-booker-" + organization).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// There may be something to book.
    void wake() {
        if (!woken) {
            woken = true;
            LockSupport.unpark(thread);
        }
    }

    /// As of the last look, at most a second ago.
    State state() {
        return state;
    }

    /// Whether a later epoch or term books.
    boolean fenced() {
        return fenced;
    }

    long epoch() {
        return epoch;
    }

    long term() {
        return term;
    }

    /// Whether nothing waits to be booked, as of the last look.
    boolean isIdle() {
        return state.entries == 0;
    }

    /// Stops after the batch at hand, without being waited for.
    void abandon() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    /// Stops after the batch at hand. Blocks.
    void stop() {
        abandon();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // --- the booker's own thread ---

    private void run() {
        while (!stopping && !fenced) {
            try {
                bookAll();
                awaitWork();
            } catch (Fenced | Superseded e) {
                fenced = true;
                LOG.info("booker of {}: epoch {} is over", organization, epoch);
                whenFenced.run();
            } catch (BookCallException e) {
                LOG.warn("booker of {}: {}, tries again", organization, e.getMessage(), e);
                LockSupport.parkNanos(POLL.toNanos());
            } catch (Stopped _) {
                return;
            } catch (RuntimeException e) {
                LOG.error("booker of {}: failed, tries again", organization, e);
                LockSupport.parkNanos(PAUSE_MAX.toNanos());
            }
        }
    }

    /// Waits for a settlement, and then a little, so that those that follow share its transaction.
    private void awaitWork() {
        if (!woken) {
            LockSupport.parkNanos(POLL.toNanos());
        }
        if (woken && !stopping) {
            var until = nanoTime.getAsLong() + LINGER.toNanos();
            for (var left = LINGER.toNanos();
                    left > 0 && !stopping;
                    left = until - nanoTime.getAsLong()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    private void bookAll() {
        while (!stopping) {
            woken = false;
            var seen = nanoTime.getAsLong();
            var entries = calls.unbooked(organization, BATCH_ENTRIES_MAX);
            if (entries.isEmpty()) {
                look(false, seen);
                return;
            }
            if (!state.unbooked) {
                look(true, seen);
            }
            var batch = uniqueOnes(entries);
            book(batch);
            var more = batch.size() < entries.size() || entries.size() == BATCH_ENTRIES_MAX;
            look(more, seen);
            if (!more) {
                return;
            }
        }
    }

    /// Up to the first id that comes again: a late truth comes after the orphan it corrects, and
    /// the ledger has to have the one before the other.
    private static List<OutboxEntry> uniqueOnes(List<OutboxEntry> entries) {
        var seen = new HashSet<UUID>();
        for (var i = 0; i < entries.size(); i++) {
            if (!seen.add(entries.get(i).id())) {
                return entries.subList(0, i);
            }
        }
        return entries;
    }

    private void look(boolean unbooked, long since) {
        var status = calls.status(organization);
        if (status.epoch() > epoch || status.term() > term) {
            throw new Superseded();
        }
        state =
                new State(
                        status.holds(),
                        status.entries(),
                        status.entryBytes(),
                        status.counters(),
                        unbooked,
                        since,
                        state.rejected);
    }

    /// One transaction, or two for the halves when something in it can never be booked.
    private void book(List<OutboxEntry> entries) {
        try {
            confirm(
                    retrying(() ->
                            store.book(organization, epoch, term, OutboxJson.array(entries))));
        } catch (LedgerStoreException e) {
            if (entries.size() == 1) {
                reject(entries.getFirst(), e);
                return;
            }
            var half = entries.size() / 2;
            book(entries.subList(0, half));
            book(entries.subList(half, entries.size()));
        }
    }

    private void reject(OutboxEntry entry, LedgerStoreException reason) {
        LOG.error(
                "ledger of {}: row {} set aside, its amounts are in no sum: {}",
                organization,
                entry.id(),
                reason.getMessage());
        var json = OutboxJson.one(entry);
        var error = String.valueOf(reason.getMessage()).replace('\0', ' ');
        confirm(retrying(() -> store.reject(organization, epoch, term, entry.seq(), json, error)));
        var last = state;
        state =
                new State(
                        last.holds,
                        last.entries,
                        last.entryBytes,
                        last.counters,
                        last.unbooked,
                        last.unbookedSinceNanos,
                        last.rejected + 1);
    }

    private void confirm(long through) {
        var result =
                calls.applyNow(organization, members, new Command.Booked(term, epoch, through));
        if (result instanceof Command.OldTerm || result instanceof Command.NotOpen) {
            throw new Superseded();
        }
        if (!(result instanceof Command.BookedIds)) {
            throw new BookCallException("not marked as booked: " + result);
        }
    }

    /// Tries until PostgreSQL answers.
    private long retrying(Supplier<Long> transaction) {
        for (var pause = PAUSE_MIN; ; pause = longer(pause)) {
            try {
                return transaction.get();
            } catch (LedgerStoreException e) {
                switch (e.reason()) {
                    case UNBOOKABLE -> throw e;
                    case FENCED -> throw new Fenced(e);
                    case UNAVAILABLE ->
                            LOG.warn(
                                    "booker of {}: {}, tries again in {}",
                                    organization,
                                    e.getMessage(),
                                    pause);
                }
            }
            if (stopping) {
                throw new Stopped();
            }
            LockSupport.parkNanos(pause.toNanos());
        }
    }

    private static Duration longer(Duration pause) {
        var doubled = pause.multipliedBy(2);
        return doubled.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : doubled;
    }

    private static final class Fenced extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fenced(LedgerStoreException cause) {
            super(cause);
        }
    }

    /// The book is in a later term or epoch.
    private static final class Superseded extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
