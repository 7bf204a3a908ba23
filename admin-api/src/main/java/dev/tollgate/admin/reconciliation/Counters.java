package dev.tollgate.admin.reconciliation;

import static dev.tollgate.schema.jooq.Tables.BUDGET_WINDOWS;

import dev.tollgate.admin.QuotaControl;
import dev.tollgate.admin.QuotaControl.Live;
import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.schema.jooq.Routines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compares the live counters of a book with what is booked: a counter is the sum of its window in
/// the ledger and of what is not booked yet.
///
/// Both sides name the mark they include, and are compared when they name the same one; under load
/// that may take a few tries.
final class Counters {

    private static final Logger LOG = LoggerFactory.getLogger(Counters.class);
    private static final int COUNTERS_MAX = 5_000;
    private static final int PER_CALL = 500;
    private static final int TRIES = 10;
    private static final Duration PAUSE = Duration.ofMillis(30);

    private final DSLContext database;
    private final QuotaControl quota;

    Counters(DSLContext database, QuotaControl quota) {
        this.database = database;
        this.quota = quota;
    }

    /// @param compared empty when the node cannot tell
    /// @param leftOut the book moved on too fast to compare them
    record Compared(Optional<Long> compared, long leftOut, List<Drift> drifts) {
        Compared {
            drifts = List.copyOf(drifts);
        }
    }

    /// The counters last used, of those that the book knows.
    Compared compare(String organization) {
        var keys = keys(organization);
        if (keys.isEmpty()) {
            return new Compared(live(organization, keys).map(_ -> 0L), 0, List.of());
        }
        var names = RollUps.names(database, organization);
        var compared = 0L;
        var leftOut = 0L;
        var drifts = new ArrayList<Drift>();
        for (var from = 0; from < keys.size(); from += PER_CALL) {
            var chunk = keys.subList(from, Math.min(from + PER_CALL, keys.size()));
            var found = compare(organization, chunk, names);
            if (found == null) {
                return new Compared(Optional.empty(), keys.size(), List.of());
            }
            compared += found.compared.orElse(0L);
            leftOut += found.leftOut;
            drifts.addAll(found.drifts);
        }
        return new Compared(Optional.of(compared), leftOut, drifts);
    }

    private List<CounterKey> keys(String organization) {
        return database.select(
                        BUDGET_WINDOWS.BUDGET_ID,
                        BUDGET_WINDOWS.SUBJECT,
                        BUDGET_WINDOWS.WINDOW_START)
                .from(BUDGET_WINDOWS)
                .where(BUDGET_WINDOWS.ORGANIZATION.eq(organization))
                .orderBy(BUDGET_WINDOWS.LAST_AT.desc())
                .limit(COUNTERS_MAX)
                .fetch(row -> new CounterKey(row.value1(), row.value2(), row.value3()));
    }

    /// Null when the node cannot tell.
    private @Nullable Compared compare(
            String organization, List<CounterKey> keys, Map<UUID, String> names) {
        for (var attempt = 0; attempt < TRIES; attempt++) {
            var live = live(organization, keys);
            if (live.isEmpty()) {
                return null;
            }
            var booked = booked(organization, keys);
            if (booked != null
                    && booked.epoch == live.get().epoch()
                    && booked.through == live.get().bookedThrough()) {
                var counters = live.get().counters();
                var drifts = new ArrayList<Drift>();
                for (var counter : counters) {
                    var expected = booked.sums.getOrDefault(counter.key(), Amounts.NONE);
                    drifts.addAll(
                            drifts(
                                    counter.key(),
                                    expected.plus(counter.unbooked()),
                                    counter.posted(),
                                    names));
                }
                return new Compared(Optional.of((long) counters.size()), 0, drifts);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return new Compared(Optional.of(0L), keys.size(), List.of());
    }

    private Optional<Live> live(String organization, List<CounterKey> keys) {
        try {
            return quota.counters(organization, keys);
        } catch (RuntimeException e) {
            LOG.warn("No live counters of {}; they are not compared", organization, e);
            return Optional.empty();
        }
    }

    private record Booked(long epoch, long through, Map<CounterKey, Amounts> sums) {}

    /// Null when the book was never opened.
    private @Nullable Booked booked(String organization, List<CounterKey> keys) {
        var rows =
                Routines.seedCounters(
                        database.configuration(),
                        organization,
                        keys.stream().map(CounterKey::budgetId).toArray(UUID[]::new),
                        keys.stream().map(CounterKey::subject).toArray(String[]::new),
                        keys.stream().map(CounterKey::windowStart).toArray(Long[]::new));
        if (rows.isEmpty()) {
            return null;
        }
        var sums = new HashMap<CounterKey, Amounts>();
        for (var row : rows) {
            sums.put(
                    new CounterKey(row.getBudgetId(), row.getSubject(), row.getWindowStart()),
                    new Amounts(
                            row.getRequests(),
                            row.getInputTokens(),
                            row.getOutputTokens(),
                            row.getCostNanoUsd()));
        }
        var first = rows.getFirst();
        return new Booked(first.getEpoch(), first.getBookedThrough(), sums);
    }

    private static List<Drift> drifts(
            CounterKey key, Amounts expected, Amounts found, Map<UUID, String> names) {
        var drifts = new ArrayList<Drift>();
        add(drifts, key, "requests", expected.requests(), found.requests(), names);
        add(drifts, key, "input_tokens", expected.inputTokens(), found.inputTokens(), names);
        add(drifts, key, "output_tokens", expected.outputTokens(), found.outputTokens(), names);
        add(drifts, key, "cost_nano_usd", expected.costNanoUsd(), found.costNanoUsd(), names);
        return drifts;
    }

    private static void add(
            List<Drift> drifts,
            CounterKey key,
            String measure,
            long expected,
            long found,
            Map<UUID, String> names) {
        if (expected != found) {
            drifts.add(
                    new Drift(
                            "counters",
                            RollUps.windowKey(
                                    key.budgetId(), key.subject(), key.windowStart(), names),
                            measure,
                            expected,
                            found));
        }
    }
}
