package dev.tollgate.lease;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// The nodes that one node sees, itself among them.
///
/// @param self the incarnation that sees
/// @param seen incarnations, oldest first
/// @param dead earlier lives of those that are seen, as far as they know: they act no more
public record View(UUID self, List<UUID> seen, Set<UUID> dead) {

    public View {
        seen = List.copyOf(seen);
        dead = Set.copyOf(dead);
    }

    /// Of nodes that know of no earlier lives.
    public View(UUID self, List<UUID> seen) {
        this(self, seen, Set.of());
    }

    /// Without those that said they leave.
    View without(List<UUID> departed) {
        var left = new ArrayList<>(seen);
        left.removeAll(departed);
        return new View(self, left, dead);
    }

    public boolean seesAll(List<UUID> members) {
        return new HashSet<>(seen).containsAll(members);
    }

    /// Whether it sees less than half of them that may be alive.
    boolean isMinorityOf(List<UUID> members) {
        var alive = members.stream().filter(member -> !dead.contains(member)).toList();
        return alive.stream().filter(seen::contains).count() * 2 < alive.size();
    }

    /// Whether it is none of them, and some may be alive.
    boolean isStrangerTo(List<UUID> members) {
        return !members.contains(self) && !dead.containsAll(members);
    }

    /// How many others are older.
    int rank() {
        return Math.max(0, seen.indexOf(self));
    }
}
