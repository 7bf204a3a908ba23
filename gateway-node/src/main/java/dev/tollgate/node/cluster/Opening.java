package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import dev.tollgate.node.store.LedgerStore;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens books that are absent, with what earlier lives of this node left in the journal.
///
/// PostgreSQL begins a new epoch first, so that no earlier booker books from then on; what it has
/// already is left out. Holds of dead incarnations are settled as orphans. When all of it is
/// booked, the old journal files go.
final class Opening {

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final BookCalls calls;
    private final LedgerStore store;
    private final Journal journal;
    private final DatabaseClock clock;
    private final LongSupplier nanoTime;
    private final LongSupplier term;
    private final JournalReplay replay;

    // Guarded by this.
    private final Map<String, List<JournalReplay.Leftover>> leftovers = new HashMap<>();
    private final Set<String> unbooked = new HashSet<>();

    Opening(
            BookCalls calls,
            LedgerStore store,
            Journal journal,
            DatabaseClock clock,
            LongSupplier nanoTime,
            LongSupplier term,
            JournalReplay replay) {
        this.calls = calls;
        this.store = store;
        this.journal = journal;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.term = term;
        this.replay = replay;
        leftovers.putAll(
                replay.leftovers().values().stream()
                        .collect(Collectors.groupingBy(JournalReplay.Leftover::organization)));
        unbooked.addAll(leftovers.keySet());
        replay.damages().forEach(damage -> LOG.error("journal: record skipped in {}", damage));
    }

    /// Organizations with something left from earlier lives.
    Set<String> organizations() {
        return leftovers.keySet();
    }

    /// Nothing is left from earlier lives.
    void deleteIfEmpty() {
        if (leftovers.isEmpty()) {
            replay.deleteFiles();
        }
    }

    /// Opens a book and starts its booker. Blocks.
    Booker open(String organization) {
        var opened = store.openBook(organization);
        var open = stillOwed(organization);
        open(organization, opened, open);
        var orphans = orphan(organization, open);
        var booker =
                new Booker(
                        organization,
                        calls,
                        store,
                        journal,
                        nanoTime,
                        opened.epoch(),
                        term.getAsLong());
        booker.start();
        if (unbooked.contains(organization)) {
            LOG.info(
                    "book of {}: epoch {}, from the journal {} entries of which {} orphans",
                    organization,
                    opened.epoch(),
                    open.size(),
                    orphans);
            var _ =
                    booker.bookedThrough(calls.status(organization).lastSeq())
                            .thenRun(() -> done(organization));
        }
        return booker;
    }

    private List<JournalReplay.Leftover> stillOwed(String organization) {
        var left = leftovers.getOrDefault(organization, List.of());
        var owed = new ArrayList<JournalReplay.Leftover>();
        for (var from = 0; from < left.size(); from += Command.ITEMS_MAX) {
            var chunk = left.subList(from, Math.min(from + Command.ITEMS_MAX, left.size()));
            var booked =
                    store.booked(organization, chunk.stream().map(one -> one.hold().id()).toList());
            chunk.stream().filter(one -> !booked.contains(one.hold().id())).forEach(owed::add);
        }
        return owed;
    }

    private void open(
            String organization, LedgerStore.Opened opened, List<JournalReplay.Leftover> owed) {
        var openedMillis = clock.nowMillis();
        var from = 0;
        do {
            var to = Math.min(from + Command.ITEMS_MAX, owed.size());
            var chunk = owed.subList(from, to);
            var command =
                    new Command.Open(
                            term.getAsLong(),
                            opened.epoch(),
                            opened.configVersion(),
                            openedMillis,
                            List.of(),
                            holdsOf(chunk),
                            entriesOf(chunk),
                            List.of(),
                            from == 0,
                            to == owed.size());
            var result = calls.applyNow(organization, command);
            if (!(result instanceof Command.Opened)) {
                throw new BookCallException("not opened: " + result);
            }
            from = to;
        } while (from < owed.size());
    }

    private static List<Command.Hold> holdsOf(List<JournalReplay.Leftover> owed) {
        return owed.stream()
                .filter(one -> one.settle().isEmpty())
                .map(JournalReplay.Leftover::hold)
                .toList();
    }

    private static List<Command.Open.Present> entriesOf(List<JournalReplay.Leftover> owed) {
        var entries = new ArrayList<Command.Open.Present>();
        for (var one : owed) {
            one.settle()
                    .ifPresent(settle ->
                            entries.add(
                                    new Command.Open.Present(
                                            settle.id(),
                                            one.hold().incarnation(),
                                            one.hold().charges(),
                                            settle.used(),
                                            row(one.hold(), settle))));
        }
        return entries;
    }

    /// The object with the members of both parts.
    private static byte[] row(Command.Hold hold, Command.Settle settle) {
        var row = new ByteArrayOutputStream();
        row.writeBytes("{".getBytes(StandardCharsets.US_ASCII));
        row.writeBytes(hold.facts());
        if (hold.facts().length > 0 && settle.outcome().length > 0) {
            row.write(',');
        }
        row.writeBytes(settle.outcome());
        row.write('}');
        return row.toByteArray();
    }

    private int orphan(String organization, List<JournalReplay.Leftover> owed) {
        var dead = new LinkedHashSet<UUID>();
        owed.forEach(one -> dead.add(one.hold().incarnation()));
        var holds = 0;
        for (var incarnation : dead) {
            var command = new Command.Orphan(incarnation, term.getAsLong(), clock.nowMillis());
            var result = calls.applyNow(organization, command);
            if (result instanceof Command.Orphaned(var settled)) {
                holds += settled;
            } else {
                throw new BookCallException("orphans not settled: " + result);
            }
        }
        return holds;
    }

    private synchronized void done(String organization) {
        if (unbooked.remove(organization) && unbooked.isEmpty()) {
            replay.deleteFiles();
            LOG.info("journal: what earlier lives left is booked");
        }
    }
}
