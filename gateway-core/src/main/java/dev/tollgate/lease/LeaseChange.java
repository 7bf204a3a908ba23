package dev.tollgate.lease;

import java.util.List;
import java.util.UUID;

/// What is to be written into the lease, if its stamp is still the one that was read.
///
/// @param lost as the row has it from now on
/// @param loses whether somebody was lost just now
/// @param waits whether the term begins only when everything granted by the row as it is has run
///   out: somebody was lost who may still act
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
        boolean ends) {

    public LeaseChange {
        members = List.copyOf(members);
        departed = List.copyOf(departed);
        lost = List.copyOf(lost);
    }
}
