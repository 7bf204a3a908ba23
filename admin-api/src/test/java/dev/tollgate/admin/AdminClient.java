package dev.tollgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A client of one organization that holds every answer against the OpenAPI document.
final class AdminClient {

    private static final HttpClient HTTP = http();

    private final AdminServer server;
    private final String organization;
    private final String token;
    private final ResponseValidator validator;

    AdminClient(AdminServer server, String organization, String token) {
        this.server = server;
        this.organization = organization;
        this.token = token;
        this.validator = ResponseValidator.create(server.vertx, server.contract.forValidation());
    }

    private static HttpClient http() {
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    AdminClient withToken(String other) {
        return new AdminClient(server, organization, other);
    }

    Reply get(String path) {
        return send("GET", path, "", Map.of());
    }

    Reply put(String path, String body) {
        return send("PUT", path, body, Map.of());
    }

    Reply post(String path, String body) {
        return send("POST", path, body, Map.of());
    }

    Reply patch(String path, String body) {
        return send("PATCH", path, body, Map.of());
    }

    Reply delete(String path) {
        return send("DELETE", path, "", Map.of());
    }

    /// @param path below the organization, or a whole one when it begins with a slash
    Reply send(String method, String path, String body, Map<String, String> headers) {
        var whole =
                path.startsWith("/")
                        ? path
                        : "/admin/v1/organizations/" + organization + "/" + path;
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + whole))
                        .timeout(Duration.ofSeconds(20))
                        .method(method, BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("authorization", "Bearer " + token);
        }
        if (!body.isEmpty() && !headers.containsKey("content-type")) {
            request.header("content-type", "application/json");
        }
        headers.forEach(request::setHeader);
        try {
            var response = HTTP.send(request.build(), BodyHandlers.ofString());
            check(method, whole.split("\\?", 2)[0], response);
            return new Reply(response);
        } catch (IOException e) {
            throw new AssertionError(method + " " + whole, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// What every answer must have, and what the document says of this one.
    private void check(String method, String path, HttpResponse<String> response) {
        assertThat(response.headers().firstValue("x-request-id")).isPresent();
        assertThat(response.headers().firstValue("access-control-allow-origin")).isEmpty();
        var contentType = response.headers().firstValue("content-type").orElse("");
        if (response.statusCode() >= 400) {
            checkProblem(contentType, path, response);
        }
        var operation =
                server.contract.forValidation().findOperation(path, HttpMethod.valueOf(method));
        if (operation == null) {
            assertThat(response.statusCode()).isGreaterThanOrEqualTo(400);
            return;
        }
        if (contentType.startsWith("text/plain") || contentType.startsWith("application/yaml")) {
            assertThat(operation.getResponse(response.statusCode())).isNotNull();
            return;
        }
        var headers = new HashMap<String, String>();
        // All of ours are text, which the validator would read as JSON if it were not quoted.
        response.headers()
                .map()
                .forEach((name, values) -> headers.put(name, Json.encode(values.getFirst())));
        var known = contentType.replace("problem+json", "vnd.problem+json").split(";", 2)[0];
        var checked =
                known.isEmpty()
                        ? ValidatableResponse.create(response.statusCode(), headers)
                        : ValidatableResponse.create(
                                response.statusCode(),
                                headers,
                                Buffer.buffer(response.body()),
                                known);
        AdminServer.await(validator.validate(checked, operation.getOperationId()));
    }

    private static void checkProblem(
            String contentType, String path, HttpResponse<String> response) {
        if (path.startsWith("/health")) {
            return;
        }
        assertThat(contentType).isEqualTo("application/problem+json");
        var problem = new JsonObject(response.body());
        assertThat(problem.getInteger("status")).isEqualTo(response.statusCode());
        assertThat(problem.getString("type")).startsWith("urn:tollgate:problem:");
        assertThat(problem.getString("instance")).isEqualTo(path);
        assertThat(problem.getString("detail")).isNotEmpty();
    }

    /// An answer, for assertions.
    record Reply(HttpResponse<String> response) {

        int status() {
            return response.statusCode();
        }

        JsonObject json() {
            return new JsonObject(response.body());
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        List<JsonObject> items() {
            return objects(json().getJsonArray("items")).toList();
        }

        /// The faults, as `field | value | expected`.
        List<String> faults() {
            return objects(json().getJsonArray("errors", new JsonArray()))
                    .map(fault ->
                            fault.getString("field")
                                    + " | "
                                    + fault.getValue("value")
                                    + " | "
                                    + fault.getString("expected"))
                    .toList();
        }

        String problem() {
            return json().getString("type").replace("urn:tollgate:problem:", "");
        }

        Reply expect(int status) {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
            return this;
        }

        private static Stream<JsonObject> objects(JsonArray array) {
            return array.stream().map(JsonObject.class::cast);
        }
    }
}
