package dev.tollgate.admin;

import static dev.tollgate.schema.jooq.Tables.AUDIT;
import static dev.tollgate.schema.jooq.Tables.USAGE_HOURLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.admin.QuotaControl.Live;
import dev.tollgate.admin.QuotaControl.LiveCounter;
import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.CounterKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReconciliationIT {

    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private final AdminServer server = AdminServer.running();
    private final String organization = server.organization();
    private final AdminClient client = server.client(organization);
    private final Rows rows = new Rows(server, organization);

    @AfterEach
    void forget() {
        server.node.quota = QuotaControl.NONE;
    }

    @Test
    void a_ledger_and_its_sums_agree() {
        rows.book(rows.attempt(NOON));

        var found = client.get("reconciliation").expect(200).json();

        assertThat(found.getInteger("drifts")).isZero();
        assertThat(found.getInteger("hours_compared")).isEqualTo(1);
        assertThat(found.getValue("compared_from")).isNull();
        assertThat(found.getValue("counters_compared")).isNull();
        assertThat(found.getBoolean("repaired")).isFalse();
    }

    @Test
    void drift_is_told_and_mended_once_and_audited() {
        rows.book(rows.attempt(NOON).put("team", "growth"));
        falsify();
        var quota = new FakeQuota();
        server.node.quota = quota;

        var told = client.get("reconciliation").expect(200).json();
        var compared = client.post("reconciliation", "{\"repair\": false}").expect(200).json();
        assertThat(quota.reseeded).isEmpty();
        var mended = client.post("reconciliation", "{\"repair\": true}").expect(200).json();
        var after = client.get("reconciliation").expect(200).json();

        var item = told.getJsonArray("items").getJsonObject(0);
        assertThat(told.getInteger("drifts")).isEqualTo(1);
        assertThat(item.getString("what")).isEqualTo("usage_hourly");
        assertThat(item.getString("measure")).isEqualTo("output_tokens");
        assertThat(item.getJsonObject("key").getString("team")).isEqualTo("growth");
        assertThat(item.getInteger("expected")).isEqualTo(20);
        assertThat(item.getInteger("found")).isEqualTo(25);
        assertThat(item.getInteger("difference")).isEqualTo(5);
        assertThat(compared.getJsonArray("items")).isEqualTo(told.getJsonArray("items"));
        assertThat(mended.getJsonArray("items")).isEqualTo(told.getJsonArray("items"));
        assertThat(mended.getBoolean("repaired")).isTrue();
        assertThat(mended.getBoolean("reseeded")).isTrue();
        assertThat(quota.reseeded).containsExactly(organization);
        assertThat(after.getInteger("drifts")).isZero();
        assertThat(
                        server.database()
                                .fetchCount(
                                        AUDIT,
                                        AUDIT.ORGANIZATION.eq(organization),
                                        AUDIT.ACTION.eq("repair")))
                .isEqualTo(1);
    }

    @Test
    void a_repair_whose_book_does_not_answer_says_so() {
        rows.book(rows.attempt(NOON));
        falsify();
        var quota = new FakeQuota();
        quota.failing = true;
        server.node.quota = quota;

        var refused = client.post("reconciliation", "{\"repair\": true}").expect(503);

        assertThat(refused.problem()).isEqualTo("not-reseeded");
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(client.get("reconciliation").json().getInteger("drifts")).isZero();
    }

    @Test
    void live_counters_are_what_is_booked_and_what_is_not_yet() {
        var budget =
                client.put("budgets/daily", "{\"period\":\"day\",\"limits\":{\"requests\":5}}")
                        .expect(201)
                        .json()
                        .getString("id");
        var charge =
                new JsonObject()
                        .put("budget", budget)
                        .put("subject", "")
                        .put("window_start", NOON.getEpochSecond());
        rows.book(rows.attempt(NOON).put("charges", new JsonArray().add(charge)));
        var key = new CounterKey(UUID.fromString(budget), "", NOON.getEpochSecond());
        var quota = new FakeQuota();
        server.node.quota = quota;
        quota.live =
                new Live(
                        1,
                        1,
                        List.of(
                                new LiveCounter(
                                        key,
                                        new Amounts(2, 15, 29, 1500),
                                        new Amounts(1, 5, 10, 0))));

        var found = client.get("reconciliation").expect(200).json();

        assertThat(found.getInteger("counters_compared")).isEqualTo(1);
        assertThat(found.getInteger("drifts")).isEqualTo(1);
        var item = found.getJsonArray("items").getJsonObject(0);
        assertThat(item.getString("what")).isEqualTo("counters");
        assertThat(item.getJsonObject("key").getString("budget")).isEqualTo("daily");
        assertThat(item.getString("measure")).isEqualTo("output_tokens");
        assertThat(item.getInteger("difference")).isEqualTo(-1);
        quota.live = new Live(1, 7, quota.live.counters());
        var moving = client.get("reconciliation").expect(200).json();
        assertThat(moving.getInteger("drifts")).isZero();
        assertThat(moving.getInteger("counters_left_out")).isEqualTo(1);
    }

    @Test
    void what_began_earlier_is_left_out() {
        rows.book(rows.attempt(NOON));
        rows.book(rows.attempt(NOON.plusSeconds(7200)));
        falsify();

        var found = client.get("reconciliation?from=2026-11-20T13:10:00Z").expect(200).json();

        assertThat(found.getString("compared_from")).isEqualTo("2026-11-20T13:00:00Z");
        assertThat(found.getInteger("hours_compared")).isEqualTo(1);
        assertThat(found.getInteger("hours_left_out")).isEqualTo(1);
        assertThat(found.getInteger("drifts")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                   | repair
                    {"repair": "yes"}                    | repair
                    {"repair": true, "from": "noon"}     | from
                    {"repair": true, "from": 7}          | from
                    {"repair": true, "color": "red"}     | color
                    []                                   | body
                    """)
    void what_is_wrong_is_named(String body, String field) {
        var refused = client.post("reconciliation", body).expect(400);

        assertThat(refused.problem()).isEqualTo("invalid-request");
        assertThat(refused.faults()).anyMatch(fault -> fault.startsWith(field + " | "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"from=noon", "color=red", "repair=true"})
    void wrong_parameters_are_refused(String query) {
        client.get("reconciliation?" + query).expect(400);
    }

    @Test
    void an_organization_that_is_none_has_nothing_to_compare() {
        var nobody = server.client("nobody");

        nobody.get("reconciliation").expect(404);
        nobody.post("reconciliation", "{\"repair\": true}").expect(404);
    }

    private void falsify() {
        server.database()
                .update(USAGE_HOURLY)
                .set(USAGE_HOURLY.OUTPUT_TOKENS, USAGE_HOURLY.OUTPUT_TOKENS.plus(5))
                .where(USAGE_HOURLY.ORGANIZATION.eq(organization))
                .execute();
    }

    private static final class FakeQuota implements QuotaControl {
        final List<String> reseeded = new ArrayList<>();
        volatile Live live = new Live(0, 0, List.of());
        volatile boolean failing;

        @Override
        public Optional<Live> counters(String organization, List<CounterKey> keys) {
            return Optional.of(live);
        }

        @Override
        public boolean reseed(String organization) {
            if (failing) {
                throw new IllegalStateException("the book did not answer");
            }
            reseeded.add(organization);
            return true;
        }
    }
}
