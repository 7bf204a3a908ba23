package dev.tollgate.loadtest.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Difference.Kind;
import dev.tollgate.loadtest.provider.BillLine.Outcome;
import dev.tollgate.loadtest.provider.TokenClasses;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CheckerTest {

    private final Books books = Books.agreeing();

    @Test
    void finds_nothing_in_books_that_agree() {
        var report = books.check();

        assertThat(report.differences()).isEmpty();
        assertThat(report)
                .hasToString(
                        "3 bill lines, 3 ledger rows (0 estimated), 1 counters: 0 differences");
    }

    @Test
    void finds_a_missing_row() {
        books.rows.remove(1);

        assertThat(kinds(books)).contains(Kind.MISSING_ROW, Kind.COUNTER, Kind.ROLL_UP);
        assertThat(books.check().differences().getFirst().where())
                .isEqualTo("request gateway-2 call 2");
    }

    @Test
    void finds_a_doubled_row_under_another_id() {
        var row = books.rows.get(1);
        books.rows.add(Books.with(row, "other", "provider", row.tokens(), row.costNanoUsd()));

        assertThat(kinds(books)).contains(Kind.DOUBLED_ROW, Kind.COUNTER);
    }

    @Test
    void finds_a_row_listed_twice() {
        books.rows.add(books.rows.get(1));

        assertThat(kinds(books)).contains(Kind.DOUBLED_ROW);
    }

    @Test
    void finds_a_row_no_provider_knows_of() {
        var stranger = Books.row(Books.line(9, TokenClasses.of(10, 10)));
        books.rows.add(stranger);

        assertThat(kinds(books)).contains(Kind.UNBILLED_ROW);
    }

    @Test
    void takes_an_orphan_no_provider_knows_of_only_after_a_kill() {
        var line = Books.line(9, TokenClasses.of(10, 10));
        var row = Books.row(line);
        books.rows.add(Books.with(row, row.id(), "orphan", row.tokens(), row.costNanoUsd()));
        books.counters.clear();
        books.rollUps.clear();

        assertThat(books.check(Checker.tolerant()).differences()).isEmpty();
        assertThat(kinds(books)).contains(Kind.UNBILLED_ROW);
    }

    @ParameterizedTest
    @MethodSource("tokensOffByOne")
    void finds_one_token_too_many_in_any_class(TokenClasses tokens) {
        books.spoilRow(0, row -> Books.with(row, "row-1", "provider", tokens, row.costNanoUsd()));

        assertThat(books.check().differences())
                .filteredOn(difference -> difference.kind() == Kind.TOKENS)
                .hasSize(1);
    }

    static Stream<TokenClasses> tokensOffByOne() {
        return Stream.of(
                new TokenClasses(101, 10, 5, 3, 40, 7),
                new TokenClasses(100, 11, 5, 3, 40, 7),
                new TokenClasses(100, 10, 4, 3, 40, 7),
                new TokenClasses(100, 10, 5, 2, 40, 7),
                new TokenClasses(100, 10, 5, 3, 39, 7),
                new TokenClasses(100, 10, 5, 3, 40, 8));
    }

    @Test
    void finds_one_nano_dollar() {
        books.spoilRow(
                2,
                row -> Books.with(row, "row-3", "provider", row.tokens(), row.costNanoUsd() + 1));

        assertThat(kinds(books)).containsOnly(Kind.COST, Kind.COUNTER, Kind.ROLL_UP);
    }

    @ParameterizedTest
    @MethodSource("counterDrift")
    void finds_a_counter_that_drifted(Amounts drift, String field) {
        var counter = books.counters.getFirst();
        books.counters.set(
                0,
                new Counter(
                        "daily", "u1", Books.WINDOW, counter.posted().plus(drift), Amounts.NONE));

        assertThat(books.check().differences())
                .singleElement()
                .matches(difference -> difference.kind() == Kind.COUNTER)
                .matches(difference -> difference.where().endsWith(field));
    }

    static Stream<Arguments> counterDrift() {
        return Stream.of(
                Arguments.of(new Amounts(1, 0, 0, 0), "requests"),
                Arguments.of(new Amounts(0, -1, 0, 0), "input_tokens"),
                Arguments.of(new Amounts(0, 0, 1, 0), "output_tokens"),
                Arguments.of(new Amounts(0, 0, 0, -1), "cost"));
    }

    @Test
    void finds_a_request_counted_twice() {
        var second = Books.renamed(books.bill.get(1), "gateway-1");
        books.bill.set(1, second);
        books.rows.set(1, Books.row(second));

        assertThat(kinds(books)).containsOnly(Kind.TOTALS);
    }

    @Test
    void a_cache_hit_counts_its_request_and_no_tokens() {
        var row = books.rows.getFirst();
        books.rows.add(
                new LedgerRow(
                        "hit",
                        "gateway-hit",
                        1,
                        "cache_hit",
                        "",
                        row.model(),
                        row.user(),
                        1,
                        row.tokens(),
                        row.inputTotal(),
                        row.outputTotal(),
                        0,
                        "",
                        "ok",
                        "",
                        row.charges()));
        var one = new Amounts(1, 0, 0, 0);
        var counter = books.counters.getFirst();
        books.counters.set(
                0,
                new Counter("daily", "u1", Books.WINDOW, counter.posted().plus(one), Amounts.NONE));
        books.rollUps.add(new RollUp(row.model(), row.user(), one));

        assertThat(books.check().differences()).isEmpty();
    }

    @Test
    void finds_what_is_still_held() {
        var counter = books.counters.getFirst();
        books.counters.set(
                0,
                new Counter(
                        "daily", "u1", Books.WINDOW, counter.posted(), new Amounts(0, 0, 500, 0)));

        assertThat(kinds(books)).containsOnly(Kind.HELD);
    }

    @Test
    void finds_a_charged_subject_without_a_counter() {
        books.counters.set(0, new Counter("daily", "u2", Books.WINDOW, Amounts.NONE, Amounts.NONE));

        assertThat(kinds(books)).containsOnly(Kind.COUNTER);
    }

    @Test
    void leaves_other_windows_out_of_a_counter() {
        books.counters.set(
                0, new Counter("daily", "u1", "2026-11-21T00:00:00Z", Amounts.NONE, Amounts.NONE));

        assertThat(books.check().differences()).isEmpty();
    }

    @Test
    void finds_a_roll_up_that_drifted() {
        var rollUp = books.rollUps.getFirst();
        books.rollUps.set(
                0,
                new RollUp(
                        rollUp.model(),
                        rollUp.user(),
                        rollUp.amounts().plus(new Amounts(0, 0, 0, 1))));

        assertThat(kinds(books)).containsOnly(Kind.ROLL_UP);
    }

    @Test
    void finds_an_estimate_where_the_provider_told_its_usage() {
        books.spoilRow(
                0, row -> Books.with(row, "row-1", "estimated", row.tokens(), row.costNanoUsd()));

        assertThat(kinds(books)).containsOnly(Kind.USAGE_SOURCE);
        assertThat(books.check(Checker.tolerant()).differences()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            names = {"CANCELLED", "FAILED"})
    void allows_estimates_where_the_call_broke(Outcome outcome) {
        books.bill.set(0, Books.ended(books.bill.get(0), outcome, false));
        estimateFirstRow(new TokenClasses(90, 0, 0, 0, 33, 0), 255_000);

        var report = books.check();

        assertThat(report.differences()).isEmpty();
        assertThat(report.estimated()).isEqualTo(1);
    }

    @Test
    void allows_an_estimate_where_usage_was_withheld() {
        books.bill.set(0, Books.ended(books.bill.get(0), Outcome.COMPLETE, false));
        estimateFirstRow(new TokenClasses(90, 0, 0, 0, 33, 0), 255_000);

        assertThat(books.check().differences()).isEmpty();
    }

    @Test
    void finds_a_cancelled_call_booked_for_nothing() {
        books.bill.set(0, Books.ended(books.bill.get(0), Outcome.CANCELLED, false));
        estimateFirstRow(TokenClasses.NONE, 0);

        assertThat(kinds(books)).containsOnly(Kind.FREE_TOKENS);
    }

    @Test
    void wants_rows_for_failed_calls_only_when_told() {
        books.bill.add(Books.ended(Books.line(7, TokenClasses.of(5, 5)), Outcome.FAILED, false));

        assertThat(books.check().differences()).isEmpty();
        assertThat(books.check(new Checker(false, true, Checker.OrphanMax.ANY)).differences())
                .singleElement()
                .matches(difference -> difference.kind() == Kind.MISSING_ROW);
    }

    @Test
    void pairs_attempts_of_one_request_by_the_providers_id_whatever_their_order() {
        var first = books.bill.get(0);
        var second = books.bill.get(1);
        books.bill.set(1, Books.renamed(second, first.gatewayRequestId()));
        var row = Books.row(books.bill.get(1));
        books.rows.set(1, Books.with(row, "row-2", "provider", row.tokens(), row.costNanoUsd()));
        books.rows.add(books.rows.removeFirst());

        assertThat(kinds(books)).doesNotContain(Kind.TOKENS, Kind.COST, Kind.MISSING_ROW);
    }

    @Test
    void adds_a_correction_to_the_row_it_names() {
        var row = books.rows.getFirst();
        var short_ = Books.with(row, "row-1", "orphan", TokenClasses.of(100, 0), 100_000);
        books.rows.set(0, short_);
        var missing = new TokenClasses(0, 10, 5, 3, 40, 7);
        books.rows.add(
                new LedgerRow(
                        "row-1c",
                        row.requestId(),
                        1,
                        "correction",
                        "row-1",
                        row.model(),
                        row.user(),
                        0,
                        missing,
                        missing.input(),
                        missing.output(),
                        row.costNanoUsd() - 100_000,
                        "provider",
                        "complete",
                        "",
                        row.charges()));

        assertThat(books.check().differences()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "110, 39, 1, false",
        "110, 40, 1, true",
        "120, 60, 1, true",
        "120, 61, 1, false",
        "121, 60, 1, false"
    })
    void wants_orphans_between_what_was_billed_and_what_was_held(
            long input, long output, long cost, boolean allowed) {
        var line = Books.ended(books.bill.get(0), Outcome.CANCELLED, false);
        books.bill.set(0, line);
        var row = books.rows.getFirst();
        books.rows.set(
                0,
                Books.with(
                        row,
                        "row-1",
                        "orphan",
                        new TokenClasses(input, 0, 0, 0, output, 0),
                        line.costNanoUsd() + cost));
        books.counters.clear();
        books.rollUps.clear();

        var differences = books.check(Checker.tolerant().withOrphansUpTo(120, 60)).differences();

        assertThat(differences.isEmpty()).isEqualTo(allowed);
        assertThat(differences).allMatch(difference -> difference.kind() == Kind.ORPHAN);
    }

    @Test
    void finds_a_total_that_is_not_the_sum_of_its_classes() {
        books.spoilRow(
                0,
                row ->
                        new LedgerRow(
                                row.id(),
                                row.requestId(),
                                1,
                                row.kind(),
                                "",
                                row.model(),
                                row.user(),
                                row.requests(),
                                row.tokens(),
                                row.inputTotal() - 1,
                                row.outputTotal(),
                                row.costNanoUsd(),
                                row.usageSource(),
                                row.status(),
                                row.providerRequestId(),
                                row.charges()));

        assertThat(kinds(books)).containsOnly(Kind.TOTALS);
    }

    private void estimateFirstRow(TokenClasses tokens, long cost) {
        var row = books.rows.getFirst();
        books.rows.set(0, Books.with(row, "row-1", "estimated", tokens, cost));
        books.counters.clear();
        books.rollUps.clear();
    }

    private static List<Kind> kinds(Books books) {
        return books.check().differences().stream().map(Difference::kind).distinct().toList();
    }
}
