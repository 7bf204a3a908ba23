package dev.tollgate.node.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.IExecutorService;
import dev.tollgate.lease.View;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The cluster as this node's member sees it. Members go by their incarnation, which they keep when
/// they are merged into another cluster.
public final class Membership {

    static final String INCARNATION = "tollgate.incarnation";
    private static final String EXECUTOR = "colleagues";

    private final HazelcastInstance hazelcast;
    private final UUID incarnation;
    private volatile List<UUID> last;

    Membership(HazelcastInstance hazelcast, UUID incarnation) {
        this.hazelcast = hazelcast;
        this.incarnation = incarnation;
        this.last = List.of(incarnation);
    }

    /// Incarnations, oldest first. While the member is being merged it sees nobody.
    View view() {
        try {
            last =
                    hazelcast.getCluster().getMembers().stream()
                            .map(member -> member.getAttribute(INCARNATION))
                            .filter(Objects::nonNull)
                            .map(UUID::fromString)
                            .toList();
        } catch (HazelcastInstanceNotActiveException _) {
            last = List.of();
        }
        return new View(incarnation, last);
    }

    /// Calls `changed` on a thread of the grid whenever a member comes or goes, or this one is
    /// merged.
    void onChange(Runnable changed) {
        hazelcast
                .getCluster()
                .addMembershipListener(
                        new MembershipListener() {
                            @Override
                            public void memberAdded(MembershipEvent event) {
                                changed.run();
                            }

                            @Override
                            public void memberRemoved(MembershipEvent event) {
                                changed.run();
                            }
                        });
        hazelcast.getLifecycleService().addLifecycleListener(_ -> changed.run());
    }

    /// Who owns the partition of an organization's book, for the moment.
    Optional<UUID> ownerOfBook(String organization) {
        try {
            var owner = hazelcast.getPartitionService().getPartition(organization).getOwner();
            return Optional.ofNullable(owner)
                    .map(member -> member.getAttribute(INCARNATION))
                    .map(UUID::fromString);
        } catch (HazelcastInstanceNotActiveException _) {
            return Optional.empty();
        }
    }

    /// Organizations whose books are here, in a partition this node owns.
    Set<String> ownedBooks() {
        return hazelcast.<String, Object>getMap(ClusterMember.BOOKS).localKeySet();
    }

    Optional<Member> member(UUID other) {
        var name = other.toString();
        return hazelcast.getCluster().getMembers().stream()
                .filter(member -> name.equals(member.getAttribute(INCARNATION)))
                .findFirst();
    }

    IExecutorService executor() {
        return hazelcast.getExecutorService(EXECUTOR);
    }
}
