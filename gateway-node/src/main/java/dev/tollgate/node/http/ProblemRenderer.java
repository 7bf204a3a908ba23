package dev.tollgate.node.http;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/// Says problems in one dialect, so that its clients understand them.
sealed interface ProblemRenderer permits OpenAiProblems, AnthropicProblems {

    static ProblemRenderer of(Dialect dialect) {
        return switch (dialect) {
            case OPENAI -> OpenAiProblems.INSTANCE;
            case ANTHROPIC -> AnthropicProblems.INSTANCE;
        };
    }

    /// The body of an answer whose status and headers are in [ProblemText].
    JsonObject body(Problem problem, String requestId);

    /// An event for a stream whose head has been sent already. After it the stream must not end
    /// cleanly.
    Buffer event(Problem problem, String requestId);

    /// Something clients skip, for silent streams.
    Buffer heartbeat();
}
