package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import dev.tollgate.lease.Leasing;
import dev.tollgate.node.cluster.Grants.Grant;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.LedgerStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens books: once in each term of the lease, from the journals of all who make up the term, the
/// ledger, and what the book's old copy still has of others.
///
/// The owner of a book's partition opens it; when it has not within [#OWNERS_TIME], whoever needs
/// it does. PostgreSQL begins a new epoch first, so that no earlier booker books from then on. Who
/// opens a book also books for it, and opens it anew when somebody began a later epoch without
/// coming to its end. Works on virtual threads, a few books at a time, and tries again while the
/// node may act; [#tend] finds what nobody asks for.
final class Opener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Opener.class);
    private static final Duration OWNERS_TIME = Duration.ofSeconds(1);
    private static final Duration ASK_AGAIN = Duration.ofMillis(200);
    private static final Duration FAILURE_PAUSE = Duration.ofMillis(250);
    private static final Duration FAILURE_PAUSE_MAX = Duration.ofSeconds(1);
    private static final int AT_ONCE = 4;

    private final BookCalls calls;
    private final LedgerStore store;
    private final Colleagues colleagues;
    private final Grants grants;
    private final DatabaseClock clock;
    private final LongSupplier nanoTime;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final Map<String, Wanted> wanted = new ConcurrentHashMap<>();
    private final Map<String, Booker> bookers = new ConcurrentHashMap<>();

    /// Epochs that this node began and has not come to the end of.
    private final Map<String, Long> begun = new ConcurrentHashMap<>();

    private volatile boolean closed;
    private volatile @Nullable Granted grantedNanos;

    /// When a term was granted first.
    private record Granted(long term, long nanos) {}

    /// A book that somebody needs open.
    private static final class Wanted {
        private long sinceNanos;
        private long lastNanos;
        private long askedNanos;
        private boolean opening;
        private boolean asked;

        Wanted(long nanos) {
            this.sinceNanos = nanos;
            this.lastNanos = nanos;
        }

        /// What was wanted earlier has been opened in the meantime.
        void wantedAt(long nanos) {
            if (nanos - lastNanos > OWNERS_TIME.toNanos()) {
                sinceNanos = nanos;
                asked = false;
            }
            lastNanos = nanos;
        }
    }

    Opener(
            BookCalls calls,
            LedgerStore store,
            Colleagues colleagues,
            Grants grants,
            DatabaseClock clock,
            LongSupplier nanoTime) {
        this.calls = calls;
        this.store = store;
        this.colleagues = colleagues;
        this.grants = grants;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /// Opens, in a new term, the books this node owns.
    void onTerm(Grant grant) {
        LOG.info("lease: term {} of {} nodes", grant.term(), grant.members().size());
        grantedNanos = new Granted(grant.term(), nanoTime.getAsLong());
        for (var organization : calls.owned()) {
            open(organization);
        }
    }

    /// A command met a book that is absent or shut. Cheap enough to be called for each.
    void wanted(String organization) {
        var grant = grants.now();
        if (grant == null) {
            return;
        }
        var now = nanoTime.getAsLong();
        var book = wanted.computeIfAbsent(organization, _ -> new Wanted(now));
        synchronized (book) {
            book.wantedAt(now);
            if (book.opening || closed) {
                return;
            }
            var opens = colleagues.opens(organization, grant.members());
            if (opens.equals(colleagues.self()) || now - book.sinceNanos > OWNERS_TIME.toNanos()) {
                start(organization, book);
            } else if (!book.asked || now - book.askedNanos > ASK_AGAIN.toNanos()) {
                book.asked = true;
                book.askedNanos = now;
                Thread.startVirtualThread(() -> colleagues.askToOpen(organization, opens));
            }
        }
    }

    /// Opens the books this node owns and does not book for, where that is needed: nobody may ask
    /// for what they still have to be booked. Blocks.
    void tend(Grant grant) {
        for (var organization : calls.owned()) {
            var booker = bookers.get(organization);
            if (booker == null || booker.fenced() || booker.term() != grant.term()) {
                open(organization);
            }
        }
    }

    /// Opens a book, unless it is open in this term.
    void open(String organization) {
        var book = wanted.computeIfAbsent(organization, _ -> new Wanted(nanoTime.getAsLong()));
        synchronized (book) {
            if (!book.opening && !closed) {
                start(organization, book);
            }
        }
    }

    private void start(String organization, Wanted book) {
        book.opening = true;
        Thread.ofVirtual()
                .name("tollgate-opening-" + organization)
                .start(() -> run(organization, book));
    }

    private void run(String organization, Wanted book) {
        var done = false;
        for (var pause = FAILURE_PAUSE; !done; pause = longer(pause)) {
            done = attempt(organization);
            if (!done) {
                if (closed || grants.now() == null) {
                    break;
                }
                LockSupport.parkNanos(pause.toNanos());
            }
        }
        synchronized (book) {
            book.opening = false;
        }
        if (done) {
            wanted.remove(organization, book);
        }
    }

    private static Duration longer(Duration pause) {
        var doubled = pause.multipliedBy(2);
        return doubled.compareTo(FAILURE_PAUSE_MAX) > 0 ? FAILURE_PAUSE_MAX : doubled;
    }

    private boolean attempt(String organization) {
        try {
            places.acquire();
            try {
                return openUnlessOpen(organization);
            } finally {
                places.release();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (BookCallException | LedgerStoreException e) {
            LOG.warn("book of {}: not opened, tries again ({})", organization, e.getMessage());
            LOG.debug("book of {}: not opened", organization, e);
        } catch (RuntimeException e) {
            LOG.error("book of {}: not opened, tries again", organization, e);
        }
        return false;
    }

    private boolean openUnlessOpen(String organization) {
        var grant = grants.now();
        if (grant == null) {
            return false;
        }
        var status = calls.status(organization);
        if (status.term() > grant.term()) {
            grants.outdated(status.term());
            return false;
        }
        if (status.open()
                && status.term() == grant.term()
                && !fencedHere(organization, status.epoch())
                && !begunHere(organization, status.epoch())) {
            return true;
        }
        if (status.version() == 0 && mustAwaitLost(organization, grant)) {
            return false;
        }
        open(organization, grant);
        return true;
    }

    /// No copy of the book is left, it was in use when nodes were lost, and what they held nobody
    /// can tell yet: they may be back in a moment.
    private boolean mustAwaitLost(String organization, Grant grant) {
        var lost = grant.lost();
        if (lost.nodes().isEmpty()
                || lostAgo(grant).compareTo(Leasing.LOST_FOR) > 0
                || store.bookTerm(organization) < lost.term()) {
            return false;
        }
        var known = colleagues.presents(organization, 0, grant.members()).lives();
        if (known.containsAll(lost.nodes())) {
            return false;
        }
        LOG.info("book of {}: waits for what {} held", organization, lost.nodes());
        return true;
    }

    private Duration lostAgo(Grant grant) {
        var granted = grantedNanos;
        var since =
                granted == null || granted.term != grant.term()
                        ? 0
                        : nanoTime.getAsLong() - granted.nanos;
        return grant.lost().since().plusNanos(since);
    }

    /// This node began this epoch or a later one and did not come to its end.
    private boolean begunHere(String organization, long epoch) {
        return begun.getOrDefault(organization, 0L) >= epoch;
    }

    /// Somebody began a later epoch and did not come to its end.
    private boolean fencedHere(String organization, long epoch) {
        var booker = bookers.get(organization);
        return booker != null && booker.fenced() && booker.epoch() == epoch;
    }

    private void open(String organization, Grant grant) {
        var openedMillis = clock.nowMillis();
        var opened = store.openBook(organization, grant.term());
        var epoch = opened.epoch();
        begun.put(organization, epoch);
        var presents = colleagues.presents(organization, epoch, grant.members());
        var strangers = calls.holdsOfOthers(organization, grant.members());
        var known = inLedger(organization, presents.items(), strangers.keySet());
        var opening =
                new Opening(
                        grant.term(), epoch, opened.configVersion(), openedMillis, grant.members());
        for (var command : opening.commands(presents.items(), known)) {
            taken(organization, epoch, calls.applyNow(organization, grant.members(), command));
        }
        var orphans = orphan(organization, grant);
        book(organization, epoch, grant);
        begun.remove(organization, epoch);
        LOG.info(
                "book of {}: open in term {}, epoch {}, with {} from journals, {} held by nodes"
                        + " that are gone, {} settled as orphans",
                organization,
                grant.term(),
                epoch,
                presents.items().size(),
                strangers.size(),
                orphans);
    }

    private Set<UUID> inLedger(
            String organization, List<Presents.Present> presents, Collection<UUID> strangers) {
        var ids = new ArrayList<>(strangers);
        presents.stream()
                .filter(present -> present.settle().isEmpty())
                .forEach(present -> ids.add(present.hold().id()));
        var known = new HashSet<UUID>();
        for (var from = 0; from < ids.size(); from += Command.ITEMS_MAX) {
            var chunk = ids.subList(from, Math.min(from + Command.ITEMS_MAX, ids.size()));
            known.addAll(store.booked(organization, chunk));
        }
        return known;
    }

    private static void taken(String organization, long epoch, Command.Result result) {
        if (!(result instanceof Command.Opened(var theirs)) || theirs != epoch) {
            throw new BookCallException(
                    "book of " + organization + ": opened by somebody else: " + result);
        }
    }

    /// Settles what is held by nodes that are not there, by earlier lives of those that are, too.
    private int orphan(String organization, Grant grant) {
        var gone = new LinkedHashSet<>(calls.holdsOfOthers(organization, grant.members()).values());
        var holds = 0;
        for (var incarnation : gone) {
            var command = new Command.Orphan(incarnation, grant.term(), clock.nowMillis());
            if (calls.applyNow(organization, grant.members(), command)
                    instanceof Command.Orphaned(var settled)) {
                holds += settled;
            } else {
                throw new BookCallException("orphans not settled");
            }
        }
        return holds;
    }

    private void book(String organization, long epoch, Grant grant) {
        var booker =
                new Booker(
                        organization,
                        calls,
                        store,
                        nanoTime,
                        epoch,
                        grant,
                        () -> Thread.startVirtualThread(() -> fenced(organization)));
        var before = bookers.put(organization, booker);
        if (before != null) {
            before.abandon();
        }
        if (closed) {
            return;
        }
        booker.start();
    }

    /// Who began the later epoch should open the book in it; if not, this node does.
    private void fenced(String organization) {
        LockSupport.parkNanos(OWNERS_TIME.toNanos());
        if (grants.now() != null) {
            open(organization);
        }
    }

    /// Null when another node books for the organization, or nobody does yet.
    @Nullable Booker booker(String organization) {
        return bookers.get(organization);
    }

    Collection<Booker> bookers() {
        return bookers.values();
    }

    /// Opens no more, and stops booking after the batches at hand. Blocks.
    @Override
    public void close() {
        closed = true;
        bookers.values().forEach(Booker::stop);
    }
}
