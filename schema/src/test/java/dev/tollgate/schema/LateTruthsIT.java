package dev.tollgate.schema;

import static dev.tollgate.schema.jooq.Tables.BUDGET_WINDOWS;
import static dev.tollgate.schema.jooq.Tables.LEDGER;
import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;
import static dev.tollgate.schema.jooq.Tables.USAGE_HOURLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.schema.jooq.Routines;
import dev.tollgate.schema.jooq.tables.records.BookEntriesRecord;
import dev.tollgate.schema.jooq.tables.records.LedgerRecord;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jooq.Result;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Corrections of orphans, and the comparison of the ledger with its roll-ups.
class LateTruthsIT {

    private static final long TERM = 1;

    @TempDir static Path data;
    private static Database database;
    private static DSLContext dsl;

    @BeforeAll
    static void open() {
        database = Database.embedded(data, Binaries.DIRECTORY);
        dsl = database.dsl();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void whatever_the_order_of_orphans_and_truths_the_ledger_says_the_truth(long seed) {
        var organization = openedBook("truths-" + seed);
        var random = new RandomEntries(seed);
        var wanted = new LinkedHashMap<UUID, Entry>();
        var booked = new ArrayList<Entry>();
        for (var truth : random.next(120)) {
            if (!truth.kind().equals("attempt")) {
                continue;
            }
            var orphan = orphanOf(truth, random.next());
            var shapes =
                    List.of(
                            List.of(truth),
                            List.of(orphan),
                            List.of(orphan, truth),
                            List.of(orphan, truth, truth),
                            List.of(truth, orphan),
                            List.of(truth, orphan, truth),
                            List.of(orphan, orphan, truth, orphan));
            var shape = new ArrayList<>(shapes.get(random.random().nextInt(shapes.size())));
            Collections.shuffle(shape, random.random());
            booked.addAll(shape);
            wanted.put(truth.id(), shape.contains(truth) ? truth : orphan);
        }

        Collections.shuffle(booked, random.random());
        while (!booked.isEmpty()) {
            var batch = booked.subList(0, Math.min(booked.size(), random.random().nextInt(40)));
            var entries = List.copyOf(batch);
            batch.clear();
            book(organization, entries);
            if (random.random().nextInt(3) == 0) {
                assertThat(book(organization, entries).getBooked()).isZero();
            }
        }

        assertThat(sumsById(organization)).isEqualTo(sumsOf(wanted));
        assertThat(hours(organization)).isEqualTo(hoursOf(wanted));
        assertThat(drift(organization)).isEmpty();
    }

    @Test
    void a_correction_says_what_it_corrects_by_how_much_and_why() {
        var organization = openedBook("correction");
        var random = new RandomEntries(20);
        var truth = attempt(random);
        var orphan = orphanOf(truth, random.next());
        book(organization, List.of(orphan));

        assertThat(book(organization, List.of(truth)).getBooked()).isEqualTo(1);
        assertThat(book(organization, List.of(truth)).getBooked()).isZero();
        assertThat(book(organization, List.of(orphan)).getBooked()).isZero();

        var correction = correction(organization);
        assertThat(correction.getCorrects()).isEqualTo(truth.id());
        assertThat(correction.getId().version()).isEqualTo(7);
        assertThat(correction.getId().getMostSignificantBits() >>> 16)
                .isEqualTo(truth.id().getMostSignificantBits() >>> 16);
        assertThat(correction.getId())
                .isEqualTo(Routines.correctionId(dsl.configuration(), truth.id()));
        assertThat(correction.getUsageSource()).isEqualTo("provider");
        assertThat(correction.getStatus()).isEqualTo(truth.status());
        assertThat(correction.getOutputTokens()).isEqualTo(truth.output() - orphan.output());
        assertThat(correction.getRequests()).isEqualTo(truth.requests() - orphan.requests());
        assertThat(correction.getSeq()).isEqualTo(truth.seq());
    }

    @Test
    void an_unpriced_orphan_becomes_priced_and_a_priced_one_unpriced() {
        var organization = openedBook("prices");
        var random = new RandomEntries(21);
        var first = attempt(random);
        var second = attempt(random);
        var unpriced = priced(orphanOf(first, random.next()), null);
        var priced = priced(orphanOf(second, random.next()), 700L);
        book(organization, List.of(unpriced, priced));
        assertThat(count(organization, "unpriced_attempts")).isEqualTo(1);

        book(organization, List.of(priced(first, 500L)));

        assertThat(count(organization, "unpriced_attempts")).isZero();
        assertThat(count(organization, "cost_nano_usd")).isEqualTo(1200);
        book(organization, List.of(priced(second, null)));
        assertThat(count(organization, "unpriced_attempts")).isEqualTo(1);
        assertThat(count(organization, "cost_nano_usd")).isEqualTo(500);
        assertThat(drift(organization)).isEmpty();
    }

    @Test
    void a_truth_in_another_organization_corrects_nothing() {
        var owner = openedBook("owner");
        var other = openedBook("other");
        var random = new RandomEntries(22);
        var truth = attempt(random);
        book(owner, List.of(orphanOf(truth, random.next())));

        assertThat(book(other, List.of(truth)).getBooked()).isZero();

        assertThat(dsl.fetchCount(LEDGER, LEDGER.ORGANIZATION.eq(other))).isZero();
        assertThat(dsl.fetchCount(LEDGER, LEDGER.ORGANIZATION.eq(owner))).isEqualTo(1);
    }

    @Test
    void a_truth_the_ledger_cannot_take_leaves_the_orphan_as_it_was() {
        var organization = openedBook("poison truth");
        var random = new RandomEntries(23);
        var truth = attempt(random);
        book(organization, List.of(orphanOf(truth, random.next())));
        var poison = truth.toJson().replaceFirst("\"requests\": \\d", "\"requests\": 2");

        assertThatThrownBy(() -> bookJson(organization, "[" + poison + "]"))
                .isInstanceOf(DataAccessException.class);

        assertThat(dsl.fetchCount(LEDGER, LEDGER.ORGANIZATION.eq(organization))).isEqualTo(1);
        assertThat(drift(organization)).isEmpty();
    }

    @Test
    void only_a_correction_may_take_a_request_back() {
        var organization = openedBook("negative request");
        var negative =
                attempt(new RandomEntries(24))
                        .toJson()
                        .replaceFirst("\"requests\": \\d", "\"requests\": -1");

        assertThatThrownBy(() -> bookJson(organization, "[" + negative + "]"))
                .isInstanceOf(DataAccessException.class);
    }

    @Test
    void drift_is_found_told_and_mended() {
        var organization = openedBook("drift");
        var random = new RandomEntries(25);
        var truth = attempt(random);
        book(organization, List.of(orphanOf(truth, random.next())));
        book(organization, List.of(truth));
        book(organization, random.next(200));
        var hours = rows(organization, "usage_hourly");
        var windows = rows(organization, "budget_windows");
        assertThat(drift(organization)).isEmpty();

        var key = dsl.fetch(USAGE_HOURLY, USAGE_HOURLY.ORGANIZATION.eq(organization)).getFirst();
        key.setOutputTokens(key.getOutputTokens() + 5);
        key.update();
        dsl.fetch(BUDGET_WINDOWS, BUDGET_WINDOWS.ORGANIZATION.eq(organization)).getFirst().delete();
        dsl.execute(
                "insert into budget_windows select ?, gen_random_uuid(), 'ghost', 0, 3, 0, 0, 0, 0,"
                        + " now(), now()",
                organization);

        var drift = drift(organization);
        assertThat(drift.getValues("what", String.class))
                .contains("usage_hourly", "budget_windows");
        assertThat(drift)
                .anySatisfy(row -> {
                    assertThat(row.get("measure")).isEqualTo("output_tokens");
                    assertThat(row.get("found", Long.class) - row.get("expected", Long.class))
                            .isEqualTo(5);
                })
                .anySatisfy(row -> {
                    assertThat(row.get("key", String.class)).contains("ghost");
                    assertThat(row.get("expected", Long.class)).isZero();
                    assertThat(row.get("found", Long.class)).isEqualTo(3);
                });
        var repaired = dsl.fetch("select * from repair_drift(?, null)", organization);
        assertThat(repaired).isEqualTo(drift);
        assertThat(drift(organization)).isEmpty();
        assertThat(rows(organization, "usage_hourly")).isEqualTo(hours);
        assertThat(rows(organization, "budget_windows")).isEqualTo(windows);
    }

    @Test
    void what_began_before_the_time_asked_for_is_not_compared() {
        var organization = openedBook("drift from");
        book(organization, new RandomEntries(26).next(100));
        dsl.execute(
                "update usage_hourly set errors = errors + 1 where organization = ?"
                        + " and hour < '2026-03-31T23:00:00Z'",
                organization);
        var from = OffsetDateTime.parse("2026-03-31T23:30:00Z");

        var drift = dsl.fetch("select * from ledger_drift(?, ?::timestamptz)", organization, from);
        var compared =
                dsl.fetchSingle(
                        "select * from ledger_compared(?, ?::timestamptz)", organization, from);

        assertThat(drift).isEmpty();
        assertThat(drift(organization)).isNotEmpty();
        assertThat(compared.get("start", OffsetDateTime.class).toInstant())
                .isEqualTo(OffsetDateTime.parse("2026-03-31T23:00:00Z").toInstant());
        assertThat(compared.get("hours", Long.class)).isPositive();
        assertThat(compared.get("hours_left_out", Long.class)).isPositive();
        assertThat(compared.get("windows", Long.class)).isZero();
    }

    @Test
    void after_a_partition_was_dropped_older_windows_are_not_compared(@TempDir Path other) {
        try (var own = Database.embedded(other, Binaries.DIRECTORY)) {
            var sql = own.dsl();
            sql.fetch("select open_book('local', 1)");
            var id = String.valueOf(sql.fetchValue("select uuidv7()::text"));
            var entry =
                    """
                    [{"seq": 1, "id": "%s", "request_id": "%s", "kind": "attempt", "occurred_at": "%s",
                      "requests": 1, "status": "ok", "charges": [
                        {"budget": "%s", "subject": "", "window_start": 0}]}]
                    """
                            .formatted(id, id, OffsetDateTime.now(ZoneOffset.UTC), id);
            sql.fetch("select book_entries('local', 1, 1, ?::json)", entry);
            var month =
                    String.valueOf(
                            sql.fetchValue("select to_char(now() at time zone 'UTC', 'YYYY_MM')"));

            sql.execute("drop table ledger_" + month);

            assertThat(sql.fetch("select * from ledger_drift('local', null)")).isEmpty();
            var compared = sql.fetchSingle("select * from ledger_compared('local', null)");
            assertThat(compared.get("hours_left_out", Long.class)).isEqualTo(1);
            assertThat(compared.get("windows_left_out", Long.class)).isEqualTo(1);
            assertThat(
                            compared.get("start", OffsetDateTime.class)
                                    .withOffsetSameInstant(ZoneOffset.UTC)
                                    .format(DateTimeFormatter.ofPattern("yyyy_MM dd")))
                    .isEqualTo(
                            OffsetDateTime.now(ZoneOffset.UTC)
                                    .withDayOfMonth(1)
                                    .plusMonths(1)
                                    .format(DateTimeFormatter.ofPattern("yyyy_MM '02'")));
        }
    }

    // --- the model ---

    private record Sums(long requests, long input, long output, long cost) {}

    private record Hour(String endUser, long attempts, long errors, long unpriced) {}

    private static Map<UUID, Sums> sumsOf(Map<UUID, Entry> wanted) {
        return wanted.values().stream()
                .collect(
                        Collectors.toMap(
                                Entry::id,
                                entry ->
                                        new Sums(
                                                entry.requests(),
                                                entry.input(),
                                                entry.output(),
                                                entry.cost())));
    }

    private static Map<UUID, Sums> sumsById(String organization) {
        return dsl.fetch(
                        """
                        select coalesce(corrects, id) as id, sum(requests)::bigint as requests,
                          sum(uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens)::bigint as input,
                          sum(output_tokens)::bigint as output, coalesce(sum(cost_nano_usd), 0)::bigint as cost
                        from ledger where organization = ? group by 1
                        """,
                        organization)
                .intoMap(
                        row -> row.get("id", UUID.class),
                        row ->
                                new Sums(
                                        row.get("requests", Long.class),
                                        row.get("input", Long.class),
                                        row.get("output", Long.class),
                                        row.get("cost", Long.class)));
    }

    private static List<Hour> hoursOf(Map<UUID, Entry> wanted) {
        return wanted.values().stream()
                .collect(Collectors.groupingBy(Entry::endUser))
                .entrySet()
                .stream()
                .map(user ->
                        new Hour(
                                user.getKey(),
                                user.getValue().size(),
                                user.getValue().stream().filter(LateTruthsIT::isError).count(),
                                user.getValue().stream()
                                        .filter(entry -> entry.costNanoUsd() == null)
                                        .count()))
                .sorted(java.util.Comparator.comparing(Hour::endUser))
                .toList();
    }

    private static boolean isError(Entry entry) {
        return !List.of("ok", "cancelled").contains(entry.status());
    }

    private static List<Hour> hours(String organization) {
        return dsl.fetch(
                        """
                        select end_user, sum(attempts)::bigint as attempts, sum(errors)::bigint as errors,
                          sum(unpriced_attempts)::bigint as unpriced
                        from usage_hourly where organization = ? group by 1 order by 1
                        """,
                        organization)
                .map(row ->
                        new Hour(
                                row.get("end_user", String.class),
                                row.get("attempts", Long.class),
                                row.get("errors", Long.class),
                                row.get("unpriced", Long.class)));
    }

    private static long count(String organization, String column) {
        return dsl.fetchSingle(
                        "select sum("
                                + column
                                + ")::bigint from usage_hourly where organization = ?",
                        organization)
                .get(0, Long.class);
    }

    /// With the amounts of another entry, as its worst case.
    private static Entry orphanOf(Entry truth, Entry amounts) {
        return new Entry(
                truth.seq(),
                truth.id(),
                "attempt",
                truth.occurredAt(),
                truth.endUser(),
                truth.model(),
                "orphan",
                1,
                Math.abs(amounts.uncachedInput()),
                0,
                0,
                Math.abs(amounts.output()),
                amounts.costNanoUsd() == null ? null : (Long) Math.abs(amounts.costNanoUsd()),
                "orphan",
                truth.charges());
    }

    private static Entry priced(Entry entry, @Nullable Long costNanoUsd) {
        return new Entry(
                entry.seq(),
                entry.id(),
                entry.kind(),
                entry.occurredAt(),
                entry.endUser(),
                entry.model(),
                entry.status(),
                entry.requests(),
                entry.uncachedInput(),
                entry.cacheRead(),
                entry.cacheWrite(),
                entry.output(),
                costNanoUsd,
                entry.usageSource(),
                entry.charges());
    }

    private static Entry attempt(RandomEntries random) {
        for (var entry = random.next(); ; entry = random.next()) {
            if (entry.kind().equals("attempt") && !entry.charges().isEmpty()) {
                return entry;
            }
        }
    }

    private static LedgerRecord correction(String organization) {
        return dsl.fetchSingle(
                LEDGER, LEDGER.ORGANIZATION.eq(organization), LEDGER.KIND.eq("correction"));
    }

    private static Result<?> drift(String organization) {
        return dsl.fetch("select * from ledger_drift(?, null)", organization);
    }

    private static List<String> rows(String organization, String table) {
        return dsl.fetch(
                        "select t::text from " + table + " t where organization = ? order by 1",
                        organization)
                .getValues(0, String.class);
    }

    private static String openedBook(String organization) {
        dsl.insertInto(ORGANIZATIONS, ORGANIZATIONS.NAME).values(organization).execute();
        Routines.openBook(dsl.configuration(), organization, TERM);
        return organization;
    }

    private static BookEntriesRecord book(String organization, List<Entry> entries) {
        return bookJson(
                organization,
                entries.stream().map(Entry::toJson).collect(Collectors.joining(",", "[", "]")));
    }

    private static BookEntriesRecord bookJson(String organization, String entries) {
        return Routines.bookEntries(
                        dsl.configuration(), organization, 1L, TERM, JSON.valueOf(entries))
                .getFirst();
    }
}
