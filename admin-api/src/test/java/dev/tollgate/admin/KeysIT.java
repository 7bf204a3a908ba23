package dev.tollgate.admin;

import static dev.tollgate.schema.jooq.Tables.AUDIT;
import static dev.tollgate.schema.jooq.Tables.BUDGETS;
import static dev.tollgate.schema.jooq.Tables.IDEMPOTENCY_KEYS;
import static dev.tollgate.schema.jooq.Tables.KEYS;
import static dev.tollgate.schema.jooq.Tables.PROJECTS;
import static dev.tollgate.schema.jooq.Tables.TEAMS;
import static dev.tollgate.schema.jooq.Tables.USERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.KeyFormat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KeysIT {

    private static final String CI =
            """
            {"name": "ci", "user": "u1", "team": "t1", "project": "p1", "models": ["gpt-*"],
             "expires_in": "24h",
             "budgets": [{"period": "day", "limits": {"requests": 10}},
                         {"name": "by-model", "scope": {"team": "t1"}, "per": "model",
                          "period": "month", "limits": {"cost_usd": "1.50"}}]}\
            """;

    private final AdminServer server = AdminServer.running();
    private final String organization = server.organization();
    private final AdminClient client = server.client(organization);

    @AfterEach
    void mend() {
        server.node.failing = false;
    }

    @Test
    void post_makes_a_key_that_the_gateway_can_check_and_shows_its_secret_once() {
        var reply = client.post("keys", CI).expect(201);

        var body = reply.json();
        var key = (KeyFormat.Key) KeyFormat.read(body.getString("secret"));
        assertThat(key.id()).isEqualTo(body.getString("id"));
        var stored = server.database().fetchSingle(KEYS, KEYS.KEY_ID.eq(key.id()));
        assertThat(AdminServer.PEPPER.matches(key.secret(), stored.getSecretHmac())).isTrue();
        assertThat(body.getString("expires_at"))
                .isEqualTo(server.clock.instant().plus(Duration.ofHours(24)).toString());
        assertThat(reply.header("location")).endsWith("/keys/" + key.id());
        var read = client.get("keys/" + key.id()).expect(200).json();
        assertThat(read.containsKey("secret")).isFalse();
        assertThat(read.getString("team")).isEqualTo("t1");
        assertThat(everythingStored()).doesNotContain(key.secret().reveal());
    }

    @Test
    void its_budgets_are_made_with_it_and_are_about_it_unless_they_say_otherwise() {
        var body = client.post("keys", CI).expect(201).json();

        var id = body.getString("id");
        var own = client.get("budgets/key-" + id + "-1").expect(200).json();
        assertThat(own.getJsonObject("scope")).isEqualTo(new JsonObject().put("key", id));
        var other = client.get("budgets/by-model").expect(200).json();
        assertThat(other.getJsonObject("scope")).isEqualTo(new JsonObject().put("team", "t1"));
        assertThat(body.getJsonArray("budgets")).containsExactly(own, other);
    }

    @Test
    void team_project_and_user_that_are_missing_are_made() {
        client.post("keys", CI).expect(201);
        client.post("keys", CI.replace("\"ci\"", "\"ci2\"").replace("by-model", "more"))
                .expect(201);

        var database = server.database();
        assertThat(database.fetchCount(TEAMS, TEAMS.ORGANIZATION.eq(organization))).isEqualTo(1);
        assertThat(database.fetchCount(USERS, USERS.ORGANIZATION.eq(organization))).isEqualTo(1);
        assertThat(database.fetchCount(PROJECTS, PROJECTS.ORGANIZATION.eq(organization)))
                .isEqualTo(1);
    }

    @Test
    void a_faulty_budget_leaves_no_key() {
        var reply = client.post("keys", CI.replace("\"1.50\"", "-1")).expect(400);

        assertThat(reply.faults())
                .anyMatch(fault -> fault.startsWith("budgets[1].limits.cost_usd"));
        assertNothingMade();
    }

    @Test
    void a_budget_whose_name_is_taken_leaves_no_key() {
        client.put("budgets/by-model", "{\"period\":\"day\",\"limits\":{\"requests\":1}}")
                .expect(201);

        var reply = client.post("keys", CI).expect(409);

        assertThat(reply.problem()).isEqualTo("name-taken");
        assertThat(client.get("keys").items()).isEmpty();
        assertThat(client.get("budgets").items()).hasSize(1);
        assertThat(server.database().fetchCount(TEAMS, TEAMS.ORGANIZATION.eq(organization)))
                .isZero();
    }

    @Test
    void a_name_is_taken_until_its_key_is_revoked() {
        var id = client.post("keys", "{\"name\":\"ci\"}").expect(201).json().getString("id");

        assertThat(client.post("keys", "{\"name\":\"ci\"}").expect(409).problem())
                .isEqualTo("name-taken");
        client.delete("keys/" + id).expect(204);
        client.post("keys", "{\"name\":\"ci\"}").expect(201);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                                          | name
                    {"name":7}                                                  | name
                    {"name":""}                                                 | name
                    {"name":"a","models":"gpt-*"}                               | models
                    {"name":"a","models":[]}                                    | models
                    {"name":"a","models":[1]}                                   | models[0]
                    {"name":"a","expires_in":"soon"}                            | expires_in
                    {"name":"a","expires_in":"0h"}                              | expires_in
                    {"name":"a","expires_in":"24h","expires_at":"2099-01-01T00:00:00Z"} | expires_in
                    {"name":"a","expires_at":"2001-01-01T00:00:00Z"}            | expires_at
                    {"name":"a","expires_at":"2099-13-01"}                      | expires_at
                    {"name":"a","role":"admin"}                                 | role
                    {"name":"a","name":"b"}                                     | name
                    {"name":"a","budgets":{}}                                   | budgets
                    {"name":"a","budgets":[7]}                                  | budgets[0]
                    {"name":"a","budgets":[{"name":"a b","period":"day","limits":{"requests":1}}]} | budgets[0]
                    """)
    void what_is_wrong_is_named_and_nothing_is_made(String body, String field) {
        var reply = client.post("keys", body).expect(400);

        assertThat(reply.faults()).anyMatch(fault -> fault.startsWith(field + " | "));
        assertNothingMade();
    }

    @Test
    void an_idempotency_key_mints_once_and_gives_the_same_answer_secret_included() {
        var headers = Map.of("idempotency-key", "retry-1");

        var first = client.send("POST", "keys", CI, headers).expect(201);
        var again = client.send("POST", "keys", CI, headers).expect(201);

        assertThat(again.json()).isEqualTo(first.json());
        assertThat(again.header("idempotency-replayed")).isEqualTo("true");
        assertThat(first.header("idempotency-replayed")).isEmpty();
        assertThat(client.get("keys").items()).hasSize(1);
        var secret = ((KeyFormat.Key) KeyFormat.read(first.json().getString("secret"))).secret();
        assertThat(everythingStored()).doesNotContain(secret.reveal());
    }

    @Test
    void an_idempotency_key_is_for_one_body_and_one_day() {
        var headers = Map.of("idempotency-key", "retry-2");
        client.send("POST", "keys", "{\"name\":\"a\"}", headers).expect(201);

        var reused = client.send("POST", "keys", "{\"name\":\"b\"}", headers).expect(422);
        server.clock.advance(Duration.ofHours(25));
        client.send("POST", "keys", "{\"name\":\"b\"}", headers).expect(201);

        assertThat(reused.problem()).isEqualTo("idempotency-key-reused");
    }

    @Test
    void the_secret_is_given_even_when_the_node_could_not_be_told() {
        server.node.failing = true;

        assertThat(client.post("keys", "{\"name\":\"a\"}").expect(201).json().getString("secret"))
                .startsWith(KeyFormat.PREFIX);
    }

    @Test
    void patch_changes_what_is_said_and_nothing_else() {
        var id = client.post("keys", CI).expect(201).json().getString("id");

        var reply =
                client.patch("keys/" + id, "{\"models\":[\"claude-*\"],\"expires_at\":null}")
                        .expect(200);

        assertThat(reply.json().getJsonArray("models")).isEqualTo(JsonArray.of("claude-*"));
        assertThat(reply.json().getValue("expires_at")).isNull();
        assertThat(reply.json().getString("name")).isEqualTo("ci");
        assertThat(reply.header("etag")).isEqualTo("\"2\"");
        assertThat(client.patch("keys/" + id, "{}").expect(200).header("etag")).isEqualTo("\"2\"");
    }

    @Test
    void who_a_key_is_for_never_changes() {
        var id = client.post("keys", CI).expect(201).json().getString("id");

        var reply = client.patch("keys/" + id, "{\"user\":\"u2\",\"team\":\"t1\"}").expect(409);

        assertThat(reply.problem()).isEqualTo("immutable-field");
        assertThat(reply.faults()).singleElement().asString().startsWith("user | u2 | ");
    }

    @Test
    void revoking_is_for_ever_and_may_be_repeated() {
        var id = client.post("keys", CI).expect(201).json().getString("id");

        client.delete("keys/" + id).expect(204);
        client.delete("keys/" + id).expect(204);

        assertThat(client.get("keys/" + id).expect(200).json().getString("revoked_at")).isNotNull();
        assertThat(client.get("keys").items()).isEmpty();
        assertThat(client.get("keys?revoked=true").items()).hasSize(1);
        assertThat(client.patch("keys/" + id, "{\"name\":\"b\"}").expect(409).problem())
                .isEqualTo("revoked");
        client.delete("keys/unknown").expect(404);
    }

    @Test
    void conditions_are_held() {
        var id = client.post("keys", CI).expect(201).json().getString("id");
        var stale = Map.of("if-match", "\"9\"");

        client.send("PATCH", "keys/" + id, "{\"name\":\"b\"}", stale).expect(412);
        client.send("DELETE", "keys/" + id, "", stale).expect(412);
        client.send("DELETE", "keys/" + id, "", Map.of("if-match", "\"8\", \"1\"")).expect(204);
    }

    @Test
    void what_the_environment_manages_is_left_alone_unless_taken_over() {
        var id = client.post("keys", CI).expect(201).json().getString("id");
        server.database()
                .update(KEYS)
                .set(KEYS.MANAGED_BY, "environment")
                .where(KEYS.KEY_ID.eq(id))
                .execute();

        client.patch("keys/" + id, "{\"name\":\"b\"}").expect(409);
        assertThat(client.delete("keys/" + id).expect(409).problem())
                .isEqualTo("managed-elsewhere");
        client.delete("keys/" + id + "?take_over=true").expect(204);
    }

    @Test
    void keys_of_another_organization_are_not_there() {
        var id = client.post("keys", CI).expect(201).json().getString("id");
        var stranger = server.client(server.organization());

        stranger.get("keys/" + id).expect(404);
        stranger.patch("keys/" + id, "{\"name\":\"b\"}").expect(404);
        stranger.delete("keys/" + id).expect(404);
        assertThat(stranger.get("keys").items()).isEmpty();
        assertThat(stranger.get("budgets").items()).isEmpty();
    }

    @Test
    void lists_come_in_pages() {
        for (var number = 0; number < 5; number++) {
            client.post("keys", "{\"name\":\"key %d\"}".formatted(number)).expect(201);
        }

        var first = client.get("keys?limit=3").expect(200);
        var second =
                client.get("keys?limit=3&cursor=" + first.json().getString("next")).expect(200);

        assertThat(first.items()).hasSize(3);
        assertThat(second.items()).hasSize(2).doesNotContainAnyElementsOf(first.items());
        assertThat(second.json().getValue("next")).isNull();
    }

    private void assertNothingMade() {
        assertThat(client.get("keys?revoked=true").items()).isEmpty();
        assertThat(client.get("budgets").items()).isEmpty();
    }

    private String everythingStored() {
        var database = server.database();
        return database.fetch(KEYS).formatJSON()
                + database.fetch(BUDGETS).formatJSON()
                + database.fetch(AUDIT).formatJSON()
                + database.fetch(IDEMPOTENCY_KEYS).formatJSON();
    }
}
