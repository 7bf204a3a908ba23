package dev.tollgate.simulation;

import dev.tollgate.budget.Answers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// What a node settled and the ledger does not have yet, as `Owed` of the node.
final class Owed {

    private final Desk desk;
    private final List<Entry> entries = new ArrayList<>();
    private Mark mark = new Mark(0, 0, 0);

    private record Entry(long term, long epoch, long seq, UUID id) {

        boolean isBookedAt(Mark mark, boolean anyTerm) {
            return (term == mark.term || anyTerm) && epoch == mark.epoch && seq <= mark.through;
        }

        boolean isBefore(Mark mark) {
            return term < mark.term || epoch < mark.epoch;
        }
    }

    private record Mark(long term, long epoch, long through) {

        boolean isAfter(Mark other) {
            return term > other.term
                    || (term == other.term && epoch > other.epoch)
                    || (term == other.term && epoch == other.epoch && through > other.through);
        }
    }

    Owed(Desk desk) {
        this.desk = desk;
    }

    void settled(Answers by, long seq, UUID id) {
        entries.add(new Entry(by.term(), by.epoch(), seq, id));
    }

    void booked(Answers by) {
        var told = new Mark(by.term(), by.epoch(), by.bookedThrough());
        if (told.isAfter(mark)) {
            mark = told;
            if (!entries.isEmpty()) {
                desk.node.later(desk.node.simulation.between(0, 2_000), this::release);
            }
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    private void release() {
        var ids = new ArrayList<UUID>();
        var anyTerm = !desk.node.simulation.keeps(Remedy.OWED);
        entries.removeIf(entry -> {
            var booked = entry.isBookedAt(mark, anyTerm);
            if (booked) {
                ids.add(entry.id);
            }
            return booked;
        });
        desk.node.simulation.truth.released(ids);
        desk.node.journal.release(ids);
    }

    void lookUp() {
        release();
        var earlier = new ArrayList<UUID>();
        for (var entry : entries) {
            if (entry.isBefore(mark)) {
                earlier.add(entry.id);
            }
        }
        if (earlier.isEmpty()) {
            return;
        }
        var database = desk.node.simulation.database;
        database.call(
                desk.node,
                () -> database.settled(earlier),
                booked -> {
                    entries.removeIf(entry -> booked.contains(entry.id));
                    desk.node.journal.release(booked);
                },
                _ -> {});
    }
}
