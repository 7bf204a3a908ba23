package dev.tollgate.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.GatewayAdmin;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.check.LedgerRow;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The one jar that is shipped, as its users start it: with no flag and no other file.
class TollgateJarIT {

    private static final Path JAR = Path.of("target", "tollgate.jar").toAbsolutePath();
    private static final Pattern ADMIN_TOKEN = Pattern.compile("admin token {2}([0-9a-f]{64})");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir Path data;

    @Test
    void it_starts_by_itself_answers_books_and_shows_its_token_once() throws Exception {
        String token;
        try (var node = start()) {
            var printed = ADMIN_TOKEN.matcher(node.output());
            assertThat(printed.find()).as(node.output()).isTrue();
            token = printed.group(1);

            assertEchoes(node.gateway(), "/v1/chat/completions");
            assertEchoes(node.gateway(), "/v1/messages");
            assertThat(models(node.gateway())).contains("gpt-4o-mini", "sandbox/echo");
            assertBooked(node.admin(), token, 2);
        }
        try (var node = start()) {
            assertThat(node.output()).doesNotContain(token).contains("admin token  kept in");
            assertEchoes(node.gateway(), "/v1/chat/completions");
            assertBooked(node.admin(), token, 3);
        }
    }

    private NodeProcess start() {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return NodeProcess.start(
                        List.of(java, "-jar", JAR.toString()),
                        Map.of(
                                "TOLLGATE_DATA", data.toString(),
                                "TOLLGATE_PORT", "0",
                                "TOLLGATE_ADMIN_PORT", "0",
                                "OPENAI_API_KEY", "sk-never-used"))
                .ready();
    }

    private static void assertEchoes(URI gateway, String path) throws Exception {
        var body =
                "{\"model\":\"sandbox/echo\",\"max_tokens\":50,"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"from the jar\"}]}";
        var answer =
                send(
                        HttpRequest.newBuilder(gateway.resolve(path))
                                .header("content-type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("from the jar");
    }

    private static List<String> models(URI gateway) throws Exception {
        var list =
                new JsonObject(send(HttpRequest.newBuilder(gateway.resolve("/v1/models"))).body());
        return list.getJsonArray("data").stream()
                .map(model -> ((JsonObject) model).getString("id"))
                .toList();
    }

    private static void assertBooked(URI admin, String token, int rows) {
        var books =
                GatewayBooks.readWhenBooked(
                        new GatewayAdmin(admin, token), List.of(), rows, PATIENCE);
        assertThat(books.rows()).hasSize(rows);
        assertThat(books.rows())
                .extracting(LedgerRow::model)
                .allMatch(model -> model.endsWith("echo"));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
