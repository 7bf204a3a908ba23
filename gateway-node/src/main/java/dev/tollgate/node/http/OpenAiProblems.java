package dev.tollgate.node.http;

import dev.tollgate.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/// `{"error":{message,type,param,code}}`: all four keys are required by OpenAI's specification.
///
/// The numbers of a budget are beside them in `tollgate`, which its SDKs leave alone.
enum OpenAiProblems implements ProblemRenderer {
    INSTANCE;

    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";

    private static final Buffer HEARTBEAT = Buffer.buffer(": keep-alive\n\n");

    /// @param param the field at fault, empty when it is none
    private record Kind(String type, String code, String param) {
        Kind(String type, String code) {
            this(type, code, "");
        }
    }

    /// What clients do not try again.
    private static final Kind QUOTA = new Kind("insufficient_quota", "insufficient_quota");

    @Override
    public JsonObject body(Problem problem, String requestId) {
        var kind = kind(problem);
        var error =
                new JsonObject()
                        .put("message", ProblemText.message(problem))
                        .put("type", kind.type())
                        .put("param", kind.param().isEmpty() ? null : kind.param())
                        .put("code", kind.code());
        var details = ProblemText.details(problem);
        if (!details.isEmpty()) {
            error.put("tollgate", details);
        }
        return new JsonObject().put("error", error);
    }

    @Override
    public Buffer event(Problem problem, String requestId) {
        return Buffer.buffer("data: " + body(problem, requestId).encode() + "\n\n");
    }

    @Override
    public Buffer heartbeat() {
        return HEARTBEAT;
    }

    private static Kind kind(Problem problem) {
        return switch (problem) {
            case Problem.Draining _ -> new Kind(SERVER, "draining");
            case Problem.UnknownEndpoint(_, _, var pathExists) ->
                    new Kind(INVALID, pathExists ? "method_not_allowed" : "unknown_url");
            case Problem.Unauthenticated(var reason) -> new Kind(INVALID, code(reason));
            case Problem.BodyTooLarge _ -> new Kind(INVALID, "request_too_large");
            case Problem.BodyTooSlow _ -> new Kind(INVALID, "request_timeout");
            case Problem.InvalidRequest(var field, _, _) ->
                    new Kind(INVALID, "invalid_value", Invalid.shown(field));
            case Problem.UnknownModel _ -> new Kind(INVALID, "model_not_found", "model");
            case Problem.ModelNotPermitted _ -> new Kind(INVALID, "model_not_permitted", "model");
            case Problem.Unpriced _ -> new Kind(INVALID, "model_unpriced", "model");
            case Problem.BudgetExhausted exhausted ->
                    ProblemText.isFinal(exhausted) ? QUOTA : rate(exhausted.measure());
            case Problem.RateLimited limited ->
                    ProblemText.isFinal(limited) ? QUOTA : rate(limited.measure());
            case Problem.DowngradeImpossible _ -> QUOTA;
            case Problem.TooManyConcurrent _ -> rate("requests");
            case Problem.QuotaUnavailable _ -> new Kind(SERVER, "quota_unavailable");
            case Problem.UpstreamUnreachable _ -> new Kind(SERVER, "upstream_unreachable");
            case Problem.UpstreamTimeout _ -> new Kind(SERVER, "upstream_timeout");
            case Problem.UpstreamInvalid _ -> new Kind(SERVER, "upstream_invalid");
            case Problem.DeadlineExceeded _ -> new Kind(SERVER, "deadline_exceeded");
            case Problem.NotFound _ -> new Kind(INVALID, "not_found");
            case Problem.Internal _ -> new Kind(SERVER, "internal_error");
        };
    }

    private static Kind rate(String measure) {
        return new Kind(measure.equals("requests") ? "requests" : "tokens", "rate_limit_exceeded");
    }

    private static String code(Problem.Unauthenticated.Reason reason) {
        return switch (reason) {
            case MISSING, NOT_LOCAL -> "missing_api_key";
            case MALFORMED, UNKNOWN -> "invalid_api_key";
            case REVOKED -> "revoked_api_key";
            case EXPIRED -> "expired_api_key";
            case TWO_KEYS -> "two_api_keys";
        };
    }
}
