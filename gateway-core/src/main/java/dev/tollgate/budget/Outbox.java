package dev.tollgate.budget;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
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
/// gets the first one. Owners that never acknowledge cost at most `resultsMax` results, and those
/// that leave the cluster theirs until the second opening after.
final class Outbox {

    private int resultsMax;
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

    int resultsMax() {
        return resultsMax;
    }

    /// The first result for `id`, if it is still kept.
    Command.@Nullable SettleResult result(UUID id) {
        var kept = results.get(id);
        return kept == null ? null : kept.result;
    }

    /// Adds an entry; its number is then the last.
    void add(
            UUID id,
            Counter[] counters,
            Amounts used,
            byte[] row,
            List<OutboxEntry.Crossing> alerts) {
        entries.addLast(new Entry(new OutboxEntry(++lastSeq, id, row, alerts), counters, used));
        bytes += row.length;
    }

    /// Keeps the result of the entry added last.
    void keep(UUID id, UUID owner, Command.SettleResult result) {
        results.put(id, new Kept(owner, result, lastSeq));
        if (results.size() > resultsMax) {
            forgetOldestBooked();
        }
    }

    /// Those of `ids` whose acknowledgement would change something.
    List<UUID> unacknowledged(List<UUID> ids) {
        var found = new ArrayList<UUID>(ids.size());
        for (var i = 0; i < ids.size(); i++) {
            var kept = results.get(ids.get(i));
            if (kept != null && (kept.booked || !kept.acknowledged)) {
                found.add(ids.get(i));
            }
        }
        return found;
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

    /// The number of the first entry, [Long#MAX_VALUE] when there is none.
    long firstSeq() {
        var first = entries.peekFirst();
        return first == null ? Long.MAX_VALUE : first.entry.seq();
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
        if (kept != null && kept.seq == first.entry.seq()) {
            if (kept.acknowledged) {
                results.remove(first.entry.id());
            } else {
                kept.booked = true;
            }
        }
        return first;
    }

    /// At most `max` entries after `seq`, and none whose id is among those before: a correction and
    /// what it corrects are never booked together.
    List<OutboxEntry> after(long seq, int max) {
        var found = new ArrayList<OutboxEntry>(Math.min(max, entries.size()));
        var ids = new HashSet<UUID>();
        for (var kept : entries) {
            if (found.size() >= max) {
                break;
            }
            if (kept.entry.seq() > seq) {
                if (!ids.add(kept.entry.id())) {
                    break;
                }
                found.add(kept.entry);
            }
        }
        return found;
    }

    /// All entries, last first.
    Iterator<Entry> lastFirst() {
        return entries.descendingIterator();
    }

    /// Numbers the entries from 1 again, for a new epoch. Results say so too; those of owners that
    /// are no members are forgotten once booked, unless no members are named.
    void reopen(List<UUID> members, int resultsMax) {
        this.resultsMax = resultsMax;
        var living = new HashSet<>(members);
        results.values()
                .removeIf(kept -> kept.booked && !living.isEmpty() && !living.contains(kept.owner));
        results.values().forEach(kept -> kept.renumber(0));
        var unbooked = List.copyOf(entries);
        entries.clear();
        lastSeq = 0;
        bookedThrough = 0;
        for (var one : unbooked) {
            var entry = one.entry;
            var numbered = new OutboxEntry(++lastSeq, entry.id(), entry.row(), entry.alerts());
            entries.addLast(new Entry(numbered, one.counters, one.used));
            var kept = results.get(entry.id());
            if (kept != null && !kept.booked) {
                kept.renumber(lastSeq);
            }
        }
    }

    private void forgetOldestBooked() {
        var oldest = results.entrySet().iterator();
        if (oldest.next().getValue().booked) {
            oldest.remove();
        }
    }

    List<BookImage.OfEntry> entryImages() {
        return entries.stream().map(Entry::image).toList();
    }

    List<BookImage.OfResult> resultImages() {
        var images = new ArrayList<BookImage.OfResult>(results.size());
        results.forEach((id, kept) -> images.add(kept.image(id)));
        return images;
    }

    /// Of an outbox that is empty.
    void restore(BookImage image) {
        resultsMax = image.resultsMax();
        lastSeq = image.lastSeq();
        bookedThrough = image.bookedThrough();
        for (var result : image.results()) {
            var kept = new Kept(result.owner(), result.result(), result.seq());
            kept.booked = result.booked();
            kept.acknowledged = result.acknowledged();
            results.put(result.id(), kept);
        }
    }

    void restore(Entry entry) {
        entries.addLast(entry);
        bytes += entry.entry.row().length;
    }

    /// An entry and the counters it charges.
    record Entry(OutboxEntry entry, Counter[] counters, Amounts used) {

        BookImage.OfEntry image() {
            var keys = new ArrayList<CounterKey>(counters.length);
            for (var counter : counters) {
                keys.add(counter.key);
            }
            return new BookImage.OfEntry(entry, keys, used);
        }
    }

    private static final class Kept {
        final UUID owner;
        Command.SettleResult result;

        /// Of the entry; another entry of the same id is not this one's.
        long seq;

        boolean booked;
        boolean acknowledged;

        Kept(UUID owner, Command.SettleResult result, long seq) {
            this.owner = owner;
            this.result = result;
            this.seq = seq;
        }

        void renumber(long number) {
            seq = number;
            if (result instanceof Command.Settled settled) {
                result = new Command.Settled(number, settled.overrun(), settled.tightest());
            }
        }

        BookImage.OfResult image(UUID id) {
            return new BookImage.OfResult(id, owner, result, seq, booked, acknowledged);
        }
    }
}
