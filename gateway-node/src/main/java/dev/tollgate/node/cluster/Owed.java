package dev.tollgate.node.cluster;

import dev.tollgate.budget.Answers;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.LedgerStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node settled in one organization's book and the ledger does not have yet, as far as
/// this node knows: the journal keeps it so long.
///
/// Every answer of a book tells how far it is booked. What was settled in an earlier epoch is
/// looked up in the ledger.
final class Owed {

    private static final Logger LOG = LoggerFactory.getLogger(Owed.class);
    private static final int LOOKED_UP_MAX = 500;

    private final String organization;
    private final Journal journal;
    private final LedgerStore store;
    private final ConcurrentLinkedQueue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean releasing = new AtomicBoolean();

    private volatile Mark mark = new Mark(0, 0, 0);

    private record Entry(long term, long epoch, long seq, UUID id) {

        /// Numbers say something only among those of one opening: after a split, two copies may
        /// have numbered differently under one epoch.
        boolean isBookedAt(Mark mark) {
            return term == mark.term && epoch == mark.epoch && seq <= mark.through;
        }

        boolean isBefore(Mark mark) {
            return term < mark.term || epoch < mark.epoch;
        }
    }

    private record Mark(long term, long epoch, long through) {

        boolean isAfter(Mark other) {
            return term > other.term
                    || (term == other.term && epoch > other.epoch)
                    || (term == other.term && epoch == other.epoch && through > other.through);
        }
    }

    Owed(String organization, Journal journal, LedgerStore store) {
        this.organization = organization;
        this.journal = journal;
        this.store = store;
    }

    /// @param by where the book stood when it answered
    void settled(Answers by, long seq, UUID id) {
        entries.add(new Entry(by.term(), by.epoch(), seq, id));
    }

    /// The book is booked so far. Cheap when that is no news.
    void booked(Answers by) {
        var told = new Mark(by.term(), by.epoch(), by.bookedThrough());
        if (told.isAfter(mark)) {
            mark = told;
            if (!entries.isEmpty() && releasing.compareAndSet(false, true)) {
                Thread.startVirtualThread(this::release);
            }
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    private void release() {
        try {
            var known = mark;
            var ids = new ArrayList<UUID>();
            var theirs = entries.iterator();
            while (theirs.hasNext()) {
                var entry = theirs.next();
                if (entry.isBookedAt(known)) {
                    theirs.remove();
                    ids.add(entry.id);
                }
            }
            journal.release(ids);
        } finally {
            releasing.set(false);
        }
    }

    /// Looks up what was settled in earlier terms and epochs. Blocks.
    void lookUp() {
        if (releasing.compareAndSet(false, true)) {
            release();
        }
        var known = mark;
        var earlier = new ArrayList<Entry>();
        for (var entry : entries) {
            if (entry.isBefore(known) && earlier.size() < LOOKED_UP_MAX) {
                earlier.add(entry);
            }
        }
        if (earlier.isEmpty()) {
            return;
        }
        try {
            var booked = store.settled(organization, earlier.stream().map(Entry::id).toList());
            entries.removeIf(entry -> booked.contains(entry.id));
            journal.release(List.copyOf(booked));
        } catch (LedgerStoreException away) {
            LOG.debug("ledger of {}: not read, looks again", organization, away);
        }
    }
}
