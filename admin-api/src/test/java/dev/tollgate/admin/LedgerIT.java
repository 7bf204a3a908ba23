package dev.tollgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LedgerIT {

    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private final AdminServer server = AdminServer.running();
    private final String organization = server.organization();
    private final AdminClient client = server.client(organization);
    private final Rows rows = new Rows(server, organization);

    @Test
    void an_entry_whose_model_was_never_learnt_is_of_the_model_asked_for() {
        var orphan = rows.attempt(NOON).put("usage_source", "orphan");
        orphan.remove("served_model");
        rows.book(orphan);

        var entry = client.get("ledger").expect(200).items().getFirst();

        assertThat(entry.getString("model")).isEqualTo("gpt-5");
    }

    @Test
    void an_entry_has_its_totals_cost_and_charges() {
        var budget =
                client.put("budgets/daily", "{\"period\":\"day\",\"limits\":{\"requests\":5}}")
                        .expect(201)
                        .json();
        var charge =
                new JsonObject()
                        .put("budget", budget.getString("id"))
                        .put("subject", "")
                        .put("window_start", NOON.getEpochSecond());
        rows.book(
                rows.attempt(NOON)
                        .put("team", "t1")
                        .put("user_name", "u1")
                        .put("key_id", "k1")
                        .put("tags", new JsonObject().put("env", "test"))
                        .put("charges", new JsonArray().add(charge)));

        var entry = client.get("ledger").expect(200).items().getFirst();

        assertThat(entry.getInteger("input_tokens")).isEqualTo(10);
        assertThat(entry.getInteger("output_tokens")).isEqualTo(20);
        assertThat(entry.getString("cost_usd")).isEqualTo("0.0000015");
        assertThat(entry.getInteger("cost_nano_usd")).isEqualTo(1500);
        assertThat(entry.getString("user")).isEqualTo("u1");
        assertThat(entry.getString("key")).isEqualTo("k1");
        assertThat(entry.getString("model")).isEqualTo("gpt-5-2026-01-01");
        assertThat(entry.getDouble("duration_ms")).isEqualTo(1.5);
        assertThat(entry.getJsonObject("tags").getString("env")).isEqualTo("test");
        assertThat(entry.getJsonArray("charges").getJsonObject(0).getString("budget"))
                .isEqualTo("daily");
        assertThat(entry.getJsonArray("charges").getJsonObject(0).getString("window_start"))
                .isEqualTo("2026-11-20T12:00:00Z");
    }

    @Test
    void an_unpriced_entry_has_no_cost_and_a_free_one_has_zero() {
        rows.book(rows.attempt(NOON).putNull("cost_nano_usd"));
        rows.book(rows.attempt(NOON.plusSeconds(1)).put("cost_nano_usd", 0));

        var items = client.get("ledger").expect(200).items();

        assertThat(items.get(0).getString("cost_usd")).isEqualTo("0.00");
        assertThat(items.get(1).getString("cost_usd")).isNull();
    }

    @Test
    void a_correction_names_what_it_corrects_and_may_be_negative() {
        var truth = rows.attempt(NOON);
        var orphan =
                truth.copy()
                        .put("usage_source", "orphan")
                        .put("status", "orphan")
                        .put("output_tokens", 100)
                        .put("uncached_input_tokens", 50)
                        .put("cost_nano_usd", 9000);
        rows.book(orphan);
        rows.book(truth);

        var request = client.get("requests/" + truth.getString("request_id")).expect(200).json();

        assertThat(request.getInteger("output_tokens")).isEqualTo(20);
        assertThat(request.getInteger("input_tokens")).isEqualTo(10);
        assertThat(request.getString("cost_usd")).isEqualTo("0.0000015");
        var entries = request.getJsonArray("entries");
        assertThat(entries).hasSize(2);
        var correction =
                entries.stream()
                        .map(JsonObject.class::cast)
                        .filter(entry -> entry.getString("kind").equals("correction"))
                        .findFirst()
                        .orElseThrow();
        assertThat(correction.getString("corrects")).isEqualTo(truth.getString("id"));
        assertThat(correction.getInteger("input_tokens")).isEqualTo(-46);
        assertThat(correction.getInteger("output_tokens")).isEqualTo(-80);
        assertThat(correction.getString("cost_usd")).isEqualTo("-0.0000075");
        assertThat(correction.getValue("price_version")).isNull();
        assertThat(client.get("ledger").expect(200).items()).hasSize(2);
    }

    @Test
    void pages_are_newest_first_and_stable_while_entries_are_added() {
        var ids = new ArrayList<String>();
        for (var second = 0; second < 7; second++) {
            ids.addFirst(rows.book(rows.attempt(NOON.plusSeconds(second))).getString("id"));
        }
        var read = new ArrayList<String>();

        var page = client.get("ledger?limit=3").expect(200);
        while (true) {
            page.items().forEach(item -> read.add(item.getString("id")));
            rows.book(rows.attempt(NOON.plusSeconds(100 + read.size())));
            var next = page.json().getString("next");
            if (next == null) {
                break;
            }
            page = client.get("ledger?limit=3&cursor=" + next).expect(200);
        }

        assertThat(read).isEqualTo(ids);
    }

    @Test
    void filters_narrow_it() {
        rows.book(rows.attempt(NOON).put("team", "a").put("key_id", "k1").put("user_name", "u1"));
        rows.book(
                rows.attempt(NOON.plusSeconds(60))
                        .put("team", "b")
                        .put("end_user", "e")
                        .put("requested_model", "claude%_x"));
        var request = rows.book(rows.attempt(NOON.plusSeconds(120))).getString("request_id");

        assertThat(count("team=a")).isEqualTo(1);
        assertThat(count("key=k1")).isEqualTo(1);
        assertThat(count("user=u1")).isEqualTo(1);
        assertThat(count("end_user=e")).isEqualTo(1);
        assertThat(count("model=gpt-5-2026-01-01")).isEqualTo(3);
        assertThat(count("model=gpt-5")).isEqualTo(2);
        assertThat(count("model=gpt-*")).isEqualTo(3);
        assertThat(count("model=claude%25_*")).isEqualTo(1);
        assertThat(count("model=claude_*")).isZero();
        assertThat(count("model=%25")).isZero();
        assertThat(count("request_id=" + request)).isEqualTo(1);
        assertThat(count("from=2026-11-20T12:00:30Z")).isEqualTo(2);
        assertThat(count("to=2026-11-20T12:01:00Z")).isEqualTo(1);
        assertThat(count("from=2026-11-20&to=2026-11-21")).isEqualTo(3);
        assertThat(count("from=2026-11-21")).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    cursor=nonsense          | cursor
                    cursor=eyJsIjoiYSJ9      | cursor
                    limit=0                  | limit
                    limit=1001               | limit
                    limit=many               | limit
                    limit=5&limit=6          | limit
                    from=yesterday           | from
                    to=2026-02-30            | to
                    from=-9999-01-01         | from
                    request_id=7             | request_id
                    color=red                | color
                    Limit=5                  | Limit
                    team=                    | team
                    """)
    void wrong_parameters_are_named(String query, String parameter) {
        assertThat(client.get("ledger?" + query).expect(400).faults())
                .singleElement()
                .asString()
                .startsWith(parameter + " | ");
    }

    @Test
    void a_cursor_of_another_list_is_refused() {
        client.put("budgets/a", "{\"period\":\"day\",\"limits\":{\"requests\":5}}").expect(201);
        client.put("budgets/b", "{\"period\":\"day\",\"limits\":{\"requests\":5}}").expect(201);
        var next = client.get("budgets?limit=1").json().getString("next");

        assertThat(client.get("ledger?cursor=" + next).expect(400).faults()).hasSize(1);
    }

    @Test
    void a_request_tells_all_its_attempts() {
        var first = rows.attempt(NOON).put("status", "upstream_failed").put("output_tokens", 0);
        rows.book(first);
        rows.book(
                rows.attempt(NOON.plusSeconds(1))
                        .put("request_id", first.getString("request_id"))
                        .put("attempt", 2)
                        .put("requests", 0));

        var story = client.get("requests/" + first.getString("request_id")).expect(200).json();

        assertThat(story.getJsonArray("entries")).hasSize(2);
        assertThat(story.getInteger("input_tokens")).isEqualTo(20);
        assertThat(story.getInteger("output_tokens")).isEqualTo(20);
        assertThat(story.getString("cost_usd")).isEqualTo("0.000003");
        client.get("requests/" + UUID.randomUUID()).expect(404);
        server.client(server.organization())
                .get("requests/" + first.getString("request_id"))
                .expect(404);
    }

    @Test
    void entries_of_another_organization_are_not_there() {
        rows.book(rows.attempt(NOON));

        assertThat(server.client(server.organization()).get("ledger").expect(200).items())
                .isEqualTo(List.of());
        server.client("nowhere").get("ledger").expect(404);
    }

    private int count(String query) {
        return client.get("ledger?" + query).expect(200).items().size();
    }
}
