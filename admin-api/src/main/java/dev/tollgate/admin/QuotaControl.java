package dev.tollgate.admin;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.CounterKey;
import java.util.List;
import java.util.Optional;

/// The live counters of organizations' books, for reconciliation. Every method may block, for at
/// most a few seconds, and is called on a virtual thread.
public interface QuotaControl {

    /// Of a node that cannot tell.
    QuotaControl NONE =
            new QuotaControl() {
                @Override
                public Optional<Live> counters(String organization, List<CounterKey> keys) {
                    return Optional.empty();
                }

                @Override
                public boolean reseed(String organization) {
                    return false;
                }
            };

    /// What the book has now, of one moment; empty when it cannot be told. Counters that the book
    /// does not know are left out.
    ///
    /// @param keys at most 500
    Optional<Live> counters(String organization, List<CounterKey> keys);

    /// Has the book forget its counters, so that each is read from the ledger again when it is
    /// needed.
    ///
    /// @return false when this node cannot do it
    /// @throws RuntimeException when it cannot be said whether the book did
    boolean reseed(String organization);

    /// @param epoch of the book
    /// @param bookedThrough the mark up to which entries are in the ledger in the book's eyes
    record Live(long epoch, long bookedThrough, List<LiveCounter> counters) {
        public Live {
            counters = List.copyOf(counters);
        }
    }

    /// @param posted in all
    /// @param unbooked what of it the ledger cannot have by that mark: entries past it, and what
    ///   checkpoints have moved out of open holds
    record LiveCounter(CounterKey key, Amounts posted, Amounts unbooked) {}
}
