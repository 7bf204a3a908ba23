package dev.tollgate.lease;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/// A node's right to act in a term, by its own monotonic clock.
///
/// @param lost who was lost before the term began
/// @param fromNanos the first moment
/// @param untilNanos the first moment after it
/// @param readUntilNanos the first moment after what the row granted when it was read last
/// @param vouched whether it goes on only because PostgreSQL cannot be asked and nothing was seen
///   to change
public record Granted(
        long term,
        UUID holder,
        List<UUID> members,
        LeaseRow.Lost lost,
        long fromNanos,
        long untilNanos,
        long readUntilNanos,
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

    /// Until a moment, but no longer than `most` after what was read ran out.
    Granted vouchedUntil(long nanos, Duration most) {
        var latest = readUntilNanos + most.toNanos();
        var until = nanos - latest < 0 ? nanos : latest;
        var later = until - untilNanos > 0 ? until : untilNanos;
        return new Granted(term, holder, members, lost, fromNanos, later, readUntilNanos, true);
    }
}
