package dev.tollgate.node.clients;

import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.SeenRequest;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// What the simulated provider does for the clients: the words of a prompt choose it.
final class UpstreamScript {

    static final String HELLO = "Hello from upstream";
    static final String WEATHER_TOOL = "get_weather";
    static final String WEATHER = "It rains in Ghent.";

    private UpstreamScript() {}

    static Behaviour answer(SeenRequest request) {
        var body = text(request);
        if (body.contains("please fail with 400")) {
            return Behaviour.answers(400);
        }
        if (body.contains("please fail with 500")) {
            return Behaviour.answers(500);
        }
        if (body.contains("please write at length")) {
            return Behaviour.generates(3_500, 4_096).paced(Duration.ofMillis(2));
        }
        if (body.contains("please hold")) {
            return Behaviour.streams(List.of("one ", "two"), Duration.ZERO)
                    .pausesAfter(1, Promise.promise().future());
        }
        if (request.model().offersTool(WEATHER_TOOL)) {
            return Behaviour.usesToolThenReplies(WEATHER_TOOL, "{\"city\":\"Ghent\"}", WEATHER)
                    .apply(request);
        }
        return Behaviour.replies(HELLO);
    }

    static String text(SeenRequest request) {
        return request.body().toString(StandardCharsets.UTF_8);
    }
}
