package dev.tollgate.budget;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Ledger rows on their way to PostgreSQL, in order, and the results of the settlements they came
/// from.
///
/// A result is kept until its entry is booked and its owner has acknowledged it, so that a repeat
/// gets the first one. Owners that never acknowledge cost at most `resultsMax` results.
final class Outbox {

    private final int resultsMax;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final Map<UUID, Kept> results = new LinkedHashMap<>();
    private long lastSeq;
    private long bookedThrough;
    private long bytes;

    Outbox(int resultsMax) {
        this.resultsMax = resultsMax;
    }

    int size() {
        return entries.size();
    }

    long bytes() {
        return bytes;
    }

    long lastSeq() {
        return lastSeq;
    }

    long bookedThrough() {
        return bookedThrough;
    }

    int resultsKept() {
        return results.size();
    }

    /// The first result for `id`, if it is still kept.
    Command.@Nullable Settled result(UUID id) {
        var kept = results.get(id);
        return kept == null ? null : kept.result;
    }

    void add(
            UUID id,
            Counter[] counters,
            Amounts used,
            byte[] row,
            List<OutboxEntry.Crossing> alerts) {
        entries.addLast(new Entry(new OutboxEntry(++lastSeq, id, row, alerts), counters, used));
        bytes += row.length;
    }

    void keep(UUID id, UUID owner, Command.Settled result) {
        results.put(id, new Kept(owner, result));
        if (results.size() > resultsMax) {
            forgetOldestBooked();
        }
    }

    void acknowledge(List<UUID> ids) {
        for (var i = 0; i < ids.size(); i++) {
            var kept = results.get(ids.get(i));
            if (kept != null && kept.booked) {
                results.remove(ids.get(i));
            } else if (kept != null) {
                kept.acknowledged = true;
            }
        }
    }

    /// Forgets the results of an owner that will not ask again.
    void forget(UUID owner) {
        results.values().removeIf(kept -> kept.owner.equals(owner));
    }

    /// Takes the first entry out when its number is at most `through`.
    @Nullable Entry book(long through) {
        var first = entries.peekFirst();
        if (first == null || first.entry.seq() > through) {
            return null;
        }
        entries.removeFirst();
        bytes -= first.entry.row().length;
        bookedThrough = first.entry.seq();
        var kept = results.get(first.entry.id());
        if (kept != null && kept.acknowledged) {
            results.remove(first.entry.id());
        } else if (kept != null) {
            kept.booked = true;
        }
        return first;
    }

    List<OutboxEntry> after(long seq, int max) {
        var found = new ArrayList<OutboxEntry>(Math.min(max, entries.size()));
        for (var kept : entries) {
            if (found.size() >= max) {
                break;
            }
            if (kept.entry.seq() > seq) {
                found.add(kept.entry);
            }
        }
        return found;
    }

    /// All entries, last first.
    Iterator<Entry> lastFirst() {
        return entries.descendingIterator();
    }

    Iterable<Entry> all() {
        return entries;
    }

    /// Numbers the entries from 1 again, for a new epoch.
    void renumber() {
        var unbooked = List.copyOf(entries);
        entries.clear();
        lastSeq = 0;
        bookedThrough = 0;
        for (var kept : unbooked) {
            var entry = kept.entry;
            entries.addLast(
                    new Entry(
                            new OutboxEntry(++lastSeq, entry.id(), entry.row(), entry.alerts()),
                            kept.counters,
                            kept.used));
        }
    }

    private void forgetOldestBooked() {
        var oldest = results.entrySet().iterator();
        if (oldest.next().getValue().booked) {
            oldest.remove();
        }
    }

    /// An entry and the counters it charges.
    record Entry(OutboxEntry entry, Counter[] counters, Amounts used) {}

    private static final class Kept {
        final UUID owner;
        final Command.Settled result;
        boolean booked;
        boolean acknowledged;

        Kept(UUID owner, Command.Settled result) {
            this.owner = owner;
            this.result = result;
        }
    }
}
