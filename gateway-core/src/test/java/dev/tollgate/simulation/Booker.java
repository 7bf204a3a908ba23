package dev.tollgate.simulation;

import dev.tollgate.budget.Book;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.OutboxEntry;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;

/// Moves settled entries from a book to the ledger, as `Booker` of the node.
final class Booker {

    private static final int BATCH = 500;
    private static final long LINGER = 100_000;
    private static final long POLL = 500_000;
    private static final long PAUSE_MIN = 50_000;
    private static final long PAUSE_MAX = 5_000_000;

    final long epoch;
    final long term;
    private final List<UUID> members;
    boolean fenced;
    boolean stopping;
    private final Runnable whenFenced;
    private final Node node;
    private final Simulation simulation;
    private final String organization;
    private boolean woken;
    private boolean resting;
    private long rest;

    Booker(
            Node node,
            String organization,
            long epoch,
            long term,
            List<UUID> members,
            Runnable whenFenced) {
        this.node = node;
        this.simulation = node.simulation;
        this.organization = organization;
        this.epoch = epoch;
        this.term = term;
        this.members = members;
        this.whenFenced = whenFenced;
    }

    void start() {
        look();
    }

    void wake() {
        woken = true;
        if (resting) {
            resting = false;
            rest++;
            node.later(LINGER, this::look);
        }
    }

    private void rest() {
        if (fenced || stopping) {
            return;
        }
        if (woken) {
            node.later(LINGER, this::look);
            return;
        }
        resting = true;
        var mine = ++rest;
        node.later(
                POLL,
                () -> {
                    if (mine == rest && resting) {
                        resting = false;
                        look();
                    }
                });
    }

    private void look() {
        if (fenced || stopping) {
            return;
        }
        woken = false;
        simulation.grid.read(
                node,
                organization,
                book -> book.unbooked(0, BATCH),
                entries -> {
                    if (entries.isEmpty()) {
                        lookAtStatus();
                    } else {
                        book(uniqueOnes(entries), PAUSE_MIN);
                    }
                },
                this::again);
    }

    private void lookAtStatus() {
        simulation.grid.read(
                node,
                organization,
                Book::status,
                status -> {
                    if (status.epoch() > epoch || status.term() > term) {
                        superseded();
                    } else {
                        rest();
                    }
                },
                this::again);
    }

    private void superseded() {
        if (!fenced) {
            simulation.log(node + ": booker of epoch " + epoch + " is over");
            fenced = true;
            whenFenced.run();
        }
    }

    /// Up to the first id that comes again.
    private static List<OutboxEntry> uniqueOnes(List<OutboxEntry> entries) {
        var seen = new HashSet<UUID>();
        for (var i = 0; i < entries.size(); i++) {
            if (!seen.add(entries.get(i).id())) {
                return entries.subList(0, i);
            }
        }
        return entries;
    }

    private void again() {
        node.later(POLL, this::look);
    }

    private void book(List<OutboxEntry> entries, long pause) {
        if (fenced || stopping) {
            return;
        }
        simulation.database.call(
                node,
                () -> simulation.database.book(organization, epoch, term, entries),
                this::confirm,
                failure -> {
                    if (failure instanceof Database.Fenced) {
                        superseded();
                    } else {
                        node.later(pause, () -> book(entries, Math.min(PAUSE_MAX, pause * 2)));
                    }
                });
    }

    private void confirm(long through) {
        simulation.log(
                "%s: booked through %d in term %d, epoch %d".formatted(node, through, term, epoch));
        simulation.grid.apply(
                node,
                organization,
                members,
                List.of(new Command.Booked(term, epoch, through)),
                answers -> {
                    var result = answers.results().getFirst();
                    if (result instanceof Command.OldTerm || result instanceof Command.NotOpen) {
                        superseded();
                    } else {
                        look();
                    }
                },
                this::again);
    }
}
