package dev.tollgate.node.cluster;

import java.time.Duration;

/// The quota state of this node in numbers, at most a second old.
///
/// @param outboxEntries settled and not yet in the ledger
/// @param unbookedAge since when something waits to be booked; zero when nothing does
/// @param rejectedRows that the ledger could not take, since the start
/// @param settlesWaiting that the grid has not taken yet
public record BooksGauges(
        long openHolds,
        long outboxEntries,
        long outboxBytes,
        long counters,
        Duration unbookedAge,
        long rejectedRows,
        long settlesWaiting,
        Journal.Size journal) {}
