package dev.tollgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class FrameIT {

    private static final String DAILY = "{\"period\":\"day\",\"limits\":{\"requests\":5}}";

    private final AdminServer server = AdminServer.running();
    private final AdminClient client = server.client("local");

    /// Every operation of the document that is under `/admin`, its parameters filled in.
    static Stream<String> guarded() {
        return AdminServer.running().contract.operations().stream()
                .filter(operation -> operation.getOpenAPIPath().startsWith("/admin/"))
                .map(operation ->
                        operation.getHttpMethod().name()
                                + " "
                                + operation
                                        .getOpenAPIPath()
                                        .replace("{org}", "local")
                                        .replaceAll("\\{\\w+}", "any"));
    }

    @ParameterizedTest
    @MethodSource("guarded")
    void every_operation_wants_the_token(String operation) {
        var space = operation.indexOf(' ');
        var method = operation.substring(0, space);
        var path = operation.substring(space + 1);

        for (var token : new String[] {"", "wrong", AdminServer.TOKEN + "x", "x"}) {
            var reply = client.withToken(token).send(method, path, "", Map.of()).expect(401);
            assertThat(reply.problem()).isEqualTo("unauthenticated");
            assertThat(reply.header("www-authenticate")).startsWith("Bearer");
        }
        client.withToken("")
                .send(method, path, "", Map.of("authorization", "Basic " + AdminServer.TOKEN))
                .expect(401);
    }

    @Test
    void the_document_has_operations_to_guard() {
        assertThat(guarded().count()).isGreaterThan(15);
    }

    @ParameterizedTest
    @CsvSource({"/health/live,200", "/health/ready,200", "/metrics,200", "/openapi.json,200"})
    void health_metrics_and_document_need_no_token(String path, int status) {
        client.withToken("").get(path).expect(status);
    }

    @Test
    void readiness_and_metrics_are_the_nodes() {
        server.node.ready = false;
        try {
            var reply = client.get("/health/ready").expect(503);
            assertThat(reply.json().getString("status")).isEqualTo("not_ready");
            assertThat(reply.json().getInteger("revision")).isEqualTo(3);
        } finally {
            server.node.ready = true;
        }
        assertThat(client.get("/metrics").response().body())
                .isEqualTo("tollgate_requests_total 7\n");
    }

    @Test
    void the_document_is_served_as_it_is_kept() {
        var yaml = client.get("/openapi.yaml").expect(200);

        assertThat(yaml.header("content-type")).isEqualTo("application/yaml");
        assertThat(yaml.response().body()).startsWith("openapi: 3.1.0");
        var json = client.get("/openapi.json").expect(200).json();
        assertThat(json.getJsonObject("paths")).hasSize(18);
        assertThat(json.encode()).contains("application/problem+json");
    }

    @Test
    void unknown_paths_are_404_and_unknown_methods_405() {
        assertThat(client.get("/nowhere").expect(404).problem()).isEqualTo("unknown-path");
        assertThat(client.get("/admin/v1/nowhere").expect(404).problem()).isEqualTo("unknown-path");
        client.withToken("").get("/admin/v1/nowhere").expect(401);
        var reply = client.send("POST", "budgets/a", DAILY, Map.of()).expect(405);
        assertThat(reply.header("allow")).isEqualTo("DELETE, GET, PUT");
        client.send("OPTIONS", "/metrics", "", Map.of()).expect(405);
    }

    @Test
    void an_organization_must_exist() {
        var nowhere = server.client("nowhere");

        assertThat(nowhere.get("budgets").expect(404).problem()).isEqualTo("not-found");
        nowhere.put("budgets/daily", DAILY).expect(404);
        nowhere.post("keys", "{\"name\":\"a\"}").expect(404);
        nowhere.get("usage").expect(404);
        nowhere.get("alerts").expect(404);
        nowhere.get("budgets/daily/usage").expect(404);
    }

    @Test
    void a_body_must_be_json_by_its_own_account() {
        var reply =
                client.send("PUT", "budgets/a", DAILY, Map.of("content-type", "text/plain"))
                        .expect(415);

        assertThat(reply.problem()).isEqualTo("not-json");
        client.send(
                        "PUT",
                        "budgets/frame-json",
                        DAILY,
                        Map.of("content-type", "application/json; charset=utf-8"))
                .expect(201);
    }

    @Test
    void a_large_body_is_refused() {
        var reply = client.put("budgets/a", " ".repeat((1 << 20) + 1)).expect(413);

        assertThat(reply.problem()).isEqualTo("body-too-large");
    }

    @Test
    void an_empty_body_and_deep_nesting_are_refused() throws Exception {
        var empty =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:%d/admin/v1/organizations/local/budgets/a"
                                                .formatted(server.port())))
                        .header("authorization", "Bearer " + AdminServer.TOKEN)
                        .header("content-type", "application/json")
                        .PUT(BodyPublishers.noBody())
                        .build();

        var reply = HttpClient.newHttpClient().send(empty, BodyHandlers.ofString());

        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(reply.body()).getString("detail")).contains("body: nothing");
        client.put("budgets/a", "{\"a\":" + "[".repeat(500)).expect(400);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "host, evil.example, 421",
                "host, tollgate.example, 200",
                "host, TOLLGATE.example:8081, 200",
                "host, localhost:8081, 200",
                "host, [::1]:8081, 200",
                "sec-fetch-site, cross-site, 403",
                "sec-fetch-site, same-site, 403",
                "sec-fetch-site, same-origin, 200",
                "origin, https://evil.example, 403",
                "origin, null, 403"
            })
    void pages_of_other_sites_get_nothing(String header, String value, int status) {
        client.send("GET", "keys", "", Map.of(header, value)).expect(status);
        client.withToken("").send("GET", "/metrics", "", Map.of(header, value)).expect(status);
    }

    @Test
    void the_nodes_own_pages_are_welcome() {
        client.send("GET", "keys", "", Map.of("origin", "http://127.0.0.1:" + server.port()))
                .expect(200);
    }

    @Test
    void queries_must_be_percent_encoded() {
        var reply = client.withToken(AdminServer.TOKEN).get("keys?limit=%C3%28");

        reply.expect(400);
    }
}
