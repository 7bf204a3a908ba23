package dev.tollgate.node.cluster;

import dev.tollgate.lease.LeaseRow;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// This node's right to act on books, as the admission lease gives it.
public interface Grants {

    /// What this node may act under at this moment; null when it may not. Cheap, from any thread.
    @Nullable Grant now();

    /// A book has seen the term `newest`: grants of older ones are over.
    void outdated(long newest);

    /// Calls `listener` with each newly granted term, and at once with the present one, on a
    /// virtual thread.
    void onTerm(Consumer<Grant> listener);

    /// A term and the incarnations that make it up.
    ///
    /// @param lost who was lost before it began, as of when it was granted
    record Grant(long term, List<UUID> members, LeaseRow.Lost lost) {
        public Grant {
            members = List.copyOf(members);
        }

        public Grant(long term, List<UUID> members) {
            this(term, members, LeaseRow.Lost.NOBODY);
        }

        /// Whether nobody else acts in this term.
        boolean alone() {
            return members.size() == 1;
        }
    }

    /// A grant that nobody can end: of a node that shares its database with no other.
    static Grants always(long term, UUID incarnation) {
        var grant = new Grant(term, List.of(incarnation));
        return new Grants() {
            @Override
            public Grant now() {
                return grant;
            }

            @Override
            public void outdated(long newest) {}

            @Override
            public void onTerm(Consumer<Grant> listener) {
                Thread.startVirtualThread(() -> listener.accept(grant));
            }
        };
    }
}
