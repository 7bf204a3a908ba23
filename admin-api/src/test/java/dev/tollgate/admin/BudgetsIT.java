package dev.tollgate.admin;

import static dev.tollgate.schema.jooq.Tables.AUDIT;
import static dev.tollgate.schema.jooq.Tables.BUDGETS;
import static dev.tollgate.schema.jooq.Tables.MODELS;
import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;
import static dev.tollgate.schema.jooq.Tables.PROVIDERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BudgetsIT {

    private static final String DAILY =
            """
            {"scope": {"team": "growth"}, "per": "user", "period": "day",
             "time_zone": "Europe/Berlin", "limits": {"requests": 100, "cost_usd": "5.00"}}\
            """;

    private final AdminServer server = AdminServer.running();
    private final String organization = server.organization();
    private final AdminClient client = server.client(organization);

    @AfterEach
    void mend() {
        server.node.failing = false;
    }

    @Test
    void put_creates_and_tells_everything_with_its_defaults() {
        var reply = client.put("budgets/daily", DAILY).expect(201);

        assertThat(reply.json().getString("name")).isEqualTo("daily");
        assertThat(reply.json().getString("period")).isEqualTo("day");
        assertThat(reply.json().getJsonObject("limits").getString("cost_usd")).isEqualTo("5.00");
        assertThat(reply.json().getJsonArray("actions")).hasSize(2);
        assertThat(reply.json().getString("managed_by")).isEqualTo("api");
        assertThat(reply.header("etag")).isEqualTo("\"1\"");
        assertThat(client.get("budgets/daily").expect(200).json())
                .isEqualTo(withoutWarnings(reply.json()));
    }

    @Test
    void put_again_changes_nothing() {
        client.put("budgets/daily", DAILY).expect(201);
        var version = version();

        var reply = client.put("budgets/daily", DAILY).expect(200);

        assertThat(reply.header("etag")).isEqualTo("\"1\"");
        assertThat(version()).isEqualTo(version);
        assertThat(audits()).isEqualTo(1);
    }

    @Test
    void put_changes_limits_in_place_and_keeps_the_id() {
        var id = client.put("budgets/daily", DAILY).expect(201).json().getString("id");

        var reply = client.put("budgets/daily", DAILY.replace("100", "200")).expect(200);

        assertThat(reply.json().getString("id")).isEqualTo(id);
        assertThat(reply.json().getJsonObject("limits").getInteger("requests")).isEqualTo(200);
        assertThat(reply.header("etag")).isEqualTo("\"2\"");
    }

    @Test
    void what_was_read_can_be_put_back() {
        var body = client.put("budgets/daily", DAILY).expect(201).json();

        var reply = client.put("budgets/daily", body.encode()).expect(200);

        assertThat(reply.json()).isEqualTo(body);
    }

    @Test
    void every_change_raises_the_version_is_audited_and_is_in_force_when_answered() {
        var before = version();

        client.put("budgets/daily", DAILY).expect(201);
        client.delete("budgets/daily").expect(204);

        assertThat(version()).isEqualTo(before + 2);
        assertThat(server.node.versions).containsEntry(organization, before + 2);
        assertThat(
                        server.database()
                                .select(AUDIT.ACTION)
                                .from(AUDIT)
                                .where(AUDIT.ORGANIZATION.eq(organization))
                                .orderBy(AUDIT.ID)
                                .fetch(AUDIT.ACTION))
                .containsExactly("create", "delete");
    }

    @Test
    void a_change_that_could_not_be_put_in_force_says_so_and_a_repeat_mends_it() {
        server.node.failing = true;

        var reply = client.put("budgets/daily", DAILY).expect(503);

        assertThat(reply.problem()).isEqualTo("not-yet-in-force");
        assertThat(reply.header("retry-after")).isEqualTo("1");
        server.node.failing = false;
        client.put("budgets/daily", DAILY).expect(200);
        assertThat(server.node.versions).containsEntry(organization, version());
    }

    @Test
    void rates_and_what_happens_at_a_threshold_are_read_and_told() {
        var body =
                """
                {"period": "day", "limits": {"cost_usd": "5.00"},
                 "rates": {"requests": {"per_minute": 60, "burst": 10},
                  "total_tokens": {"per_minute": 20000}},
                 "actions": [{"at": 0.5, "do": "throttle", "tokens_per_minute": 1000},
                  {"at": 1, "do": "reject"}]}\
                """;

        var reply = client.put("budgets/paced", body).expect(201).json();

        assertThat(reply.getJsonObject("rates").encode())
                .isEqualTo(
                        "{\"requests\":{\"per_minute\":60,\"burst\":10},"
                                + "\"total_tokens\":{\"per_minute\":20000,\"burst\":20000}}");
        assertThat(reply.getJsonArray("actions").getJsonObject(0).getInteger("tokens_per_minute"))
                .isEqualTo(1000);
        assertThat(client.put("budgets/paced", reply.encode()).expect(200).json()).isEqualTo(reply);
    }

    @Test
    void rates_change_in_place() {
        client.put("budgets/daily", DAILY).expect(201);

        client.put(
                        "budgets/daily",
                        DAILY.replace(
                                "\"limits\"",
                                "\"rates\": {\"requests\": {\"per_minute\": 6}}, \"limits\""))
                .expect(200);
    }

    @Test
    void a_downgrade_to_what_nobody_serves_is_refused() {
        var reply = client.put("budgets/led", led("[\"*\"]", "nobody-has-it")).expect(400);

        var error = reply.json().getJsonArray("errors").getJsonObject(0);
        assertThat(error.getString("field")).isEqualTo("actions[0].to");
        assertThat(error.getString("value")).isEqualTo("nobody-has-it");
        assertThat(error.getString("expected"))
                .isEqualTo("a model of the catalogue, or provider/model");
    }

    @Test
    void a_downgrade_is_to_a_model_of_the_same_dialect() {
        model("claude-dear", "anthropic");
        model("claude-cheap", "anthropic");
        model("gpt-cheap", "openai");

        client.put("budgets/led", led("[\"claude-*\"]", "claude-cheap")).expect(201);
        client.put("budgets/dated", led("[\"claude-*\"]", "claude-cheap-20260101")).expect(201);
        client.put("budgets/unlisted", led("[\"claude-*\"]", "p-anthropic/local")).expect(201);
        var reply = client.put("budgets/other", led("[\"claude-*\"]", "gpt-cheap")).expect(400);

        assertThat(reply.json().getJsonArray("errors").getJsonObject(0).getString("expected"))
                .isEqualTo("a model of the anthropic dialect");
        var ofKey =
                client.post(
                        "keys",
                        "{\"name\": \"k\", \"budgets\": ["
                                + led("[\"claude-*\"]", "gpt-cheap")
                                + "]}");
        assertThat(
                        ofKey.expect(400)
                                .json()
                                .getJsonArray("errors")
                                .getJsonObject(0)
                                .getString("field"))
                .isEqualTo("budgets[0].actions[0].to");
    }

    private static String led(String models, String to) {
        return """
        {"models": %s, "period": "day", "limits": {"cost_usd": "5.00"},
         "actions": [{"at": 0.5, "do": "downgrade", "to": "%s"}]}\
        """
                .formatted(models, to);
    }

    private void model(String name, String dialect) {
        var database = server.database();
        database.insertInto(PROVIDERS, PROVIDERS.NAME, PROVIDERS.TYPE, PROVIDERS.BASE_URL)
                .values("p-" + dialect, dialect, "http://127.0.0.1")
                .onConflictDoNothing()
                .execute();
        database.insertInto(
                        MODELS, MODELS.PROVIDER, MODELS.NAME, MODELS.UPSTREAM_MODEL, MODELS.DIALECT)
                .values("p-" + dialect, name, name, dialect)
                .onConflictDoNothing()
                .execute();
    }

    @Test
    void fields_that_never_change_are_named() {
        client.put("budgets/daily", DAILY).expect(201);

        var reply =
                client.put(
                                "budgets/daily",
                                DAILY.replace("\"day\"", "\"week\"").replace("growth", "sales"))
                        .expect(409);

        assertThat(reply.problem()).isEqualTo("immutable-field");
        assertThat(reply.faults())
                .extracting(fault -> fault.split(" ", 2)[0])
                .containsExactly("scope", "period");
        assertThat(client.get("budgets/daily").json().getString("period")).isEqualTo("day");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"period":"day","limits":{"requests":-1}}                     | limits.requests
                    {"period":"fortnight","limits":{"requests":1}}                | period
                    {"period":"day","limits":{"requests":1},"color":"red"}        | color
                    {"period":"day","limits":{"requests":"many"}}                 | limits.requests
                    {"period":"day","limits":{"requests":1.5}}                    | limits.requests
                    {"period":"day","limits":{"cost_usd":"0.0000000001"}}         | limits.cost_usd
                    {"period":"day","limits":{"requests":1},"time_zone":"Mars"}   | time_zone
                    {"period":"day","period":"day","limits":{"requests":1}}       | period
                    {"period":"day","limits":{"requests":1,"requests":2}}         | limits.requests
                    {"name":"other","period":"day","limits":{"requests":1}}       | name
                    {"period":"day","limits":{"requests":1}                       | body
                    []                                                            | body
                    {} {}                                                         | body
                    {"period":"day"}                                              | limits
                    """)
    void what_is_wrong_is_named_and_nothing_is_stored(String body, String field) {
        var reply = client.put("budgets/wrong", body).expect(400);

        assertThat(reply.problem()).isEqualTo("invalid-request");
        assertThat(reply.faults()).anyMatch(fault -> fault.startsWith(field + " | "));
        client.get("budgets/wrong").expect(404);
    }

    @Test
    void all_faults_come_at_once_with_value_and_expectation() {
        var reply =
                client.put(
                                "budgets/wrong",
                                """
                                {"period": "fortnight", "limits": {"requests": -1}, "color": 3}\
                                """)
                        .expect(400);

        assertThat(reply.faults())
                .anyMatch(fault -> fault.startsWith("limits.requests | -1 | "))
                .anyMatch(fault -> fault.startsWith("period | fortnight | one of "))
                .anyMatch(fault -> fault.startsWith("color | 3 | "));
        assertThat(reply.json().getString("detail")).contains("limits.requests: -1 (expected: ");
    }

    @Test
    void names_that_would_need_quoting_are_refused() {
        var body = "{\"period\":\"day\",\"limits\":{\"requests\":1}}";

        assertThat(client.put("budgets/a%20b", body).expect(400).faults().getFirst())
                .startsWith("name | a b | ");
    }

    @Test
    void a_name_may_look_like_a_number() {
        client.put("budgets/1.5", DAILY).expect(201);

        client.get("budgets/1.5").expect(200);
    }

    @Test
    void conditions_are_held() {
        client.put("budgets/daily", DAILY).expect(201);
        var changed = DAILY.replace("100", "200");

        assertThat(
                        client.send("PUT", "budgets/daily", changed, Map.of("if-match", "\"7\""))
                                .expect(412)
                                .problem())
                .isEqualTo("wrong-revision");
        client.send("PUT", "budgets/daily", changed, Map.of("if-none-match", "*")).expect(412);
        client.send("PUT", "budgets/none", changed, Map.of("if-match", "*")).expect(412);
        client.send("PUT", "budgets/daily", changed, Map.of("if-match", "\"1\"")).expect(200);
        client.send("DELETE", "budgets/daily", "", Map.of("if-match", "\"1\"")).expect(412);
        client.send("DELETE", "budgets/daily", "", Map.of("if-match", "\"2\"")).expect(204);
    }

    @Test
    void a_deleted_budget_is_gone_and_its_name_makes_a_new_one() {
        var id = client.put("budgets/daily", DAILY).expect(201).json().getString("id");

        client.delete("budgets/daily").expect(204);

        client.get("budgets/daily").expect(404);
        client.delete("budgets/daily").expect(404);
        assertThat(client.put("budgets/daily", DAILY).expect(201).json().getString("id"))
                .isNotEqualTo(id);
    }

    @Test
    void lists_come_in_pages_by_name() {
        for (var name : new String[] {"c", "a", "b"}) {
            client.put("budgets/" + name, DAILY).expect(201);
        }

        var first = client.get("budgets?limit=2").expect(200);
        var second =
                client.get("budgets?limit=2&cursor=" + first.json().getString("next")).expect(200);

        assertThat(first.items())
                .extracting(item -> item.getString("name"))
                .containsExactly("a", "b");
        assertThat(second.items()).extracting(item -> item.getString("name")).containsExactly("c");
        assertThat(second.json().getValue("next")).isNull();
    }

    @Test
    void what_the_file_manages_is_left_alone_unless_taken_over() {
        client.put("budgets/daily", DAILY).expect(201);
        server.database()
                .update(BUDGETS)
                .set(BUDGETS.MANAGED_BY, "file")
                .where(BUDGETS.ORGANIZATION.eq(organization))
                .execute();
        var changed = DAILY.replace("100", "200");

        var refused = client.put("budgets/daily", changed).expect(409);
        client.delete("budgets/daily").expect(409);
        var taken = client.put("budgets/daily?take_over=true", changed).expect(200);

        assertThat(refused.problem()).isEqualTo("managed-elsewhere");
        assertThat(refused.json().getString("detail")).contains("tollgate.yaml", "take_over=true");
        assertThat(taken.json().getString("managed_by")).isEqualTo("api");
        client.put("budgets/daily", DAILY).expect(200);
    }

    @ParameterizedTest
    @CsvSource({"team", "project", "user", "key", "provider"})
    void a_scope_that_names_what_does_not_exist_is_taken_with_a_warning(String part) {
        var body =
                """
                {"scope": {"%s": "nowhere", "end_user": "anybody"}, "period": "day", "limits": {"requests": 1}}
                """
                        .formatted(part);

        var reply = client.put("budgets/of-nothing", body).expect(201);

        var warnings = reply.json().getJsonArray("warnings");
        assertThat(warnings).hasSize(1);
        assertThat(warnings.getJsonObject(0).getString("field")).isEqualTo("scope." + part);
        assertThat(warnings.getJsonObject(0).getString("value")).isEqualTo("nowhere");
        assertThat(
                        client.put("budgets/of-nothing", body)
                                .expect(200)
                                .json()
                                .getJsonArray("warnings"))
                .isEqualTo(warnings);
        assertThat(client.get("budgets/of-nothing").json().containsKey("warnings")).isFalse();
    }

    @Test
    void a_scope_that_names_what_exists_has_no_warning() {
        var key =
                client.post(
                                "keys",
                                "{\"name\":\"ci\",\"user\":\"u1\",\"team\":\"t1\",\"project\":\"p1\"}")
                        .expect(201)
                        .json()
                        .getString("id");

        for (var scope :
                new String[] {
                    "{}",
                    "{\"key\":\"ci\"}",
                    "{\"key\":\"" + key + "\",\"user\":\"u1\",\"team\":\"t1\",\"project\":\"p1\"}",
                    "{\"end_user\":\"anybody\",\"session\":\"any\",\"tags\":{\"a\":\"b\"}}"
                }) {
            var body =
                    "{\"scope\": %s, \"period\": \"day\", \"limits\": {\"requests\": 1}}"
                            .formatted(scope);
            var reply =
                    client.put("budgets/b" + Integer.toHexString(scope.hashCode()), body)
                            .expect(201);
            assertThat(reply.json().getJsonArray("warnings")).as(scope).isEmpty();
        }
    }

    private static JsonObject withoutWarnings(JsonObject budget) {
        var rest = budget.copy();
        rest.remove("warnings");
        return rest;
    }

    private long version() {
        return server.database()
                .select(ORGANIZATIONS.CONFIGURATION_VERSION)
                .from(ORGANIZATIONS)
                .where(ORGANIZATIONS.NAME.eq(organization))
                .fetchSingle()
                .value1();
    }

    private int audits() {
        return server.database().fetchCount(AUDIT, AUDIT.ORGANIZATION.eq(organization));
    }
}
