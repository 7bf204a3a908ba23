package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Books;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Standing;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.LedgerStoreException;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The books in the cluster, as one node's requests use them: one call to hold, one to settle, the
/// journal in between.
///
/// Futures complete on the caller's context. A hold that has no answer in time is refused and
/// settled for nothing in the background, since it may have been taken.
public final class HazelcastBooks implements Books, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HazelcastBooks.class);
    private static final long DEADLINE_CHECK_MILLIS = 100;
    private static final Duration CLOCK_REFRESH = Duration.ofSeconds(10);
    private static final Duration DRAIN_POLL = Duration.ofMillis(20);

    /// The row of a hold whose request was refused after all.
    private static final byte[] NOT_SENT =
            "\"requests\":0,\"cost_nano_usd\":0,\"status\":\"not_sent\""
                    .getBytes(StandardCharsets.US_ASCII);

    private final Vertx vertx;
    private final BookCalls calls;
    private final LedgerStore store;
    private final Journal journal;
    private final DatabaseClock clock;
    private final LongSupplier nanoTime;
    private final LongSupplier term;
    private final UUID incarnation;
    private final Opening opening;
    private final Deadlines holdDeadlines;
    private final Deadlines settleDeadlines;
    private final SettleRetries retries = new SettleRetries(this::retry);
    private final Map<String, Desk> desks = new ConcurrentHashMap<>();
    private final long deadlineTimer;
    private final long clockTimer;

    /// What the books need of the node.
    ///
    /// @param incarnation a random id of this life of the process
    /// @param term of the admission lease: 1 while there is one node
    public record Parts(
            Vertx vertx,
            ClusterMember member,
            LedgerStore store,
            DatabaseClock clock,
            LongSupplier nanoTime,
            LongSupplier term,
            UUID incarnation) {}

    private HazelcastBooks(Parts parts, BooksSettings settings, Journal journal) {
        this.vertx = parts.vertx();
        this.calls = new BookCalls(parts.member().books());
        this.store = parts.store();
        this.journal = journal;
        this.clock = parts.clock();
        this.nanoTime = parts.nanoTime();
        this.term = parts.term();
        this.incarnation = parts.incarnation();
        this.opening =
                new Opening(
                        calls,
                        store,
                        journal,
                        clock,
                        nanoTime,
                        term,
                        JournalReplay.read(settings.journalDirectory(), incarnation));
        this.holdDeadlines = new Deadlines(nanoTime, settings.holdTimeout());
        this.settleDeadlines = new Deadlines(nanoTime, settings.settleTimeout());
        this.deadlineTimer = vertx.setPeriodic(DEADLINE_CHECK_MILLIS, _ -> checkDeadlines());
        this.clockTimer = vertx.setPeriodic(CLOCK_REFRESH.toMillis(), _ -> refreshClock());
    }

    /// Opens the books that earlier lives of this node left something for; others open at their
    /// first use. Blocks.
    ///
    /// @throws RuntimeException when one cannot be opened
    public static HazelcastBooks start(Parts parts, BooksSettings settings) {
        var journal =
                Journal.open(settings.journalDirectory(), parts.incarnation(), settings.journal());
        var books = new HazelcastBooks(parts, settings, journal);
        books.retries.start();
        books.opening.deleteIfEmpty();
        for (var organization : books.opening.organizations()) {
            books.desk(organization).open().join();
        }
        return books;
    }

    /// Opens an organization's book now, so that its first request need not wait. Blocks.
    public void open(String organization) {
        desk(organization).open().join();
    }

    @Override
    public Future<Command.HoldResult> hold(String organization, HoldRequest request) {
        var call = new HoldCall(this, desk(organization), request, vertx.getOrCreateContext());
        holdDeadlines.add(call);
        call.send();
        return call.future();
    }

    @Override
    public Future<Command.Result> checkpoint(String organization, UUID id, Amounts soFar) {
        return answer(calls.apply(organization, new Command.Checkpoint(id, term(), soFar)));
    }

    @Override
    public Future<List<Command.Settled>> settle(
            String organization, UUID id, Amounts used, byte[] outcome) {
        var desk = desk(organization);
        var settle =
                new Command.Settle(
                        id, term(), nowMillis(), used, outcome, desk.acknowledgements.take());
        if (!journal.appendSettle(organization, settle)) {
            LOG.warn("settlement {}: not in the journal", id);
        }
        var call = new SettleCall(this, desk, settle, vertx.getOrCreateContext());
        settleDeadlines.add(call);
        call.send();
        return call.future();
    }

    @Override
    public Future<List<Standing>> standings(String organization, List<BudgetCharge> charges) {
        return answer(calls.standings(organization, charges))
                .compose(standings ->
                        standings.unknown().isEmpty()
                                ? Future.succeededFuture(standings.known())
                                : withUnknown(
                                        organization,
                                        charges,
                                        standings.known(),
                                        standings.unknown()));
    }

    private Future<List<Standing>> withUnknown(
            String organization,
            List<BudgetCharge> charges,
            List<Standing> known,
            List<CounterKey> unknown) {
        var reading =
                CompletableFuture.supplyAsync(
                        () -> store.sums(organization, unknown), Thread::startVirtualThread);
        return answer(reading).map(sums -> merged(charges, known, sums.posted()));
    }

    /// In the order of the charges.
    private static List<Standing> merged(
            List<BudgetCharge> charges, List<Standing> known, Map<CounterKey, Amounts> posted) {
        var byCounter = new HashMap<CounterKey, Standing>();
        known.forEach(standing -> byCounter.put(standing.counter(), standing));
        var standings = new ArrayList<Standing>();
        for (var charge : charges) {
            var standing = byCounter.get(charge.counter());
            standings.add(
                    standing != null
                            ? standing
                            : new Standing(
                                    charge.counter(),
                                    charge.budget(),
                                    charge.limits(),
                                    posted.getOrDefault(charge.counter(), Amounts.NONE),
                                    Amounts.NONE,
                                    charge.windowEnd()));
        }
        return standings;
    }

    /// A book that is not open yet learns the version when it opens.
    @Override
    public Future<Void> configure(String organization, long configVersion) {
        return answer(calls.apply(organization, new Command.Configure(term(), configVersion)))
                .mapEmpty();
    }

    /// The state of this node, for metrics.
    public BooksGauges gauges() {
        var now = nanoTime.getAsLong();
        long holds = 0;
        long entries = 0;
        long bytes = 0;
        long counters = 0;
        long rejected = 0;
        var age = Duration.ZERO;
        for (var desk : desks.values()) {
            var booker = desk.booker();
            if (booker != null) {
                var state = booker.state();
                holds += state.holds();
                entries += state.entries();
                bytes += state.entryBytes();
                counters += state.counters();
                rejected += state.rejected();
                var waiting =
                        state.unbooked()
                                ? Duration.ofNanos(now - state.unbookedSinceNanos())
                                : Duration.ZERO;
                age = age.compareTo(waiting) < 0 ? waiting : age;
            }
        }
        return new BooksGauges(
                holds, entries, bytes, counters, age, rejected, retries.size(), journal.size());
    }

    /// Books what is settled and closes the journal. To be called when no request is left. Blocks,
    /// at most about `limit`.
    ///
    /// @return whether everything is booked, so that nothing is left to replay
    public boolean drain(Duration limit) {
        var until = nanoTime.getAsLong() + limit.toNanos();
        while (retries.size() > 0 && nanoTime.getAsLong() < until) {
            LockSupport.parkNanos(DRAIN_POLL.toNanos());
        }
        var booked = retries.size() == 0;
        for (var desk : desks.values()) {
            var booker = desk.booker();
            if (booker != null) {
                var left = Duration.ofNanos(Math.max(0, until - nanoTime.getAsLong()));
                booked &= booker.drain(left);
            }
        }
        return booked;
    }

    /// Stops without waiting for anything; what is not booked stays in the journal. Blocks for the
    /// batches at hand.
    @Override
    public void close() {
        vertx.cancelTimer(deadlineTimer);
        vertx.cancelTimer(clockTimer);
        retries.stop();
        for (var desk : desks.values()) {
            var booker = desk.booker();
            if (booker != null) {
                booker.stop();
            }
        }
        journal.close();
    }

    // --- for the calls ---

    BookCalls calls() {
        return calls;
    }

    Journal journal() {
        return journal;
    }

    UUID incarnation() {
        return incarnation;
    }

    long term() {
        return term.getAsLong();
    }

    long nowMillis() {
        return clock.nowMillis();
    }

    /// Settles a hold that may have been taken, and whose request is refused, for nothing.
    void abandon(Desk desk, UUID id) {
        retries.add(
                desk,
                new Command.Settle(id, term(), nowMillis(), Amounts.NONE, NOT_SENT, List.of()));
    }

    void settleLater(Desk desk, Command.Settle settle) {
        retries.add(desk, settle);
    }

    /// Notes what became of a settlement; false when it has to be tried again.
    boolean settled(Desk desk, UUID id, Command.Result result) {
        return switch (result) {
            case Command.Settled _ -> {
                desk.acknowledgements.add(id);
                desk.wakeBooker();
                yield true;
            }
            case Command.Closed _ -> {
                journal.release(List.of(id));
                yield true;
            }
            default -> false;
        };
    }

    // --- inside ---

    private CompletionStage<Boolean> retry(Desk desk, Command.Settle settle) {
        var again =
                new Command.Settle(
                        settle.id(),
                        term(),
                        settle.nowMillis(),
                        settle.used(),
                        settle.outcome(),
                        List.of());
        return calls.apply(desk.organization, again)
                .thenApplyAsync(result -> settled(desk, settle.id(), result));
    }

    /// Bound to the context, so that what follows, and its timers, stay on the caller's event loop.
    static <T> Promise<T> promiseOn(Context context) {
        return context instanceof ContextInternal known ? known.promise() : Promise.promise();
    }

    private Desk desk(String organization) {
        var known = desks.get(organization);
        return known != null ? known : desks.computeIfAbsent(organization, this::newDesk);
    }

    private Desk newDesk(String organization) {
        return new Desk(
                organization,
                new Seeding(organization, calls, store, nanoTime, term),
                opening,
                nanoTime);
    }

    private <T> Future<T> answer(CompletionStage<T> stage) {
        Promise<T> promise = Promise.promise();
        stage.whenCompleteAsync(
                (result, failure) -> {
                    if (failure == null) {
                        promise.complete(result);
                    } else {
                        promise.fail(
                                new Refusal(
                                        new Problem.QuotaUnavailable("the book did not answer")));
                    }
                },
                onContext(vertx.getOrCreateContext()));
        return promise.future();
    }

    static Executor onContext(Context context) {
        return work -> context.runOnContext(_ -> work.run());
    }

    private void checkDeadlines() {
        holdDeadlines.check();
        settleDeadlines.check();
    }

    private void refreshClock() {
        Thread.ofVirtual().name("tollgate-clock").start(this::refreshClockNow);
    }

    private void refreshClockNow() {
        try {
            clock.refresh();
        } catch (LedgerStoreException e) {
            LOG.warn("clock: not compared, goes on by itself ({})", e.getMessage());
        }
    }
}
