package dev.tollgate.schema;

import static dev.tollgate.schema.jooq.Tables.ALERTS;
import static dev.tollgate.schema.jooq.Tables.BOOKS;
import static dev.tollgate.schema.jooq.Tables.BUDGET_WINDOWS;
import static dev.tollgate.schema.jooq.Tables.LEDGER;
import static dev.tollgate.schema.jooq.Tables.LEDGER_REJECTED;
import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;
import static dev.tollgate.schema.jooq.Tables.SEED_COUNTERS;
import static dev.tollgate.schema.jooq.Tables.USAGE_HOURLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.schema.jooq.Routines;
import dev.tollgate.schema.jooq.tables.records.BookEntriesRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jooq.JSONB;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BookingIT {

    private static final long TERM = 7;

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
    void roll_ups_are_the_sums_of_what_was_booked_however_often_and_in_whatever_order(long seed) {
        var organization = openedBook("sums-" + seed);
        var entries = new RandomEntries(seed);
        var booked = new ArrayList<Entry>();

        for (var batch = 0; batch < 8; batch++) {
            var fresh = entries.next(entries.random().nextInt(60));
            var repeats = booked.stream().filter(_ -> entries.random().nextInt(4) == 0).toList();
            var all = new ArrayList<>(fresh);
            all.addAll(repeats);
            Collections.shuffle(all, entries.random());
            booked.addAll(fresh);
            assertThat(book(organization, 1, all).getBooked()).isEqualTo(fresh.size());
        }

        assertThat(ledgerSums(organization)).isEqualTo(sums(booked));
        assertThat(hourSums(organization)).isEqualTo(sumsBy(booked, BookingIT::hourOf));
        assertThat(windowSums(organization)).isEqualTo(windowSumsOf(booked));
        assertThat(bookedThrough(organization)).isEqualTo(booked.size());
    }

    @Test
    void a_repeat_of_a_batch_changes_nothing() {
        var organization = openedBook("repeat");
        var batch = new RandomEntries(1042).next(500);
        book(organization, 1, batch);
        var before = everything(organization);

        var repeated = book(organization, 1, batch);

        assertThat(repeated.getBooked()).isZero();
        assertThat(repeated.getBookedThrough()).isEqualTo(500);
        assertThat(everything(organization)).isEqualTo(before);
    }

    @Test
    void an_empty_batch_is_fine() {
        var organization = openedBook("empty");

        assertThat(book(organization, 1, List.of()).getBookedThrough()).isZero();
    }

    @Test
    void a_batch_is_booked_whole_or_not_at_all() {
        var organization = openedBook("atomic");
        var entries = new RandomEntries(105).next(2);
        var poison = entries.get(1).toJson().replaceFirst("\"requests\": \\d", "\"requests\": 2");
        var batch = "[" + entries.get(0).toJson() + "," + poison + "]";

        assertThatThrownBy(() -> bookJson(organization, 1, TERM, batch))
                .isInstanceOf(DataAccessException.class);

        assertThat(dsl.fetchCount(LEDGER, LEDGER.ORGANIZATION.eq(organization))).isZero();
        assertThat(windowSums(organization)).isEmpty();
        assertThat(bookedThrough(organization)).isZero();
    }

    @Test
    void a_poison_entry_is_set_aside_and_the_mark_passes_it() {
        var organization = openedBook("poison");
        var entry = JSONB.valueOf("{\"seq\": 4, \"row\": {}}");

        var through =
                Routines.rejectEntry(dsl.configuration(), organization, 1L, TERM, entry, "no id");

        assertThat(through).isEqualTo(4);
        assertThat(
                        dsl.fetchSingle(
                                        LEDGER_REJECTED,
                                        LEDGER_REJECTED.ORGANIZATION.eq(organization))
                                .getSeq())
                .isEqualTo(4);
    }

    @Test
    void an_entry_recovered_from_an_earlier_epoch_leaves_the_mark_alone() {
        var organization = openedBook("recovered");
        var entry = new RandomEntries(103).next();

        bookJson(organization, 1, TERM, "[" + entry.toJson().replace("\"seq\": 1,", "") + "]");

        assertThat(dsl.fetchSingle(LEDGER, LEDGER.ORGANIZATION.eq(organization)).getSeq()).isNull();
        assertThat(bookedThrough(organization)).isZero();
    }

    @Test
    void a_lower_term_is_refused() {
        var organization = openedBook("terms");
        book(organization, 1, List.of());

        assertRefused(() -> bookJson(organization, 1, TERM - 1, "[]"), SqlState.BOOK_TAKEN_OVER);
        assertThat(bookJson(organization, 1, TERM + 1, "[]").getBooked()).isZero();
        assertRefused(() -> bookJson(organization, 1, TERM, "[]"), SqlState.BOOK_TAKEN_OVER);
    }

    @Test
    void an_older_epoch_is_refused_and_an_unopened_one_too() {
        var organization = openedBook("epochs");
        book(organization, 1, new RandomEntries(109).next(3));

        var opened = Routines.openBook(dsl.configuration(), organization, TERM).getFirst();

        assertThat(opened.getEpoch()).isEqualTo(2);
        assertThat(opened.getTerm()).isEqualTo(TERM);
        assertThat(bookedThrough(organization)).isZero();
        assertRefused(() -> bookJson(organization, 1, TERM, "[]"), SqlState.BOOK_TAKEN_OVER);
        assertRefused(() -> bookJson(organization, 3, TERM, "[]"), SqlState.BOOK_NOT_OPEN);
        assertRefused(
                () -> bookJson("no such organization", 1, TERM, "[]"), SqlState.BOOK_NOT_OPEN);
    }

    @Test
    void an_opener_fences_the_bookers_of_older_terms_and_is_refused_in_one() {
        var organization = openedBook("opened in a term");
        book(organization, 1, List.of());

        var opened = Routines.openBook(dsl.configuration(), organization, TERM + 2).getFirst();

        assertThat(opened.getTerm()).isEqualTo(TERM + 2);
        assertRefused(() -> bookJson(organization, 2, TERM + 1, "[]"), SqlState.BOOK_TAKEN_OVER);
        assertRefused(
                () -> Routines.openBook(dsl.configuration(), organization, TERM + 1),
                SqlState.BOOK_TAKEN_OVER);
        assertThat(bookJson(organization, 2, TERM + 2, "[]").getBooked()).isZero();
    }

    @Test
    void of_members_named_alike_the_last_is_taken() {
        var organization = openedBook("twice");
        var entry =
                new RandomEntries(107).next().toJson().replaceFirst("\\{", "{\"requests\": 5, ");

        bookJson(organization, 1, TERM, "[" + entry + "]");

        assertThat(dsl.fetchSingle(LEDGER, LEDGER.ORGANIZATION.eq(organization)).getRequests())
                .isBetween(0, 1);
    }

    @Test
    void a_threshold_that_two_epochs_tell_is_reported_once() {
        var organization = openedBook("alerts of two epochs");
        var entries = new RandomEntries(1012).next(80);
        var crossed =
                entries.stream().flatMap(entry -> entry.charges().stream()).distinct().count();
        book(organization, 1, entries.subList(0, 40));

        Routines.openBook(dsl.configuration(), organization, TERM);
        // The same thresholds, crossed by other entries in the eyes of another book.
        var more = new RandomEntries(1012);
        more.next(80);
        book(organization, 2, entries.subList(20, 80));
        book(organization, 2, more.next(120));

        assertThat(dsl.fetchCount(ALERTS, ALERTS.ORGANIZATION.eq(organization)))
                .isGreaterThanOrEqualTo((int) crossed);
        assertThat(
                        dsl.fetchValue(
                                """
                                select count(*) from (select 1 from alerts where organization = ?
                                  group by budget_id, subject, window_start, limit_name, threshold
                                  having count(*) > 1) as twice
                                """,
                                organization))
                .isEqualTo(0L);
    }

    @Test
    void a_threshold_is_reported_once() {
        var organization = openedBook("alerts");
        var entries = new RandomEntries(1011).next(200);
        var crossed =
                entries.stream().flatMap(entry -> entry.charges().stream()).distinct().count();

        book(organization, 1, entries.subList(0, 120));
        book(organization, 1, entries);

        assertThat(dsl.fetchCount(ALERTS, ALERTS.ORGANIZATION.eq(organization)))
                .isEqualTo((int) crossed);
    }

    @Test
    void a_seed_is_the_sums_and_the_mark_they_include() {
        var organization = openedBook("seeds");
        var entries = new RandomEntries(1013).next(50);
        book(organization, 1, entries);
        var known = windowSumsOf(entries).keySet().iterator().next();
        var unknown = UUID.fromString("00000000-0000-7000-8000-000000000000");

        var seeds =
                Routines.seedCounters(
                        dsl.configuration(),
                        organization,
                        new UUID[] {known.budget(), unknown},
                        new String[] {known.subject(), "nobody"},
                        new Long[] {known.windowStart(), 0L});

        assertThat(seeds)
                .hasSize(2)
                .allMatch(row -> row.getEpoch() == 1 && row.getBookedThrough() == 50);
        var byBudget = seeds.getValues(SEED_COUNTERS.BUDGET_ID);
        var seed = seeds.get(byBudget.indexOf(known.budget()));
        assertThat(
                        Sums.of(
                                seed.getRequests(),
                                seed.getInputTokens(),
                                seed.getOutputTokens(),
                                seed.getCostNanoUsd()))
                .isEqualTo(windowSumsOf(entries).get(known));
        assertThat(seeds.get(byBudget.indexOf(unknown)).getTotalTokens()).isZero();
    }

    /// What both roll-ups and the model add up.
    private record Sums(long requests, long input, long output, long cost) {

        static Sums of(Number requests, Number input, Number output, Number cost) {
            return new Sums(
                    requests.longValue(), input.longValue(), output.longValue(), cost.longValue());
        }
    }

    private record Hour(Instant hour, String endUser, String model) {}

    private static Hour hourOf(Entry entry) {
        return new Hour(
                entry.occurredAt().truncatedTo(ChronoUnit.HOURS), entry.endUser(), entry.model());
    }

    private static Sums sums(Collection<Entry> entries) {
        return new Sums(
                entries.stream().mapToLong(Entry::requests).sum(),
                entries.stream().mapToLong(Entry::input).sum(),
                entries.stream().mapToLong(Entry::output).sum(),
                entries.stream().mapToLong(Entry::cost).sum());
    }

    private static <K> Map<K, Sums> sumsBy(Collection<Entry> entries, Function<Entry, K> key) {
        return entries.stream()
                .collect(
                        Collectors.groupingBy(
                                key,
                                Collectors.collectingAndThen(
                                        Collectors.toList(), BookingIT::sums)));
    }

    private static Map<Entry.Charge, Sums> windowSumsOf(Collection<Entry> entries) {
        return entries.stream()
                .flatMap(entry -> entry.charges().stream().map(charge -> Map.entry(charge, entry)))
                .collect(
                        Collectors.groupingBy(
                                Map.Entry::getKey,
                                Collectors.mapping(
                                        Map.Entry::getValue,
                                        Collectors.collectingAndThen(
                                                Collectors.toList(), BookingIT::sums))));
    }

    private static Sums ledgerSums(String organization) {
        return dsl.resultQuery(
                        """
                        select sum(requests),
                          sum(uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens),
                          sum(output_tokens), sum(cost_nano_usd)
                        from ledger where organization = ?
                        """,
                        organization)
                .fetchSingle(row ->
                        Sums.of(
                                row.get(0, Long.class),
                                row.get(1, Long.class),
                                row.get(2, Long.class),
                                row.get(3, Long.class)));
    }

    private static Map<Hour, Sums> hourSums(String organization) {
        return dsl.selectFrom(USAGE_HOURLY)
                .where(USAGE_HOURLY.ORGANIZATION.eq(organization))
                .fetchMap(
                        row ->
                                new Hour(
                                        row.getHour().toInstant(),
                                        row.getEndUser(),
                                        row.getModel()),
                        row ->
                                Sums.of(
                                        row.getRequests(),
                                        row.getUncachedInputTokens()
                                                + row.getCacheReadTokens()
                                                + row.getCacheWriteTokens(),
                                        row.getOutputTokens(),
                                        row.getCostNanoUsd()));
    }

    private static Map<Entry.Charge, Sums> windowSums(String organization) {
        return dsl.selectFrom(BUDGET_WINDOWS)
                .where(BUDGET_WINDOWS.ORGANIZATION.eq(organization))
                .fetchMap(
                        row ->
                                new Entry.Charge(
                                        row.getBudgetId(), row.getSubject(), row.getWindowStart()),
                        row ->
                                Sums.of(
                                        row.getRequests(),
                                        row.getInputTokens(),
                                        row.getTotalTokens() - row.getInputTokens(),
                                        row.getCostNanoUsd()));
    }

    private static List<Object> everything(String organization) {
        return List.of(
                dsl.selectFrom(LEDGER)
                        .where(LEDGER.ORGANIZATION.eq(organization))
                        .orderBy(LEDGER.ID)
                        .fetch(),
                dsl.selectFrom(ALERTS)
                        .where(ALERTS.ORGANIZATION.eq(organization))
                        .orderBy(ALERTS.ID)
                        .fetch(),
                hourSums(organization),
                windowSums(organization));
    }

    private static long bookedThrough(String organization) {
        return dsl.fetchSingle(BOOKS, BOOKS.ORGANIZATION.eq(organization)).getBookedThrough();
    }

    private static String openedBook(String organization) {
        dsl.insertInto(ORGANIZATIONS, ORGANIZATIONS.NAME).values(organization).execute();
        Routines.openBook(dsl.configuration(), organization, 0L);
        return organization;
    }

    private static BookEntriesRecord book(String organization, long epoch, List<Entry> entries) {
        var json = entries.stream().map(Entry::toJson).collect(Collectors.joining(",", "[", "]"));
        return bookJson(organization, epoch, TERM, json);
    }

    private static BookEntriesRecord bookJson(
            String organization, long epoch, long term, String entries) {
        return Routines.bookEntries(
                        dsl.configuration(), organization, epoch, term, JSON.valueOf(entries))
                .getFirst();
    }

    private static void assertRefused(Runnable booking, String state) {
        assertThatThrownBy(booking::run)
                .isInstanceOfSatisfying(
                        DataAccessException.class,
                        refused -> assertThat(refused.sqlState()).isEqualTo(state));
    }
}
