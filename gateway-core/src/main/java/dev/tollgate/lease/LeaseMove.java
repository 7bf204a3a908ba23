package dev.tollgate.lease;

import java.time.Duration;

/// What a node does about the lease it has read.
public sealed interface LeaseMove {

    /// Writes this.
    record Write(LeaseChange change) implements LeaseMove {}

    /// Nothing; reads again after this time at the latest.
    record Wait(Duration time) implements LeaseMove {}
}
