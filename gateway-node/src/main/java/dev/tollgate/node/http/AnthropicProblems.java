package dev.tollgate.node.http;

import dev.tollgate.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/// `{"type":"error","error":{type,message},"request_id"}`.
///
/// The numbers of a budget are inside `error`, in `tollgate`, which Anthropic's SDKs leave alone.
enum AnthropicProblems implements ProblemRenderer {
    INSTANCE;

    private static final Buffer HEARTBEAT =
            Buffer.buffer("event: ping\ndata: {\"type\": \"ping\"}\n\n");

    @Override
    public JsonObject body(Problem problem, String requestId) {
        var error =
                new JsonObject()
                        .put("type", type(problem))
                        .put("message", ProblemText.message(problem));
        var details = ProblemText.details(problem);
        if (!details.isEmpty()) {
            error.put("tollgate", details);
        }
        return new JsonObject()
                .put("type", "error")
                .put("error", error)
                .put("request_id", requestId);
    }

    @Override
    public Buffer event(Problem problem, String requestId) {
        return Buffer.buffer("event: error\ndata: " + body(problem, requestId).encode() + "\n\n");
    }

    @Override
    public Buffer heartbeat() {
        return HEARTBEAT;
    }

    private static String type(Problem problem) {
        return switch (problem) {
            case Problem.UnknownEndpoint(_, _, var pathExists) ->
                    pathExists ? "invalid_request_error" : "not_found_error";
            case Problem.InvalidRequest _, Problem.BodyTooSlow _ -> "invalid_request_error";
            case Problem.Unauthenticated _ -> "authentication_error";
            case Problem.ModelNotPermitted _, Problem.Unpriced _ -> "permission_error";
            case Problem.UnknownModel _, Problem.NotFound _ -> "not_found_error";
            case Problem.BodyTooLarge _ -> "request_too_large";
            case Problem.BudgetExhausted _,
                    Problem.TooManyConcurrent _,
                    Problem.RateLimited _,
                    Problem.DowngradeImpossible _ ->
                    "rate_limit_error";
            case Problem.UpstreamTimeout _, Problem.DeadlineExceeded _ -> "timeout_error";
            case Problem.Draining _,
                    Problem.QuotaUnavailable _,
                    Problem.UpstreamUnreachable _,
                    Problem.UpstreamInvalid _,
                    Problem.Internal _ ->
                    "api_error";
        };
    }
}
