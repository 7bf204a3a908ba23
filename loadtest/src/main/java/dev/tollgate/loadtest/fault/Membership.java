package dev.tollgate.loadtest.fault;

import java.time.Duration;

/// What nodes say of the cluster they see.
final class Membership {

    private static final String MEMBERS = "tollgate_cluster_members";

    private Membership() {}

    /// How many members a node sees; `NaN` when it cannot be asked.
    static double members(GatewayNode node) {
        return node.metric(MEMBERS);
    }

    static boolean awaitMembers(GatewayNode node, int count, Duration most) {
        return Wait.until(most, () -> members(node) == count);
    }

    static boolean holdsLease(GatewayNode node) {
        return node.health().path("lease").asText("").contains("holder");
    }
}
