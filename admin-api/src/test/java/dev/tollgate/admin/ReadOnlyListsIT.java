package dev.tollgate.admin;

import static dev.tollgate.schema.jooq.Tables.ALERTS;
import static dev.tollgate.schema.jooq.Tables.MODELS;
import static dev.tollgate.schema.jooq.Tables.PRICES;
import static dev.tollgate.schema.jooq.Tables.PROVIDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.admin.json.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadOnlyListsIT {

    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private final AdminServer server = AdminServer.running();
    private final String organization = server.organization();
    private final AdminClient client = server.client(organization);

    @Test
    void alerts_are_newest_first_and_name_their_budget() {
        var budget =
                client.put("budgets/daily", "{\"period\":\"day\",\"limits\":{\"requests\":5}}")
                        .expect(201)
                        .json()
                        .getString("id");
        alert(budget, "requests", 800, NOON);
        alert(budget, "cost_usd", 1000, NOON.plusSeconds(1));
        alert(budget, "requests", 1000, NOON.plusSeconds(1));

        var alerts = all("alerts?limit=2", "at");

        var newest = client.get("alerts").expect(200).items();
        assertThat(alerts).containsExactlyInAnyOrder("1", "1", "0.8").last().isEqualTo("0.8");
        assertThat(newest.getLast().getString("budget")).isEqualTo("daily");
        assertThat(newest.getLast().getInteger("limit")).isEqualTo(5_000_000);
        assertThat(newest)
                .filteredOn(item -> item.getString("measure").equals("cost_usd"))
                .singleElement()
                .extracting(item -> item.getValue("limit"))
                .isEqualTo("0.005");
    }

    @Test
    void alerts_are_filtered_by_budget_subject_and_time() {
        var budget =
                client.put("budgets/daily", "{\"period\":\"day\",\"limits\":{\"requests\":5}}")
                        .expect(201)
                        .json()
                        .getString("id");
        alert(budget, "requests", 800, NOON);
        alert(budget, "requests", 1000, NOON.plusSeconds(60));
        alert(UUID.randomUUID().toString(), "requests", 1000, NOON.plusSeconds(120));

        assertThat(client.get("alerts?budget=daily").expect(200).items()).hasSize(2);
        assertThat(client.get("alerts?budget=" + budget).expect(200).items()).hasSize(2);
        assertThat(client.get("alerts?budget=weekly").expect(200).items()).isEmpty();
        assertThat(client.get("alerts?subject=").expect(200).items()).hasSize(3);
        assertThat(client.get("alerts?subject=u1").expect(200).items()).isEmpty();
        assertThat(client.get("alerts?from=2026-11-20T12:01:00Z").expect(200).items()).hasSize(2);
        assertThat(client.get("alerts?to=2026-11-20T12:01:00Z").expect(200).items()).hasSize(1);
        assertThat(all("alerts?budget=daily&from=2026-11-20&limit=1", "at"))
                .containsExactly("1", "0.8");
        client.get("alerts?from=noon").expect(400);
        client.get("alerts?budget=").expect(400);
    }

    @Test
    void providers_models_and_prices_are_listed() {
        var name = "provider-" + organization;
        server.database()
                .insertInto(PROVIDERS)
                .set(PROVIDERS.NAME, name)
                .set(PROVIDERS.TYPE, "openai")
                .set(PROVIDERS.BASE_URL, "https://example.com/v1")
                .set(PROVIDERS.CREDENTIAL_SOURCE, "env:EXAMPLE")
                .execute();
        server.database()
                .insertInto(MODELS)
                .set(MODELS.PROVIDER, name)
                .set(MODELS.NAME, "m1")
                .set(MODELS.UPSTREAM_MODEL, "m1")
                .set(MODELS.DIALECT, "openai")
                .execute();
        server.database()
                .insertInto(PRICES)
                .set(PRICES.PROVIDER_TYPE, "openai")
                .set(PRICES.MODEL, name)
                .set(PRICES.VERSION, 1)
                .set(PRICES.UNCACHED_INPUT_PICO, 1L)
                .set(PRICES.CACHE_READ_PICO, 1L)
                .set(PRICES.CACHE_WRITE_5M_PICO, 1L)
                .set(PRICES.CACHE_WRITE_1H_PICO, 1L)
                .set(PRICES.OUTPUT_PICO, 1L)
                .execute();

        assertThat(all("/admin/v1/providers?limit=1", "name")).contains(name);
        assertThat(all("/admin/v1/models?limit=1", "provider")).contains(name);
        assertThat(all("/admin/v1/prices?limit=1", "model")).contains(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alerts",
                "keys",
                "budgets",
                "/admin/v1/providers",
                "/admin/v1/models",
                "/admin/v1/prices"
            })
    void lists_refuse_wrong_cursors_limits_and_parameters(String list) {
        client.get(list + "?cursor=abc").expect(400);
        client.get(list + "?limit=-1").expect(400);
        client.get(list + "?color=red").expect(400);
    }

    private void alert(String budget, String measure, int threshold, Instant at) {
        server.database()
                .insertInto(ALERTS)
                .set(ALERTS.ORGANIZATION, organization)
                .set(ALERTS.BUDGET_ID, UUID.fromString(budget))
                .set(ALERTS.SUBJECT, "")
                .set(ALERTS.WINDOW_START, 0L)
                .set(ALERTS.LIMIT_NAME, measure)
                .set(ALERTS.THRESHOLD, threshold)
                .set(ALERTS.LIMIT_AMOUNT, 5_000_000L)
                .set(ALERTS.USED_AMOUNT, 5_000_000L)
                .set(ALERTS.CROSSED_AT, Timestamps.stored(at))
                .execute();
    }

    /// One field of every item, page by page.
    private List<String> all(String path, String field) {
        var values = new ArrayList<String>();
        var page = client.get(path).expect(200);
        while (true) {
            page.items().forEach(item -> values.add(String.valueOf(item.getValue(field))));
            var next = page.json().getString("next");
            if (next == null) {
                return values;
            }
            page = client.get(path + "&cursor=" + next).expect(200);
        }
    }
}
