package dev.tollgate.node.store;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.CounterKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// The ledger, its sums, and the fence between old and new bookers. Every call blocks and may throw
/// [LedgerStoreException].
public interface LedgerStore {

    /// Begins the next epoch of a book; bookers of earlier epochs and of terms below `term` are
    /// refused from then on. Refused itself (`FENCED`) when the book was opened in, or booked by, a
    /// higher term.
    Opened openBook(String organization, long term);

    /// @param term the one it was opened in
    record Opened(long epoch, long term, long configVersion) {}

    /// The term a book was last opened in; 0 when it never was.
    long bookTerm(String organization);

    /// Books outbox entries with their roll-ups, in one transaction. A repeat changes nothing; the
    /// truth of a row that is there as an orphan becomes a correction with the difference.
    ///
    /// @param entries as [OutboxJson#array] writes them
    /// @return through which entry the epoch is booked now
    long book(String organization, long epoch, long term, byte[] entries);

    /// Sets aside an entry that the ledger cannot take.
    ///
    /// @param entry as [OutboxJson#one] writes it
    /// @return through which entry the epoch is booked now
    long reject(String organization, long epoch, long term, long seq, byte[] entry, String error);

    /// The booked sums of counters and the mark they include, in one snapshot.
    Sums sums(String organization, List<CounterKey> counters);

    /// @param posted by counter; zero where nothing was booked
    record Sums(long epoch, long bookedThrough, Map<CounterKey, Amounts> posted) {
        public Sums {
            posted = Map.copyOf(posted);
        }
    }

    /// Which of these ids are in the ledger, or were set aside.
    Set<UUID> booked(String organization, Collection<UUID> ids);

    /// As [#booked], without those that are there as an orphan's only: their truth is still owed.
    Set<UUID> settled(String organization, Collection<UUID> ids);

    /// PostgreSQL's clock, microseconds since the epoch.
    long nowMicros();
}
