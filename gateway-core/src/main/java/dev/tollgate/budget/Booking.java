package dev.tollgate.budget;

import dev.tollgate.budget.Command.Result;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [Book]'s decisions about the ledger: what it has booked, and what counters begin with.
final class Booking {

    private final BookState state;

    Booking(BookState state) {
        this.state = state;
    }

    Result seed(Command.Seed seed) {
        var taken = isCurrent(seed) && hasRoomFor(seed.counters());
        if (taken) {
            state.seed(new Change.Seed(seed));
        }
        return new Command.SeedTaken(taken);
    }

    private boolean isCurrent(Command.Seed seed) {
        var through = seed.bookedThrough();
        return seed.epoch() == state.epoch()
                && through >= state.outbox.bookedThrough()
                && through >= state.settlingThrough()
                && through <= state.outbox.lastSeq();
    }

    private boolean hasRoomFor(List<Command.Seed.Seeded> seeds) {
        var absent = 0;
        var found = new @Nullable Counter[seeds.size()];
        for (var i = 0; i < found.length; i++) {
            var counter = state.counters.get(seeds.get(i).counter());
            found[i] = counter;
            absent += counter == null ? 1 : 0;
        }
        return state.counters.hasRoomFor(absent, found);
    }

    Result reseed(Command.Reseed reseed) {
        var keys = reseed.counters();
        var known = keys.isEmpty() ? state.counters.size() : 0;
        for (var key : keys) {
            known += state.counters.get(key) == null ? 0 : 1;
        }
        if (known > 0 || !keys.isEmpty()) {
            state.unseed(new Change.Unseed(keys));
        }
        return new Command.Reseeded(known);
    }

    Result booked(Command.Booked booked) {
        if (booked.epoch() != state.epoch() || state.outbox.firstSeq() > booked.through()) {
            return new Command.BookedIds(List.of());
        }
        return new Command.BookedIds(state.booked(new Change.Booked(booked.through())));
    }
}
