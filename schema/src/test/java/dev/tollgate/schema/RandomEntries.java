package dev.tollgate.schema;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// Entries from a seed: few users, models, budgets and hours, so that sums meet.
final class RandomEntries {

    private static final Instant START = Instant.parse("2026-03-31T20:00:00Z");

    private final Random random;
    private final List<UUID> budgets;
    private long seq;

    RandomEntries(long seed) {
        this.random = new Random(seed);
        this.budgets = List.of(id(START), id(START), id(START));
    }

    /// Numbered on from the last one.
    List<Entry> next(int count) {
        var entries = new ArrayList<Entry>();
        for (var i = 0; i < count; i++) {
            entries.add(next());
        }
        return entries;
    }

    Entry next() {
        seq++;
        var kind = oneOf("attempt", "attempt", "attempt", "cache_hit", "correction");
        var sign = kind.equals("correction") && random.nextBoolean() ? -1 : 1;
        var at = START.plus(Duration.ofSeconds(random.nextInt(8 * 3600)));
        return new Entry(
                seq,
                id(at),
                kind,
                at,
                oneOf("", "u1", "u2"),
                oneOf("gpt", "claude"),
                oneOf("ok", "cancelled", "timeout"),
                kind.equals("correction") ? 0 : random.nextInt(2),
                sign * (long) random.nextInt(1_000_000),
                sign * (long) random.nextInt(1_000),
                sign * (long) random.nextInt(1_000),
                sign * (long) random.nextInt(100_000),
                random.nextInt(5) == 0 ? null : (Long) (sign * random.nextLong(1_000_000_000_000L)),
                "provider",
                charges());
    }

    Random random() {
        return random;
    }

    private List<Entry.Charge> charges() {
        return budgets.stream()
                .filter(_ -> random.nextBoolean())
                .map(budget ->
                        new Entry.Charge(budget, oneOf("", "u1", "u2"), 3600L * random.nextInt(3)))
                .toList();
    }

    private String oneOf(String... values) {
        return values[random.nextInt(values.length)];
    }

    /// A UUIDv7 of that moment.
    private UUID id(Instant at) {
        var high = at.toEpochMilli() << 16 | 0x7000L | random.nextInt(0x1000);
        var low = random.nextLong() >>> 2 | 0x8000000000000000L;
        return new UUID(high, low);
    }
}
