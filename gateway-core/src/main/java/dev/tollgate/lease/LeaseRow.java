package dev.tollgate.lease;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;

/// The lease as it was read. Moments are told as what is left until them by the database's clock at
/// the read, negative when they have passed.
///
/// @param stamp of this state of the row, for compare-and-set
/// @param term rises whenever the set of members or the holder changes; 0 before the first
/// @param holder who renews it
/// @param members who may act in the term; incarnations
/// @param departed who left by themselves and may still be seen for a while
/// @param lost members that went without leaving, and of which nobody has told yet
/// @param effectiveIn until the term begins
/// @param expiresIn until what the row grants has run out
public record LeaseRow(
        long stamp,
        long term,
        UUID holder,
        List<UUID> members,
        List<UUID> departed,
        Lost lost,
        Duration effectiveIn,
        Duration expiresIn) {

    /// How long a renewal lasts.
    public static final Duration TTL = Duration.ofSeconds(3);

    public LeaseRow {
        members = List.copyOf(members);
        departed = List.copyOf(departed);
    }

    /// Nobody was lost.
    public LeaseRow(
            long stamp,
            long term,
            UUID holder,
            List<UUID> members,
            List<UUID> departed,
            Duration effectiveIn,
            Duration expiresIn) {
        this(stamp, term, holder, members, departed, Lost.NOBODY, effectiveIn, expiresIn);
    }

    /// Members that went without leaving.
    ///
    /// @param nodes incarnations
    /// @param term the earliest they were members of
    /// @param since when the last of them was lost
    public record Lost(List<UUID> nodes, long term, Duration since) {

        public static final Lost NOBODY = new Lost(List.of(), 0, Duration.ZERO);

        public Lost {
            nodes = List.copyOf(nodes);
        }
    }

    boolean expired() {
        return !expiresIn.isPositive();
    }

    boolean isOf(List<UUID> others) {
        return members.size() == others.size()
                && new HashSet<>(members).equals(new HashSet<>(others));
    }

    LeaseRow expiringIn(Duration time) {
        return time.equals(expiresIn)
                ? this
                : new LeaseRow(stamp, term, holder, members, departed, lost, effectiveIn, time);
    }
}
