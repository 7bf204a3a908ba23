package dev.tollgate.node.cluster;

import java.util.List;
import java.util.Optional;

/// How this node finds the others.
///
/// @param name of the cluster: nodes of other names are not joined
/// @param bind address of a private interface, where other nodes reach this one; whoever can
///   connect there can join
/// @param port for them; 0 for any free one, which only a node alone can have
/// @param members addresses of nodes, `host:port`, this one's may be among them; empty for none
/// @param kubernetesDns the name of a headless service instead; empty for none
public record ClusterSettings(
        String name, String bind, int port, List<String> members, Optional<String> kubernetesDns) {

    /// Alone, on loopback.
    public static final ClusterSettings ALONE =
            new ClusterSettings("tollgate", "127.0.0.1", 0, List.of(), Optional.empty());

    public ClusterSettings {
        members = List.copyOf(members);
    }

    /// Whether there may be others.
    public boolean joins() {
        return !members.isEmpty() || kubernetesDns.isPresent();
    }
}
