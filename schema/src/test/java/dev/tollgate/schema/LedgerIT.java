package dev.tollgate.schema;

import static dev.tollgate.schema.jooq.Tables.BUDGETS;
import static dev.tollgate.schema.jooq.Tables.BUDGET_WINDOWS;
import static dev.tollgate.schema.jooq.Tables.LEDGER;
import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;
import static dev.tollgate.schema.jooq.Tables.USAGE_HOURLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.schema.jooq.Routines;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jooq.JSONB;
import org.jooq.Result;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerIT {

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

    @Test
    void a_row_goes_to_the_partition_of_the_month_in_its_id() {
        var organization = openedBook("routing");
        var now =
                dsl.fetchSingle(
                        "select uuidv7() as id, to_char(now() at time zone 'UTC', 'YYYY_MM') as"
                                + " month");
        var entry = new RandomEntries(1).next();

        book(
                organization,
                entry.toJson().replace(entry.id().toString(), now.get("id", String.class)));

        assertThat(partitions(organization)).containsExactly("ledger_" + now.get("month"));
    }

    @Test
    void rows_of_a_month_without_partition_are_kept_and_move_when_it_gets_one() {
        var organization = openedBook("late");
        var entries = new RandomEntries(2).next(300);
        book(organization, entries.stream().map(Entry::toJson).collect(Collectors.joining(",")));
        assertThat(partitions(organization)).containsExactly("ledger_default");
        var before = rows(organization);

        dsl.execute("select create_ledger_partition('2026-03-15Z')");

        assertThat(partitions(organization)).containsExactly("ledger_2026_03", "ledger_default");
        assertThat(rows(organization)).isEqualTo(before);
        assertThat(
                        dsl.fetchValue(
                                "select count(*) from ledger_2026_03 where occurred_at >="
                                        + " '2026-04-01Z' or occurred_at < '2026-03-01Z'"))
                .isEqualTo(0L);
    }

    @Test
    void partitions_are_ready_for_this_month_and_the_next_two_and_more_on_demand() {
        assertThat(Routines.createLedgerPartitions(dsl.configuration(), 2)).isZero();
        assertThat(Routines.createLedgerPartitions(dsl.configuration(), 4)).isEqualTo(2);

        var month =
                OffsetDateTime.now(ZoneOffset.UTC)
                        .plusMonths(4)
                        .format(DateTimeFormatter.ofPattern("yyyy_MM"));
        assertThat(dsl.fetchValue("select to_regclass(?)::text", "ledger_" + month))
                .isEqualTo("ledger_" + month);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update ledger set cost_nano_usd = 0",
                "update ledger_default set cost_nano_usd = 0",
                "delete from ledger",
                "delete from ledger_default",
                "truncate ledger",
                "truncate ledger_default",
                "update audit set actor = 'nobody'",
                "delete from audit",
                "truncate audit"
            })
    void what_was_written_cannot_be_changed(String change) {
        var organization = openedBook(change);
        book(organization, new RandomEntries(3).next().toJson());
        dsl.execute(
                "insert into audit (actor, action, resource_type, resource_name) values ('a',"
                        + " 'create', 'key', 'k')");

        assertThatThrownBy(() -> dsl.execute(change))
                .isInstanceOfSatisfying(
                        DataAccessException.class,
                        refused -> assertThat(refused.sqlState()).isEqualTo(SqlState.APPEND_ONLY));
    }

    @Test
    void erasing_cannot_be_used_to_change_amounts() {
        var organization = openedBook("forged erasure");
        book(organization, new RandomEntries(4).next().toJson());

        assertThatThrownBy(() ->
                        dsl.transaction(forged -> {
                            forged.dsl().execute("set local tollgate.erasing = 'on'");
                            forged.dsl().execute("update ledger set output_tokens = 0");
                        }))
                .hasMessageContaining("ledger is append-only");
    }

    @Test
    void an_erased_end_user_is_nowhere_and_no_sum_changes() {
        var organization = openedBook("erasure");
        var entries = new RandomEntries(5).next(200);
        var perEndUser =
                entries.stream()
                        .flatMap(entry -> entry.charges().stream())
                        .findFirst()
                        .orElseThrow()
                        .budget();
        dsl.insertInto(BUDGETS, BUDGETS.ID, BUDGETS.ORGANIZATION, BUDGETS.NAME, BUDGETS.DEFINITION)
                .values(perEndUser, organization, "each", JSONB.valueOf("{\"per\": \"end_user\"}"))
                .execute();
        book(organization, entries.stream().map(Entry::toJson).collect(Collectors.joining(",")));
        var sums = sums(organization);

        var pseudonym = Routines.eraseEndUser(dsl.configuration(), organization, "u1");

        assertThat(sums(organization)).isEqualTo(sums);
        assertThat(
                        dsl.fetchCount(
                                LEDGER,
                                LEDGER.ORGANIZATION.eq(organization),
                                LEDGER.END_USER.eq("u1")))
                .isZero();
        assertThat(
                        dsl.fetchCount(
                                LEDGER,
                                LEDGER.ORGANIZATION.eq(organization),
                                LEDGER.END_USER.eq(pseudonym)))
                .isEqualTo(
                        (int)
                                entries.stream()
                                        .filter(entry -> entry.endUser().equals("u1"))
                                        .count());
        assertThat(
                        dsl.fetchCount(
                                USAGE_HOURLY,
                                USAGE_HOURLY.ORGANIZATION.eq(organization),
                                USAGE_HOURLY.END_USER.eq("u1")))
                .isZero();
        assertThat(
                        dsl.fetchCount(
                                BUDGET_WINDOWS,
                                BUDGET_WINDOWS.BUDGET_ID.eq(perEndUser),
                                BUDGET_WINDOWS.SUBJECT.eq("u1")))
                .isZero();
    }

    private static Result<?> sums(String organization) {
        return dsl.fetch(
                """
                select (select sum(cost_nano_usd) from ledger where organization = o),
                  (select sum(output_tokens) from ledger where organization = o),
                  (select count(*) from usage_hourly where organization = o),
                  (select sum(cost_nano_usd) from usage_hourly where organization = o),
                  (select count(*) from budget_windows where organization = o),
                  (select sum(total_tokens) from budget_windows where organization = o)
                from (values (?)) as asked (o)
                """,
                organization);
    }

    private static Result<?> rows(String organization) {
        return dsl.selectFrom(LEDGER)
                .where(LEDGER.ORGANIZATION.eq(organization))
                .orderBy(LEDGER.ID)
                .fetch();
    }

    private static List<String> partitions(String organization) {
        return dsl.fetch(
                        "select distinct tableoid::regclass::text from ledger where organization ="
                                + " ? order by 1",
                        organization)
                .getValues(0, String.class);
    }

    private static String openedBook(String organization) {
        dsl.insertInto(ORGANIZATIONS, ORGANIZATIONS.NAME).values(organization).execute();
        Routines.openBook(dsl.configuration(), organization, 0L);
        return organization;
    }

    private static void book(String organization, String entries) {
        Routines.bookEntries(
                dsl.configuration(), organization, 1L, 0L, JSON.valueOf("[" + entries + "]"));
    }
}
