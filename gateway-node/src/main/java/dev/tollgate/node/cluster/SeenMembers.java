package dev.tollgate.node.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The incarnations that a node's member sees at this very moment, for a partition's thread.
///
/// The grid is asked each time: news of members that went come later than the partitions that are
/// theirs no more. What is made of its list is kept as long as the list is the same one.
final class SeenMembers {

    private static final String NAME = "tollgate.seen";

    private volatile @Nullable Seen last;

    private record Seen(Set<Member> members, Set<UUID> incarnations) {}

    static boolean containAll(HazelcastInstance hazelcast, Collection<UUID> incarnations) {
        var seen =
                (SeenMembers)
                        hazelcast.getUserContext().computeIfAbsent(NAME, _ -> new SeenMembers());
        return seen.of(hazelcast.getCluster().getMembers()).containsAll(incarnations);
    }

    @SuppressWarnings("ReferenceEquality")
    private Set<UUID> of(Set<Member> members) {
        var known = last;
        if (known != null && known.members == members) {
            return known.incarnations;
        }
        var incarnations = new HashSet<UUID>();
        for (var member : members) {
            var incarnation = member.getAttribute(Membership.INCARNATION);
            if (incarnation != null) {
                incarnations.add(UUID.fromString(incarnation));
            }
        }
        last = new Seen(members, incarnations);
        return incarnations;
    }
}
