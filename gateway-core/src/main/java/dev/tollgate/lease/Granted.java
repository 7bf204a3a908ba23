package dev.tollgate.lease;

import java.util.List;
import java.util.UUID;

/// A node's right to act in a term, by its own monotonic clock.
///
/// @param lost who was lost before the term began
/// @param fromNanos the first moment
/// @param untilNanos the first moment after it
/// @param vouched whether it goes on only because PostgreSQL cannot be asked and nothing was seen
///   to change
public record Granted(
        long term,
        UUID holder,
        List<UUID> members,
        LeaseRow.Lost lost,
        long fromNanos,
        long untilNanos,
        boolean vouched) {

    public Granted {
        members = List.copyOf(members);
    }

    public boolean isValidAt(long nanos) {
        return hasBegunAt(nanos) && nanos - untilNanos < 0;
    }

    boolean hasBegunAt(long nanos) {
        return nanos - fromNanos >= 0;
    }

    Granted vouchedUntil(long nanos) {
        var until = nanos - untilNanos > 0 ? nanos : untilNanos;
        return new Granted(term, holder, members, lost, fromNanos, until, true);
    }
}
