package dev.tollgate.loadtest.fault;

import java.time.Duration;

/// What nodes say of the cluster they see.
final class Membership {

    private static final String MEMBERS = "tollgate_cluster_members";

    private Membership() {}

    /// How many members a node sees; `NaN` when it does not say.
    static double members(GatewayNode node) {
        var gauge = node.metric(MEMBERS);
        return Double.isNaN(gauge) ? node.health().path("members").asDouble(gauge) : gauge;
    }

    static boolean awaitMembers(GatewayNode node, int count, Duration most) {
        return Wait.until(most, () -> members(node) == count);
    }

    static boolean holdsLease(GatewayNode node) {
        return node.health().path("lease").asText("").contains("holder");
    }
}
