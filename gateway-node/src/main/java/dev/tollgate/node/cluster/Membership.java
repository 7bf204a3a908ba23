package dev.tollgate.node.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.core.LifecycleEvent;
import dev.tollgate.lease.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/// The cluster as this node's member sees it. Members go by their incarnation, which they keep when
/// they are merged into another cluster.
public final class Membership {

    static final String INCARNATION = "tollgate.incarnation";

    /// Lives whose journals a node has found: no process has them open, so they are over.
    static final String EARLIER = "tollgate.earlier";

    private static final String SEPARATOR = ",";
    private static final int EARLIER_MAX = 50;
    private static final String EXECUTOR = "colleagues";

    private final HazelcastInstance hazelcast;
    private final UUID incarnation;
    private final Holdings holdings;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile View last;
    private volatile boolean merging;

    Membership(HazelcastInstance hazelcast, Holdings holdings) {
        this.hazelcast = hazelcast;
        this.holdings = holdings;
        this.incarnation = holdings.incarnation();
        this.last = new View(incarnation, List.of(incarnation));
        hazelcast.getLifecycleService().addLifecycleListener(this::onLifecycle);
    }

    /// Others see this node before its books are merged. Until they are it sees nobody, so that it
    /// does not act, and tells nobody what it has, so that no book is opened without them.
    private void onLifecycle(LifecycleEvent event) {
        switch (event.getState()) {
            case MERGING -> merging(true);
            case MERGED, MERGE_FAILED -> merging(false);
            default -> {
                // Of no consequence for what is seen.
            }
        }
    }

    private void merging(boolean begun) {
        merging = begun;
        holdings.merging(begun);
        listeners.forEach(Runnable::run);
    }

    /// Incarnations, oldest first. While the member is being merged it sees nobody.
    View view() {
        if (merging) {
            return new View(incarnation, List.of());
        }
        try {
            last = viewOf(hazelcast.getCluster().getMembers());
        } catch (HazelcastInstanceNotActiveException _) {
            last = new View(incarnation, List.of());
        }
        return last;
    }

    private View viewOf(Set<Member> members) {
        var seen = new ArrayList<UUID>();
        var dead = new HashSet<UUID>();
        for (var member : members) {
            var name = member.getAttribute(INCARNATION);
            if (name != null) {
                seen.add(UUID.fromString(name));
            }
            var earlier = member.getAttribute(EARLIER);
            if (earlier != null) {
                for (var life : earlier.split(SEPARATOR, EARLIER_MAX + 1)) {
                    dead.add(UUID.fromString(life));
                }
            }
        }
        seen.forEach(dead::remove);
        return new View(incarnation, seen, dead);
    }

    /// What a member tells of itself, for [#viewOf].
    static Map<String, String> attributes(Holdings holdings) {
        var attributes = new HashMap<String, String>();
        attributes.put(INCARNATION, holdings.incarnation().toString());
        var earlier = holdings.leftovers().lives();
        if (!earlier.isEmpty()) {
            attributes.put(
                    EARLIER,
                    earlier.stream()
                            .limit(EARLIER_MAX)
                            .map(UUID::toString)
                            .collect(Collectors.joining(SEPARATOR)));
        }
        return attributes;
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
        listeners.add(changed);
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
