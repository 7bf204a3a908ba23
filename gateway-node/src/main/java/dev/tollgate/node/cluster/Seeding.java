package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.LedgerStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one organization's cold counters from the ledger and seeds its book with them.
///
/// What is asked for while a read runs is read together in the next one. After a failure it fails
/// at once for a short while, so that requests don't queue for a database that is away.
final class Seeding {

    private static final Logger LOG = LoggerFactory.getLogger(Seeding.class);
    private static final Duration ATTEMPTS_LIMIT = Duration.ofSeconds(3);
    private static final Duration ATTEMPT_PAUSE = Duration.ofMillis(20);
    private static final Duration READ_AGAIN_LIMIT = Duration.ofMillis(300);
    private static final Duration READ_AGAIN_PAUSE = Duration.ofMillis(75);
    private static final Duration FAILURE_PAUSE = Duration.ofMillis(250);

    private final String organization;
    private final BookCalls calls;
    private final LedgerStore store;
    private final LongSupplier nanoTime;
    private final Grants grants;

    // Guarded by this.
    private Map<CounterKey, Long> wanted = new HashMap<>();
    private CompletableFuture<Void> round = new CompletableFuture<>();
    private boolean running;
    private @Nullable Failure lastFailure;

    private record Failure(long nanos, Throwable cause) {}

    Seeding(
            String organization,
            BookCalls calls,
            LedgerStore store,
            LongSupplier nanoTime,
            Grants grants) {
        this.organization = organization;
        this.calls = calls;
        this.store = store;
        this.nanoTime = nanoTime;
        this.grants = grants;
    }

    /// Completes when the book has the counters, on a virtual thread.
    ///
    /// @param windowEnds by counter
    synchronized CompletableFuture<Void> seed(Map<CounterKey, Long> windowEnds) {
        if (lastFailure != null
                && nanoTime.getAsLong() - lastFailure.nanos < FAILURE_PAUSE.toNanos()) {
            return CompletableFuture.failedFuture(lastFailure.cause);
        }
        wanted.putAll(windowEnds);
        if (!running) {
            running = true;
            Thread.ofVirtual().name("tollgate-seeding-" + organization).start(this::run);
        }
        return round;
    }

    private void run() {
        for (var work = next(); work != null; work = next()) {
            try {
                for (var chunk : chunks(work.counters)) {
                    seedNow(chunk);
                }
                work.done.complete(null);
            } catch (RuntimeException e) {
                if (!(e instanceof LedgerStoreException || e instanceof BookCallException)) {
                    LOG.error("book of {}: not seeded", organization, e);
                }
                remember(e);
                work.done.completeExceptionally(e);
            }
        }
    }

    private record Work(Map<CounterKey, Long> counters, CompletableFuture<Void> done) {}

    private synchronized @Nullable Work next() {
        if (wanted.isEmpty()) {
            running = false;
            return null;
        }
        var work = new Work(wanted, round);
        wanted = new HashMap<>();
        round = new CompletableFuture<>();
        return work;
    }

    private synchronized void remember(Throwable cause) {
        lastFailure = new Failure(nanoTime.getAsLong(), cause);
    }

    private static List<Map<CounterKey, Long>> chunks(Map<CounterKey, Long> counters) {
        var chunks = new ArrayList<Map<CounterKey, Long>>();
        var chunk = new HashMap<CounterKey, Long>();
        for (var counter : counters.entrySet()) {
            chunk.put(counter.getKey(), counter.getValue());
            if (chunk.size() == Command.ITEMS_MAX) {
                chunks.add(chunk);
                chunk = new HashMap<>();
            }
        }
        if (!chunk.isEmpty()) {
            chunks.add(chunk);
        }
        return chunks;
    }

    /// Asks again after a failure that came at once: a connection of the pool may be of a server
    /// that was replaced.
    private LedgerStore.Sums read(List<CounterKey> counters) {
        var until = nanoTime.getAsLong() + READ_AGAIN_LIMIT.toNanos();
        while (true) {
            try {
                return store.sums(organization, counters);
            } catch (LedgerStoreException e) {
                if (nanoTime.getAsLong() > until) {
                    throw e;
                }
                LockSupport.parkNanos(READ_AGAIN_PAUSE.toNanos());
            }
        }
    }

    /// Reads again when something was booked between the read and the seed, or must be booked
    /// first.
    private void seedNow(Map<CounterKey, Long> windowEnds) {
        var until = nanoTime.getAsLong() + ATTEMPTS_LIMIT.toNanos();
        do {
            var sums = read(List.copyOf(windowEnds.keySet()));
            var seeded = new ArrayList<Command.Seed.Seeded>();
            windowEnds.forEach((counter, end) ->
                    seeded.add(
                            new Command.Seed.Seeded(
                                    counter,
                                    end,
                                    sums.posted().getOrDefault(counter, Amounts.NONE))));
            var grant = grants.now();
            if (grant == null) {
                break;
            }
            var seed = new Command.Seed(grant.term(), sums.epoch(), sums.bookedThrough(), seeded);
            var result = calls.applyNow(organization, grant.members(), seed);
            if (result instanceof Command.SeedTaken(var taken) && taken) {
                return;
            }
            LockSupport.parkNanos(ATTEMPT_PAUSE.toNanos());
        } while (nanoTime.getAsLong() < until);
        throw new BookCallException("the book takes no seeds of " + organization);
    }
}
