package dev.tollgate.budget;

import java.util.List;
import java.util.UUID;

/// All of a [Book], as values: what moves with it to another member. A book made of an image goes
/// on as the one it was taken of.
///
/// What follows from the rest is left out: what counters hold follows from the holds.
///
/// @param epoch see [Command.Open]
/// @param settlingThrough entries up to here have to be booked before a counter can be seeded
/// @param freshFrom epoch seconds; an unknown counter of a window that begins then or later is zero
/// @param countersMax the most counters kept, and `resultsMax` likewise
/// @param counters those that may leave first and in the order they would, then the others
/// @param holds in the order they were taken
/// @param entries in the order of their numbers
/// @param results oldest first
/// @param levels of buckets
public record BookImage(
        long version,
        Book.Phase phase,
        long term,
        long epoch,
        long configVersion,
        long settlingThrough,
        long freshFrom,
        int countersMax,
        int resultsMax,
        long lastSeq,
        long bookedThrough,
        List<OfCounter> counters,
        List<OfHold> holds,
        List<OfEntry> entries,
        List<OfResult> results,
        List<Level> levels) {

    public BookImage {
        counters = List.copyOf(counters);
        holds = List.copyOf(holds);
        entries = List.copyOf(entries);
        results = List.copyOf(results);
        levels = List.copyOf(levels);
    }

    /// A counter.
    ///
    /// @param seed what was settled when it was seeded
    /// @param crossed thresholds that were told
    public record OfCounter(
            CounterKey key,
            long windowEnd,
            boolean seeded,
            Amounts settled,
            Amounts seed,
            List<Crossed> crossed) {
        public OfCounter {
            crossed = List.copyOf(crossed);
        }
    }

    /// A threshold of a limit. A changed limit is another threshold.
    public record Crossed(Measure measure, int perMille, long limit) {}

    /// An open hold.
    ///
    /// @param held its first answer
    /// @param charges those that count
    /// @param draws what it took from buckets
    public record OfHold(
            Command.Held held,
            UUID incarnation,
            long nowMillis,
            boolean priced,
            Amounts soFar,
            List<BudgetCharge> charges,
            byte[] facts,
            List<Draw> draws) {
        public OfHold {
            charges = List.copyOf(charges);
            draws = List.copyOf(draws);
        }
    }

    /// An entry not yet booked.
    public record OfEntry(OutboxEntry entry, List<CounterKey> counters, Amounts used) {
        public OfEntry {
            counters = List.copyOf(counters);
        }
    }

    /// A result kept for repeats.
    ///
    /// @param seq of the entry it came with; 0 when it was booked in an earlier epoch
    public record OfResult(
            UUID id,
            UUID owner,
            Command.SettleResult result,
            long seq,
            boolean booked,
            boolean acknowledged) {}
}
