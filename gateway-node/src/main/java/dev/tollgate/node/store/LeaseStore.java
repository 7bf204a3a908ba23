package dev.tollgate.node.store;

import dev.tollgate.lease.LeaseChange;
import dev.tollgate.lease.LeaseRow;
import java.util.Optional;

/// Where the admission lease is kept. Calls block, for a second at most or about, and throw
/// [LedgerStoreException] when there is no answer.
public interface LeaseStore extends AutoCloseable {

    LeaseRow read();

    /// Writes a change and reads the row; empty when somebody else has changed it since.
    Optional<LeaseRow> write(LeaseChange change);

    @Override
    void close();
}
