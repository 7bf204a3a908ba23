package dev.tollgate.loadtest.provider;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/// Answers every call with bytes rendered beforehand, for measuring what stands in front of it.
final class BenchHandler implements Handler<HttpServerRequest> {

    private static final String TEXT = "The quick brown fox jumps over the lazy dog, twice a day.";
    private static final byte[] STREAM = "\"stream\"".getBytes(StandardCharsets.UTF_8);

    /// An answer in both forms.
    private record Rendered(Wire wire, Buffer whole, List<Buffer> events) {

        static Rendered of(Dialect dialect, String model) {
            var wire = Wire.of(dialect);
            var request =
                    new ModelRequest(
                            model,
                            true,
                            OptionalLong.empty(),
                            1,
                            true,
                            Set.of(),
                            false,
                            List.of(),
                            12,
                            0,
                            false,
                            0,
                            true);
            var answer =
                    new Composer(
                                    Behaviour.replies(TEXT),
                                    request,
                                    Tokenizer.of(model, 1, 1),
                                    new SplittableRandom(1),
                                    dialect)
                            .compose(1, 1_760_000_000);
            return new Rendered(
                    wire,
                    Buffer.buffer(wire.whole(answer)),
                    wire.stream(answer).stream()
                            .map(step -> Buffer.buffer(step.event().get()))
                            .toList());
        }
    }

    private final Rendered openai = Rendered.of(Dialect.OPENAI, "gpt-4o-mini");
    private final Rendered anthropic = Rendered.of(Dialect.ANTHROPIC, "claude-haiku-4-5");
    private final LongAdder served;

    BenchHandler(LongAdder served) {
        this.served = served;
    }

    @Override
    public void handle(HttpServerRequest request) {
        var rendered = Call.pathOf(request).startsWith("/v1/messages") ? anthropic : openai;
        request.body().onSuccess(body -> answer(request, rendered, asksToStream(body)));
    }

    private void answer(HttpServerRequest request, Rendered rendered, boolean stream) {
        served.increment();
        var response = request.response();
        rendered.wire().headers("req_bench").forEach(response::putHeader);
        if (!stream) {
            response.putHeader("content-type", "application/json").end(rendered.whole());
            return;
        }
        response.putHeader("content-type", "text/event-stream; charset=utf-8").setChunked(true);
        for (var event : rendered.events()) {
            response.write(event);
        }
        response.end();
    }

    /// Looks for `"stream": true` near the end and the start of a body; its callers write it there.
    static boolean asksToStream(Buffer body) {
        for (int i = 0; i + STREAM.length < body.length(); i++) {
            if (body.getByte(i) == '"' && matches(body, i)) {
                var next = i + STREAM.length;
                while (next < body.length()
                        && (body.getByte(next) == ':' || body.getByte(next) == ' ')) {
                    next++;
                }
                return next < body.length() && body.getByte(next) == 't';
            }
        }
        return false;
    }

    private static boolean matches(Buffer body, int at) {
        for (int i = 1; i < STREAM.length; i++) {
            if (body.getByte(at + i) != STREAM[i]) {
                return false;
            }
        }
        return true;
    }
}
