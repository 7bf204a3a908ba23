package dev.tollgate.lease;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;

/// The nodes that one node sees, itself among them.
///
/// @param self the incarnation that sees
/// @param seen incarnations, oldest first
public record View(UUID self, List<UUID> seen) {

    public View {
        seen = List.copyOf(seen);
    }

    /// Without those that said they leave.
    View without(List<UUID> departed) {
        var left = new ArrayList<>(seen);
        left.removeAll(departed);
        return new View(self, left);
    }

    public boolean seesAll(List<UUID> members) {
        return new HashSet<>(seen).containsAll(members);
    }

    /// Whether it sees less than half of them.
    boolean isMinorityOf(List<UUID> members) {
        return members.stream().filter(seen::contains).count() * 2 < members.size();
    }

    /// How many others are older.
    int rank() {
        return Math.max(0, seen.indexOf(self));
    }
}
