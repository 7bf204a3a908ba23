package dev.tollgate.loadtest.provider;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What a simulated provider does with one request. Meant for static import:
/// `provider.then(answers(429, RetryAfter.seconds(1)))`.
public sealed interface Behaviour permits Completion, Canned {

    /// A model's answer, whole or streamed as the request asks.
    static Completion replies(String text) {
        return Completion.of(new Content.Text(text));
    }

    /// An answer in these chunks, `gap` apart.
    static Completion streams(List<String> chunks, Duration gap) {
        return Completion.of(new Content.Chunks(chunks))
                .timed(new Timing(Distribution.ZERO, Distribution.fixed(gap)));
    }

    /// Seeded text of varying length, from one token to the requested maximum (4,096 at most).
    static Completion generates() {
        return generates(1, 4_096);
    }

    static Completion generates(long tokensMin, long tokensMax) {
        return Completion.of(new Content.Generated(tokensMin, tokensMax));
    }

    static Completion usesTool(String name, String inputJson) {
        return Completion.of(
                new Content.ToolUse("", List.of(new Content.ToolCall(name, inputJson))));
    }

    /// An agent's turn: a call of the tool while the request offers it and its last message brings
    /// no tool result, otherwise the text.
    static Function<SeenRequest, Behaviour> usesToolThenReplies(
            String name, String inputJson, String text) {
        return request ->
                request.model().offersTool(name) && !request.model().endsWithToolResult()
                        ? usesTool(name, inputJson)
                        : replies(text);
    }

    /// Accepts the request and never answers.
    static Completion stalls() {
        return replies("").ends(new Ending(Ending.Kind.STALLS_BEFORE_HEADERS, 0));
    }

    /// Falls silent after some chunks.
    static Completion stallsMidStream(int afterChunks) {
        return generates(64, 256).ends(new Ending(Ending.Kind.STALLS, afterChunks));
    }

    /// Ends the connection (FIN) in the middle of the HTTP body.
    static Completion closesMidStream(int afterChunks) {
        return generates(64, 256).ends(new Ending(Ending.Kind.CLOSES, afterChunks));
    }

    /// Resets the connection (RST).
    static Completion resetsMidStream(int afterChunks) {
        return generates(64, 256).ends(new Ending(Ending.Kind.RESETS, afterChunks));
    }

    /// Ends the HTTP body properly but without the format's success mark.
    static Completion endsWithoutMark(int afterChunks) {
        return generates(64, 256).ends(new Ending(Ending.Kind.ENDS_WITHOUT_MARK, afterChunks));
    }

    /// Sends the format's error event mid-stream.
    static Completion failsMidStream(int afterChunks) {
        return generates(64, 256).ends(new Ending(Ending.Kind.ERROR_EVENT, afterChunks));
    }

    /// An error in the shape of the request's dialect.
    static Canned answers(int status) {
        return answers(status, RetryAfter.none());
    }

    static Canned answers(int status, RetryAfter retryAfter) {
        return new Canned(
                status,
                retryAfter.headers(),
                Optional.empty(),
                Duration.ZERO,
                Ending.SUCCESS,
                false);
    }

    /// These very bytes.
    static Canned answers(int status, Map<String, String> headers, String body) {
        return garbage(status, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    /// Bytes that need not be JSON, nor even text.
    static Canned garbage(int status, Map<String, String> headers, byte[] body) {
        return streamsRaw(status, headers, List.of(body), Duration.ZERO);
    }

    /// Bytes in the given chunks, `gap` apart, whatever they are.
    static Canned streamsRaw(
            int status, Map<String, String> headers, List<byte[]> chunks, Duration gap) {
        return new Canned(status, headers, Optional.of(chunks), gap, Ending.SUCCESS, false);
    }
}
