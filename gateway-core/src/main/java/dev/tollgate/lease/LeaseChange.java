package dev.tollgate.lease;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/// What is to be written into the lease, if its stamp is still the one that was read.
///
/// A new term never begins before the one it replaces would have: that one may still wait for what
/// an earlier one granted to run out.
///
/// @param stamp of the row it was decided on
/// @param lost as the row has it from now on
/// @param loses whether somebody was lost just now
/// @param waits whether the term begins only when everything granted so far has run out: somebody
///   was lost who may still act
/// @param beginsIn the term does not begin before this time has passed; no longer than the lease is
/// @param ends whether it runs out at once, because nobody is left
public record LeaseChange(
        long stamp,
        long term,
        UUID holder,
        List<UUID> members,
        List<UUID> departed,
        List<UUID> lost,
        long lostTerm,
        boolean loses,
        boolean waits,
        Duration beginsIn,
        boolean ends) {

    public LeaseChange {
        members = List.copyOf(members);
        departed = List.copyOf(departed);
        lost = List.copyOf(lost);
    }
}
