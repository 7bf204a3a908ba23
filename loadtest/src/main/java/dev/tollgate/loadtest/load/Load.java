package dev.tollgate.loadtest.load;

import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongFunction;

/// What a load client sends.
///
/// @param target where each request is posted to
/// @param body of the n-th request, from 0
/// @param concurrency requests in flight at a time
/// @param requestsMax requests in all
/// @param timeMax after which none is begun
public record Load(
        URI target,
        Map<String, String> headers,
        LongFunction<Buffer> body,
        int concurrency,
        long requestsMax,
        Duration timeMax) {

    public Load {
        headers = Map.copyOf(headers);
        if (concurrency < 1 || requestsMax < 1) {
            throw new IllegalArgumentException(
                    "concurrency: "
                            + concurrency
                            + ", requests: "
                            + requestsMax
                            + " (expected: >= 1)");
        }
    }

    /// The same body each time.
    public static Load of(URI target, Map<String, String> headers, String body) {
        var bytes = Buffer.buffer(body);
        return new Load(target, headers, _ -> bytes, 1, 1, Duration.ofSeconds(60));
    }

    public Load at(int newConcurrency, long newRequestsMax) {
        return new Load(target, headers, body, newConcurrency, newRequestsMax, timeMax);
    }

    public Load within(Duration newTimeMax) {
        return new Load(target, headers, body, concurrency, requestsMax, newTimeMax);
    }
}
