package dev.tollgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Standing;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BudgetUsageIT {

    private static final String PER_USER =
            """
            {"per": "user", "period": "day", "limits": {"output_tokens": 50, "cost_usd": "0.01"},
             "overrides": [{"subject": "vip", "limits": {"output_tokens": 500}}]}\
            """;

    private final AdminServer server = AdminServer.running();
    private final String organization = server.organization();
    private final AdminClient client = server.client(organization);
    private final Rows rows = new Rows(server, organization);

    @AfterEach
    void mend() {
        server.node.standings = _ -> List.of();
        server.node.failing = false;
    }

    @Test
    void without_live_counters_it_is_what_is_booked() {
        book("daily", "a");

        var reply = client.get("budgets/daily/usage").expect(200);

        var usage = item(reply.items(), "a");
        assertThat(usage.getString("source")).isEqualTo("booked");
        assertThat(usage.getJsonObject("posted").getInteger("output_tokens")).isEqualTo(20);
        assertThat(usage.getJsonObject("posted").getInteger("total_tokens")).isEqualTo(30);
        assertThat(usage.getJsonObject("posted").getString("cost_usd")).isEqualTo("0.0000015");
        assertThat(usage.getJsonObject("held").getInteger("output_tokens")).isZero();
        assertThat(usage.getJsonObject("limit").getInteger("output_tokens")).isEqualTo(50);
        assertThat(usage.getJsonObject("limit").getValue("requests")).isNull();
        assertThat(usage.getJsonObject("remaining").getInteger("output_tokens")).isEqualTo(30);
        assertThat(usage.getString("resets_at"))
                .isEqualTo(dayOf(server.clock.instant()).plusSeconds(86400).toString());
    }

    @Test
    void live_counters_come_first_and_a_node_that_fails_is_done_without() {
        book("daily", "a");
        server.node.standings =
                charge ->
                        charge.counter().subject().equals("a")
                                ? List.of(
                                        new Standing(
                                                charge.counter(),
                                                charge.budget(),
                                                charge.limits(),
                                                new Amounts(1, 10, 25, 0),
                                                new Amounts(1, 10, 15, 0),
                                                charge.windowEnd()))
                                : List.of();

        var live = item(client.get("budgets/daily/usage").expect(200).items(), "a");
        server.node.failing = true;
        var booked = item(client.get("budgets/daily/usage").expect(200).items(), "a");

        assertThat(live.getString("source")).isEqualTo("live");
        assertThat(live.getJsonObject("held").getInteger("output_tokens")).isEqualTo(15);
        assertThat(live.getJsonObject("remaining").getInteger("output_tokens")).isEqualTo(10);
        assertThat(booked.getString("source")).isEqualTo("booked");
    }

    @Test
    void overrides_are_listed_with_their_own_limits() {
        book("daily", "a");

        var usage = item(client.get("budgets/daily/usage").expect(200).items(), "vip");

        assertThat(usage.getJsonObject("limit").getInteger("output_tokens")).isEqualTo(500);
        assertThat(usage.getJsonObject("limit").getString("cost_usd")).isEqualTo("0.01");
    }

    @Test
    void one_subject_can_be_asked_for_used_or_not() {
        book("daily", "a");

        assertThat(client.get("budgets/daily/usage?subject=nobody").expect(200).items())
                .singleElement()
                .extracting(item -> item.getJsonObject("remaining").getInteger("output_tokens"))
                .isEqualTo(50);
    }

    @Test
    void a_budget_that_is_not_split_has_one_subject_without_a_name() {
        client.put("budgets/all", "{\"period\":\"total\",\"limits\":{\"requests\":5}}").expect(201);

        var items = client.get("budgets/all/usage").expect(200).items();

        assertThat(items).hasSize(1);
        assertThat(items.getFirst().getString("subject")).isEmpty();
        assertThat(items.getFirst().getString("resets_at")).isNull();
    }

    @Test
    void subjects_come_in_pages() {
        book("daily", "b", "a", "zz");

        var first = client.get("budgets/daily/usage?limit=2").expect(200);
        var second =
                client.get("budgets/daily/usage?limit=2&cursor=" + first.json().getString("next"))
                        .expect(200);

        assertThat(first.items())
                .extracting(item -> item.getString("subject"))
                .containsExactly("a", "b");
        assertThat(second.items())
                .extracting(item -> item.getString("subject"))
                .containsExactly("vip", "zz");
        assertThat(second.json().getValue("next")).isNull();
    }

    /// Makes the budget and books an attempt of each subject in its current window.
    private void book(String name, String... subjects) {
        var id = client.put("budgets/" + name, PER_USER).expect(201).json().getString("id");
        var now = server.clock.instant();
        for (var subject : subjects) {
            var charge =
                    new JsonObject()
                            .put("budget", id)
                            .put("subject", subject)
                            .put("window_start", dayOf(now).getEpochSecond());
            rows.book(rows.attempt(now).put("charges", new JsonArray().add(charge)));
        }
    }

    private static Instant dayOf(Instant now) {
        return now.truncatedTo(java.time.temporal.ChronoUnit.DAYS);
    }

    private static JsonObject item(List<JsonObject> items, String subject) {
        return items.stream()
                .filter(item -> item.getString("subject").equals(subject))
                .findFirst()
                .orElseThrow();
    }
}
