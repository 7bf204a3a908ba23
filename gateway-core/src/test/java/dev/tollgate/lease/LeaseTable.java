package dev.tollgate.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The row of the lease as the schema's functions keep it, and why each term came. Moments are
/// nanoseconds of PostgreSQL's clock.
final class LeaseTable {

    private static final long TTL = LeaseRow.TTL.toNanos();

    private final Map<Long, Term> terms = new HashMap<>();
    private long stamp;
    private long term;
    private UUID holder = new UUID(0, 0);
    private List<UUID> members = List.of();
    private List<UUID> departed = List.of();
    private List<UUID> lost = List.of();
    private long lostTerm;
    private long lostAt;
    private long effectiveAt;
    private long expiresAt;

    /// @param excluded who were members before, are none any more and did not leave by themselves
    /// @param gently whether earlier grants may go on beside it: nobody was lost, and nothing had
    ///   run out
    record Term(long effectiveAt, Set<UUID> excluded, boolean gently) {}

    LeaseRow read(long now) {
        return new LeaseRow(
                stamp,
                term,
                holder,
                members,
                departed,
                new LeaseRow.Lost(lost, lostTerm, Duration.ofNanos(now - lostAt)),
                Duration.ofNanos(effectiveAt - now),
                Duration.ofNanos(expiresAt - now));
    }

    Optional<LeaseRow> write(LeaseChange change, long now) {
        if (change.stamp() != stamp) {
            return Optional.empty();
        }
        var latest = now + TTL;
        var earliest = now + change.beginsIn().toNanos();
        var begins = Math.max(Math.min(effectiveAt, latest), earliest);
        var excluded = new HashSet<>(members);
        excluded.removeAll(change.members());
        excluded.removeAll(change.departed());
        var gently = excluded.isEmpty() && expiresAt > now;
        if (change.waits()) {
            effectiveAt = Math.max(Math.min(Math.max(effectiveAt, expiresAt), latest), earliest);
        } else if (change.term() == term) {
            effectiveAt = Math.min(effectiveAt, latest);
        } else {
            effectiveAt = begins;
        }
        expiresAt = change.ends() ? begins : latest;
        stamp++;
        if (change.term() != term) {
            terms.put(change.term(), new Term(effectiveAt, excluded, gently));
        }
        term = change.term();
        holder = change.holder();
        members = change.members();
        departed = change.departed();
        lost = change.lost();
        lostTerm = change.lostTerm();
        lostAt = change.loses() ? now : lostAt;
        return Optional.of(read(now));
    }

    long term() {
        return term;
    }

    List<UUID> members() {
        return members;
    }

    UUID holder() {
        return holder;
    }

    /// The terms after `from` up to `to`.
    List<Term> between(long from, long to) {
        var between = new ArrayList<Term>();
        for (var number = from + 1; number <= to; number++) {
            if (terms.containsKey(number)) {
                between.add(terms.get(number));
            }
        }
        return between;
    }
}
