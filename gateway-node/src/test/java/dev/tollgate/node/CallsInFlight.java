package dev.tollgate.node;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Calls of both dialects, whole and streamed, that a test sends at once and looks at later.
final class CallsInFlight implements AutoCloseable {

    static final long OUTPUT_TOKENS_MAX = 64;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI gateway;
    private final List<CompletableFuture<Ended>> calls = new ArrayList<>();

    /// How a call ended for its client.
    ///
    /// @param status 0 when there was no whole answer
    /// @param requestId empty when there was no answer
    record Ended(int status, boolean streamed, String requestId, String body) {

        /// The answer has come to its proper end.
        boolean whole() {
            return status == 200
                    && (!streamed || body.contains("[DONE]") || body.contains("message_stop"));
        }
    }

    CallsInFlight(URI gateway) {
        this.gateway = gateway;
    }

    /// Sends a call whose dialect and form its number chooses.
    void send(int number, String user) {
        var streamed = number % 2 == 0;
        var request = number % 4 < 2 ? openAi(streamed, number) : anthropic(streamed, number);
        request.header("x-app-user-id", user).header("content-type", "application/json");
        calls.add(
                http.sendAsync(
                                request.timeout(PATIENCE).build(),
                                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                        .handle((answer, failure) ->
                                failure == null
                                        ? ended(answer, streamed)
                                        : new Ended(0, streamed, "", "")));
    }

    /// Waits for the end of all of them.
    List<Ended> ended() {
        return calls.stream().map(CompletableFuture::join).toList();
    }

    private static Ended ended(HttpResponse<String> answer, boolean streamed) {
        return new Ended(
                answer.statusCode(),
                streamed,
                answer.headers().firstValue("x-request-id").orElse(""),
                answer.body());
    }

    private HttpRequest.Builder openAi(boolean streamed, int number) {
        return post(
                "/v1/chat/completions",
                new JsonObject()
                        .put("model", "gpt-4o-mini")
                        .put("max_completion_tokens", OUTPUT_TOKENS_MAX)
                        .put("stream", streamed)
                        .put("messages", messages(number)));
    }

    private HttpRequest.Builder anthropic(boolean streamed, int number) {
        return post(
                        "/v1/messages",
                        new JsonObject()
                                .put("model", "claude-haiku-4-5")
                                .put("max_tokens", OUTPUT_TOKENS_MAX)
                                .put("stream", streamed)
                                .put("messages", messages(number)))
                .header("anthropic-version", "2023-06-01");
    }

    private HttpRequest.Builder post(String path, JsonObject body) {
        return HttpRequest.newBuilder(gateway.resolve(path))
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
    }

    private static JsonArray messages(int number) {
        return new JsonArray()
                .add(
                        new JsonObject()
                                .put("role", "user")
                                .put("content", "Say something about the number " + number + "."));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
