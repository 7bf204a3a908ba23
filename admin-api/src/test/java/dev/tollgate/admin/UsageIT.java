package dev.tollgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UsageIT {

    private static final Instant NOON = Instant.parse("2026-11-19T12:00:00Z");

    private final AdminServer server = AdminServer.running();
    private final String organization = server.organization();
    private final AdminClient client = server.client(organization);
    private final Rows rows = new Rows(server, organization);

    @Test
    void sums_by_dimension() {
        rows.book(rows.attempt(NOON).put("user_name", "a"));
        rows.book(rows.attempt(NOON.plusSeconds(3600)).put("user_name", "a"));
        rows.book(rows.attempt(NOON).put("user_name", "b").put("served_model", "claude"));

        var items = client.get("usage?group_by=model,user").expect(200).items();

        assertThat(items)
                .extracting(
                        item -> item.getString("model"),
                        item -> item.getString("user"),
                        item -> item.getInteger("requests"),
                        item -> item.getInteger("input_tokens"),
                        item -> item.getInteger("output_tokens"),
                        item -> item.getString("cost_usd"))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("claude", "b", 1, 10, 20, "0.0000015"),
                        org.assertj.core.groups.Tuple.tuple(
                                "gpt-5-2026-01-01", "a", 2, 20, 40, "0.000003"));
    }

    @Test
    void without_dimensions_there_is_one_sum_even_of_nothing() {
        assertThat(client.get("usage").expect(200).items())
                .singleElement()
                .extracting(item -> item.getInteger("requests"))
                .isEqualTo(0);
    }

    @Test
    void time_is_cut_to_hours_and_told() {
        rows.book(rows.attempt(NOON));
        rows.book(rows.attempt(NOON.plusSeconds(3600)));
        rows.book(rows.attempt(NOON.plusSeconds(7200)));

        var reply =
                client.get(
                                "usage?group_by=hour&from=2026-11-19T12:30:00Z"
                                        + "&to=2026-11-19T13:01:00Z")
                        .expect(200);

        assertThat(reply.json().getString("from")).isEqualTo("2026-11-19T12:00:00Z");
        assertThat(reply.json().getString("to")).isEqualTo("2026-11-19T14:00:00Z");
        assertThat(reply.items())
                .extracting(item -> item.getString("hour"))
                .containsExactly("2026-11-19T12:00:00Z", "2026-11-19T13:00:00Z");
        assertThat(client.get("usage?group_by=day&from=2026-11-19").items())
                .extracting(item -> item.getString("day"))
                .containsExactly("2026-11-19");
    }

    @Test
    void filters_narrow_it() {
        rows.book(rows.attempt(NOON).put("team", "a").put("end_user", "e"));
        rows.book(rows.attempt(NOON).put("team", "b"));

        assertThat(requests("team=a")).isEqualTo(1);
        assertThat(requests("end_user=e")).isEqualTo(1);
        assertThat(requests("model=gpt-*")).isEqualTo(2);
        assertThat(requests("provider=nobody")).isZero();
    }

    @Test
    void pages_go_on_where_the_one_before_ended() {
        for (var number = 0; number < 5; number++) {
            rows.book(rows.attempt(NOON).put("user_name", "user " + number));
            rows.book(rows.attempt(NOON).put("user_name", "User " + number));
        }
        var users = new ArrayList<String>();

        var path = "usage?group_by=provider,user&limit=3";
        var page = client.get(path).expect(200);
        while (true) {
            page.items().stream().map(item -> item.getString("user")).forEach(users::add);
            var next = page.json().getString("next");
            if (next == null) {
                break;
            }
            page = client.get(path + "&cursor=" + next).expect(200);
        }

        assertThat(users).hasSize(10).doesNotHaveDuplicates().isSorted();
        var other = client.get(path).json().getString("next");
        client.get("usage?group_by=user,provider&cursor=" + other).expect(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    group_by=color               | group_by
                    group_by=user,user           | group_by
                    group_by=                    | group_by
                    group_by=user,               | group_by
                    from=today                   | from
                    from=2026-11-20&to=2026-11-19| from
                    limit=10001                  | limit
                    color=red                    | color
                    """)
    void wrong_parameters_are_named(String query, String parameter) {
        assertThat(client.get("usage?" + query).expect(400).faults())
                .singleElement()
                .asString()
                .startsWith(parameter + " | ");
    }

    @Test
    void the_dimensions_there_are_are_listed() {
        assertThat(client.get("usage?group_by=color").expect(400).faults().getFirst())
                .contains(
                        "team, project, user, end_user, key, model, provider, endpoint, hour, day");
    }

    private int requests(String query) {
        return client.get("usage?" + query).expect(200).items().stream()
                .map((JsonObject item) -> item.getInteger("requests"))
                .findFirst()
                .orElseThrow();
    }
}
