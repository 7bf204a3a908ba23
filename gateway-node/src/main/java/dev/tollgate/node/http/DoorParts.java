package dev.tollgate.node.http;

import dev.tollgate.caller.Authenticator;
import dev.tollgate.config.Configurations;
import dev.tollgate.path.Filter;
import dev.tollgate.usage.Recorder;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What the door works with.
///
/// @param path where complete requests go
/// @param requestIds UUIDv7s
/// @param nowMillis wall clock of the cluster, milliseconds since the epoch
/// @param nanoTime monotonic clock of this node
public record DoorParts(
        Filter.Next path,
        Configurations configurations,
        Authenticator authenticator,
        Recorder recorder,
        ModelPermissions permissions,
        CallerBudgets budgets,
        RequestStories stories,
        Supplier<Readiness> readiness,
        Supplier<UUID> requestIds,
        LongSupplier nowMillis,
        LongSupplier nanoTime) {}
