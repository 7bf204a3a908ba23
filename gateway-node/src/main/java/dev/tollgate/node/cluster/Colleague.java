package dev.tollgate.node.cluster;

import com.hazelcast.core.HazelcastInstance;

/// What other members ask of this node.
interface Colleague {

    String NAME = "tollgate.colleague";

    /// What this node has of an organization's book; holds of epochs before `epoch` are not used
    /// from then on.
    Presents presents(String organization, long epoch);

    /// Opens a book, if it has to be. Returns at once.
    void open(String organization);

    /// @throws IllegalStateException while the node is starting
    static Colleague of(HazelcastInstance hazelcast) {
        if (hazelcast.getUserContext().get(NAME) instanceof Colleague colleague) {
            return colleague;
        }
        throw new IllegalStateException("node: starting (expected: one that has its journal)");
    }
}
