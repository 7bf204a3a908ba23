package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Book;
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
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The books, in the cluster or of a node alone, as one node's requests use them: one call to hold,
/// one to settle, the journal in between.
///
/// Futures complete on the caller's context. A hold that has no answer in time is refused and
/// settled for nothing in the background, since it may have been taken.
public final class HazelcastBooks implements Books, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HazelcastBooks.class);
    private static final long DEADLINE_CHECK_MILLIS = 100;
    private static final Duration CLOCK_REFRESH = Duration.ofSeconds(10);
    private static final Duration DRAIN_POLL = Duration.ofMillis(20);
    private static final Duration OPENED_POLL = Duration.ofMillis(10);

    /// The row of a hold whose request was refused after all.
    private static final byte[] NOT_SENT =
            "\"requests\":0,\"cost_nano_usd\":0,\"usage_source\":\"provider\",\"status\":\"not_sent\""
                    .getBytes(StandardCharsets.US_ASCII);

    private final Vertx vertx;
    private final BookCalls calls;
    private final LedgerStore store;
    private final Journal journal;
    private final DatabaseClock clock;
    private final LongSupplier nanoTime;
    private final Grants grants;
    private final UUID incarnation;
    private final Leftovers leftovers;
    private final Opener opener;
    private final Upkeep upkeep;
    private final Deadlines holdDeadlines;
    private final Deadlines settleDeadlines;
    private final Map<String, Desk> desks = new ConcurrentHashMap<>();
    private final AtomicInteger unsettled = new AtomicInteger();
    private final long deadlineTimer;
    private final long clockTimer;

    /// What the books need of the node.
    ///
    /// @param member started with the holdings
    public record Parts(
            Vertx vertx,
            ClusterMember member,
            Holdings holdings,
            LedgerStore store,
            DatabaseClock clock,
            LongSupplier nanoTime,
            Grants grants) {}

    private HazelcastBooks(Parts parts, BooksSettings settings) {
        this.vertx = parts.vertx();
        this.calls = new BookCalls(parts.member().shelf());
        this.store = parts.store();
        this.journal = parts.holdings().journal();
        this.leftovers = parts.holdings().leftovers();
        this.clock = parts.clock();
        this.nanoTime = parts.nanoTime();
        this.grants = parts.grants();
        this.incarnation = parts.holdings().incarnation();
        var colleagues = new Colleagues(parts.member().membership(), incarnation, parts.holdings());
        this.opener = new Opener(calls, store, colleagues, grants, clock, nanoTime);
        this.upkeep = new Upkeep(this, leftovers, store, nanoTime);
        this.holdDeadlines = new Deadlines(nanoTime, settings.holdTimeout());
        this.settleDeadlines = new Deadlines(nanoTime, settings.settleTimeout());
        this.deadlineTimer = vertx.setPeriodic(DEADLINE_CHECK_MILLIS, _ -> checkDeadlines());
        this.clockTimer = vertx.setPeriodic(CLOCK_REFRESH.toMillis(), _ -> refreshClock());
        parts.holdings().opensWith(opener::open);
    }

    /// Begins to open the books that earlier lives of this node left something for; others open at
    /// their first use.
    public static HazelcastBooks start(Parts parts, BooksSettings settings) {
        var books = new HazelcastBooks(parts, settings);
        books.grants.onTerm(books.opener::onTerm);
        books.upkeep.start();
        return books;
    }

    /// Waits until an organization's book is open, so that its first request need not. Blocks, at
    /// most about `limit`.
    ///
    /// @return whether it is open
    public boolean open(String organization, Duration limit) {
        var until = nanoTime.getAsLong() + limit.toNanos();
        while (nanoTime.getAsLong() < until) {
            var grant = grants.now();
            if (grant != null) {
                try {
                    var status = calls.status(organization);
                    if (status.open() && status.term() == grant.term()) {
                        return true;
                    }
                    opener.wanted(organization);
                } catch (BookCallException e) {
                    LOG.debug("book of {}: no answer yet", organization, e);
                }
            }
            LockSupport.parkNanos(OPENED_POLL.toNanos());
        }
        return false;
    }

    @Override
    public Future<Command.HoldResult> hold(String organization, HoldRequest request) {
        var desk = desk(organization);
        var call = new HoldCall(this, desk, request, vertx.getOrCreateContext());
        holdDeadlines.add(call);
        desk.send(call);
        return call.future();
    }

    @Override
    public Future<Long> extend(String organization, ExtendRequest request) {
        var desk = desk(organization);
        var call = new ExtendCall(this, desk, request, vertx.getOrCreateContext());
        holdDeadlines.add(call);
        desk.send(call);
        return call.future();
    }

    @Override
    public Future<Command.Result> checkpoint(String organization, UUID id, Amounts soFar) {
        return ask(organization, term -> new Command.Checkpoint(id, term, soFar));
    }

    @Override
    public Future<List<Command.Settled>> settle(
            String organization, UUID id, Amounts used, byte[] outcome) {
        var desk = desk(organization);
        var settle = new Command.Settle(id, 0, nowMillis(), used, outcome, List.of());
        if (!journal.appendSettle(organization, settle)) {
            LOG.warn("settlement {}: not in the journal", id);
        }
        var call = new SettleCall(this, desk, settle, vertx.getOrCreateContext());
        unsettled.incrementAndGet();
        settleDeadlines.add(call);
        if (settlesInOrder()) {
            desk.sendAlong(call);
        } else {
            desk.send(call);
        }
        return call.future();
    }

    @Override
    public Future<Command.NextResult> next(
            String organization, UUID id, Amounts used, byte[] outcome, HoldRequest request) {
        var desk = desk(organization);
        var settle = new Command.Settle(id, 0, nowMillis(), used, outcome, List.of());
        if (!journal.appendSettle(organization, settle)) {
            LOG.warn("settlement {}: not in the journal", id);
        }
        var call = new NextCall(this, desk, settle, request, vertx.getOrCreateContext());
        holdDeadlines.add(call);
        desk.send(call);
        return call.both();
    }

    /// So it is where no other node decides.
    @Override
    public boolean settlesInOrder() {
        var grant = grants.now();
        return grant != null && grant.alone();
    }

    @Override
    public Future<List<Standing>> standings(String organization, List<BudgetCharge> charges) {
        return quiet(organization)
                .compose(_ -> answer(calls.standings(organization, charges)))
                .compose(standings ->
                        standings.unknown().isEmpty()
                                ? Future.succeededFuture(standings.known())
                                : withUnknown(
                                        organization,
                                        charges,
                                        standings.known(),
                                        standings.unknown()));
    }

    /// Completes when everything this node has given so far was sent and answered.
    private Future<Void> quiet(String organization) {
        return desk(organization).isQuiet()
                ? Future.succeededFuture()
                : ask(organization, HazelcastBooks::nothing).mapEmpty();
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
        return ask(organization, term -> new Command.Configure(term, configVersion)).mapEmpty();
    }

    /// Makes the book forget its counters, so that they are read from the ledger again.
    public Future<Command.Result> reseed(String organization) {
        return ask(organization, term -> new Command.Reseed(term, List.of()));
    }

    /// What the book counts, for comparison with the ledger; empty when it does not answer. Blocks.
    ///
    /// @param keys at most [Command#ITEMS_MAX]
    public Optional<Book.Live> live(String organization, List<CounterKey> keys) {
        try {
            return Optional.of(calls.live(organization, keys));
        } catch (BookCallException e) {
            LOG.debug("book of {}: not read", organization, e);
            return Optional.empty();
        }
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
        for (var booker : opener.bookers()) {
            if (!booker.fenced()) {
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
                holds, entries, bytes, counters, age, rejected, unsettled.get(), journal.size());
    }

    /// Waits until everything this node settled is booked. To be called when no request is left.
    /// Blocks, at most about `limit`.
    ///
    /// @return whether it is, so that nothing is left to replay
    public boolean drain(Duration limit) {
        var until = nanoTime.getAsLong() + limit.toNanos();
        while (nanoTime.getAsLong() < until) {
            upkeep.run();
            opener.bookers().forEach(Booker::wake);
            if (unsettled.get() == 0 && nothingOwed() && (othersAct() || booked())) {
                return true;
            }
            LockSupport.parkNanos(DRAIN_POLL.toNanos());
        }
        LOG.warn(
                "not everything is booked: {} settlements not taken, {} in the journal, {}",
                unsettled.get(),
                journal.size().settled(),
                opener.bookers().stream().map(Booker::state).toList());
        return false;
    }

    private boolean nothingOwed() {
        return journal.size().settled() == 0 && leftovers.isEmpty();
    }

    /// Others book what they settle, and go on with what this node began.
    private boolean othersAct() {
        var grant = grants.now();
        return grant != null && !grant.alone();
    }

    /// Whether the books this node books for have nothing left.
    private boolean booked() {
        return opener.bookers().stream().allMatch(booker -> booker.fenced() || booker.isIdle());
    }

    /// Stops without waiting for anything; what is not booked stays in the journal. Blocks for the
    /// batches at hand.
    @Override
    public void close() {
        vertx.cancelTimer(deadlineTimer);
        vertx.cancelTimer(clockTimer);
        upkeep.stop();
        opener.close();
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

    boolean mayAct() {
        return grants.now() != null;
    }

    long nowMillis() {
        return clock.nowMillis();
    }

    Collection<Desk> desks() {
        return desks.values();
    }

    /// Begins to open what earlier lives of this node left something for.
    void want(Collection<String> organizations) {
        if (mayAct()) {
            organizations.forEach(opener::wanted);
        }
    }

    /// Opens what this node owns and nobody has opened.
    void tend() {
        var grant = grants.now();
        if (grant != null) {
            opener.tend(grant);
        }
    }

    /// Settles a hold that may have been taken, and whose request is refused, for nothing.
    void abandon(Desk desk, UUID id) {
        var settle = new Command.Settle(id, 0, nowMillis(), Amounts.NONE, NOT_SENT, List.of());
        unsettled.incrementAndGet();
        desk.sendAgain(new SettleCall(this, desk, settle, vertx.getOrCreateContext()));
    }

    /// Others took this node for dead and settled the hold, or the book lost it: what was really
    /// used follows. A hold that is not in the journal was never used.
    void late(Desk desk, UUID id, Amounts used, byte[] outcome) {
        journal.hold(id)
                .ifPresent(hold -> {
                    unsettled.incrementAndGet();
                    desk.send(
                            new CorrectCall(
                                    this, desk, hold, used, outcome, vertx.getOrCreateContext()));
                });
    }

    /// Asks a book how far it is booked.
    void look(Desk desk) {
        var _ = ask(desk.organization, HazelcastBooks::nothing);
    }

    void settlementEnded() {
        unsettled.decrementAndGet();
    }

    void wakeBooker(Desk desk) {
        var booker = opener.booker(desk.organization);
        if (booker != null) {
            booker.wake();
        }
    }

    // --- inside ---

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
                new Desk.Parts(vertx, calls, grants, opener),
                new Seeding(organization, calls, store, nanoTime, grants),
                new Owed(organization, journal, store));
    }

    /// Changes nothing; its answer comes after those of what was sent before.
    private static Command nothing(long term) {
        return new Command.Configure(term, 0);
    }

    private Future<Command.Result> ask(String organization, LongFunction<Command> command) {
        var call = new PlainCall(command, vertx.getOrCreateContext());
        holdDeadlines.add(call);
        desk(organization).send(call);
        return call.future();
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
