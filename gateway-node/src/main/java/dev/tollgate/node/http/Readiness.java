package dev.tollgate.node.http;

/// Whether the node takes requests, for health checks and for the door.
///
/// @param ready everything a request needs is there
/// @param draining the node is going down: what runs is finished, nothing new is begun
/// @param configurationRevision the newest version of the configuration in force
/// @param lease the state of the admission lease; `single` for a node alone
public record Readiness(
        boolean ready, boolean draining, long configurationRevision, String lease) {}
