package dev.tollgate.node.http;

import dev.tollgate.price.Money;
import dev.tollgate.problem.Problem;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What all dialects say alike about a problem: status, headers, message and, for budgets, the
/// numbers in a form programs can read.
final class ProblemText {

    /// A budget without a period never resets; its window ends past any year of four digits.
    private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

    private static final Duration SOON = Duration.ofSeconds(1);

    private ProblemText() {}

    static int status(Problem problem) {
        return switch (problem) {
            case Problem.InvalidRequest _ -> 400;
            case Problem.Unauthenticated _ -> 401;
            case Problem.ModelNotPermitted _, Problem.Unpriced _ -> 403;
            case Problem.UnknownModel _, Problem.NotFound _ -> 404;
            case Problem.UnknownEndpoint(_, _, var pathExists) -> pathExists ? 405 : 404;
            case Problem.BodyTooSlow _ -> 408;
            case Problem.BodyTooLarge _ -> 413;
            case Problem.BudgetExhausted _,
                    Problem.TooManyConcurrent _,
                    Problem.RateLimited _,
                    Problem.DowngradeImpossible _ ->
                    429;
            case Problem.Internal _ -> 500;
            case Problem.UpstreamUnreachable _, Problem.UpstreamInvalid _ -> 502;
            case Problem.Draining _, Problem.QuotaUnavailable _ -> 503;
            case Problem.UpstreamTimeout _, Problem.DeadlineExceeded _ -> 504;
        };
    }

    /// `retry-after` where waiting helps; `x-should-retry: false`, which the SDKs obey, where 429
    /// would make them try again in vain.
    static List<Map.Entry<String, String>> headers(Problem problem) {
        var headers = new ArrayList<Map.Entry<String, String>>(2);
        var retryAfter = retryAfter(problem);
        if (retryAfter.isPositive()) {
            headers.add(Map.entry("retry-after", Long.toString(seconds(retryAfter))));
        } else if (status(problem) == 429) {
            headers.add(Map.entry("x-should-retry", "false"));
        }
        if (problem instanceof Problem.Unauthenticated) {
            headers.add(Map.entry("www-authenticate", "Bearer"));
        }
        return headers;
    }

    static boolean isFinal(Problem.BudgetExhausted exhausted) {
        return !exhausted.retryAfter().isPositive();
    }

    static boolean isFinal(Problem.RateLimited limited) {
        return !limited.retryAfter().isPositive();
    }

    static String message(Problem problem) {
        return switch (problem) {
            case Problem.Draining _ -> "this node is going down; please try again";
            case Problem.UnknownEndpoint(var method, var path, var pathExists) ->
                    pathExists
                            ? "method: " + shown(method) + " (expected: see the allow header)"
                            : "path: " + shown(path) + " (expected: one this gateway serves)";
            case Problem.Unauthenticated(var reason) -> unauthenticated(reason);
            case Problem.BodyTooLarge(var most) ->
                    "body: too large (expected: at most " + most + " bytes)";
            case Problem.BodyTooSlow(var limit) ->
                    "body: incomplete (expected: whole within " + spelled(limit) + ")";
            case Problem.InvalidRequest(var field, var value, var expected) ->
                    shown(field) + ": " + value + " (expected: " + expected + ")";
            case Problem.UnknownModel(var model, var hint) ->
                    "model: " + shown(model) + " is not served here (" + hint + ")";
            case Problem.ModelNotPermitted(var model) ->
                    "model: " + shown(model) + " (expected: one this key may use)";
            case Problem.Unpriced(var model, var budget) ->
                    "model: "
                            + shown(model)
                            + " has no price, and budget "
                            + budget
                            + " limits cost (expected: a priced model)";
            case Problem.BudgetExhausted exhausted -> exhausted(exhausted);
            case Problem.TooManyConcurrent(var budget, var subject, var limit, var retryAfter) ->
                    "budget "
                            + budget
                            + of(subject)
                            + " allows "
                            + limit
                            + " requests at a time, all in use. "
                            + tryAgain(retryAfter);
            case Problem.RateLimited limited -> limited(limited);
            case Problem.DowngradeImpossible(var budget, var model, var to, var reason) ->
                    "budget "
                            + budget
                            + " has no room for "
                            + shown(model)
                            + " and would have "
                            + shown(to)
                            + " answer, which cannot ("
                            + reason
                            + ")";
            case Problem.QuotaUnavailable(var reason) ->
                    "the state of the budgets cannot be verified just now ("
                            + reason
                            + "). "
                            + tryAgain(SOON);
            case Problem.UpstreamUnreachable(var provider, var reason) ->
                    "provider " + provider + " cannot be reached (" + reason + ")";
            case Problem.UpstreamTimeout(var provider, var phase, var limit) ->
                    "provider "
                            + provider
                            + " took longer than "
                            + spelled(limit)
                            + " ("
                            + phase
                            + ")";
            case Problem.UpstreamInvalid(var provider, var reason) ->
                    "provider " + provider + " gave no valid answer (" + reason + ")";
            case Problem.DeadlineExceeded(var limit) ->
                    "the request took longer than " + spelled(limit);
            case Problem.NotFound(var what, var name) ->
                    what + ": " + shown(name) + " (expected: one of yours)";
            case Problem.Internal(var requestId) ->
                    "an error of the gateway itself; it is logged as request " + requestId;
        };
    }

    /// The numbers behind a refusal; empty for problems that have none.
    static JsonObject details(Problem problem) {
        return switch (problem) {
            case Problem.BudgetExhausted exhausted -> details(exhausted);
            case Problem.TooManyConcurrent(var budget, var subject, var limit, _) ->
                    new JsonObject()
                            .put("budget", budget)
                            .put("subject", subject)
                            .put("measure", "concurrent_requests")
                            .put("limit", limit);
            case Problem.RateLimited limited -> details(limited);
            case Problem.DowngradeImpossible(var budget, var model, var to, _) ->
                    new JsonObject()
                            .put("budget", budget)
                            .put("action", "downgrade")
                            .put("model", model)
                            .put("to", to);
            case Problem.Unpriced(_, var budget) -> new JsonObject().put("budget", budget);
            case Problem.Draining _,
                    Problem.UnknownEndpoint _,
                    Problem.Unauthenticated _,
                    Problem.BodyTooLarge _,
                    Problem.BodyTooSlow _,
                    Problem.InvalidRequest _,
                    Problem.UnknownModel _,
                    Problem.ModelNotPermitted _,
                    Problem.QuotaUnavailable _,
                    Problem.UpstreamUnreachable _,
                    Problem.UpstreamTimeout _,
                    Problem.UpstreamInvalid _,
                    Problem.DeadlineExceeded _,
                    Problem.NotFound _,
                    Problem.Internal _ ->
                    new JsonObject();
        };
    }

    private static Duration retryAfter(Problem problem) {
        return switch (problem) {
            case Problem.Draining _, Problem.QuotaUnavailable _ -> SOON;
            case Problem.BudgetExhausted exhausted -> exhausted.retryAfter();
            case Problem.TooManyConcurrent(_, _, _, var after) -> after.isPositive() ? after : SOON;
            case Problem.RateLimited limited -> limited.retryAfter();
            case Problem.UnknownEndpoint _,
                    Problem.Unauthenticated _,
                    Problem.BodyTooLarge _,
                    Problem.BodyTooSlow _,
                    Problem.InvalidRequest _,
                    Problem.UnknownModel _,
                    Problem.ModelNotPermitted _,
                    Problem.Unpriced _,
                    Problem.DowngradeImpossible _,
                    Problem.UpstreamUnreachable _,
                    Problem.UpstreamTimeout _,
                    Problem.UpstreamInvalid _,
                    Problem.DeadlineExceeded _,
                    Problem.NotFound _,
                    Problem.Internal _ ->
                    Duration.ZERO;
        };
    }

    private static JsonObject details(Problem.BudgetExhausted exhausted) {
        var measure = exhausted.measure();
        return new JsonObject()
                .put("budget", exhausted.budget())
                .put("subject", exhausted.subject())
                .put("measure", measure)
                .put("limit", amount(measure, exhausted.limit()))
                .put("used", amount(measure, exhausted.posted()))
                .put("held", amount(measure, exhausted.held()))
                .put("asked", amount(measure, exhausted.asked()))
                .put("resets_at", resets(exhausted) ? exhausted.resetsAt().toString() : null)
                .put("action", exhausted.action());
    }

    private static String exhausted(Problem.BudgetExhausted exhausted) {
        var measure = exhausted.measure();
        return "budget "
                + exhausted.budget()
                + of(exhausted.subject())
                + " has no room: "
                + measure
                + " limit "
                + amount(measure, exhausted.limit())
                + ", used "
                + amount(measure, exhausted.posted())
                + ", held by requests in progress "
                + amount(measure, exhausted.held())
                + ", asked for "
                + amount(measure, exhausted.asked())
                + "; "
                + (resets(exhausted) ? "resets at " + exhausted.resetsAt() : "never resets")
                + (isFinal(exhausted) ? "" : ". " + tryAgain(exhausted.retryAfter()));
    }

    private static JsonObject details(Problem.RateLimited limited) {
        return new JsonObject()
                .put("budget", limited.budget())
                .put("subject", limited.subject())
                .put("measure", limited.measure())
                .put("per_minute", limited.perMinute())
                .put("burst", limited.burst())
                .put("asked", limited.asked())
                .put("action", limited.action());
    }

    private static String limited(Problem.RateLimited limited) {
        var budget = "budget " + limited.budget() + of(limited.subject());
        var rate = limited.perMinute() + " " + limited.measure() + " a minute";
        return isFinal(limited)
                ? budget
                        + " never lets this request through: "
                        + rate
                        + ", at most "
                        + limited.burst()
                        + " at once, asked for "
                        + limited.asked()
                : budget
                        + " allows "
                        + rate
                        + ", asked for "
                        + limited.asked()
                        + ". "
                        + tryAgain(limited.retryAfter());
    }

    private static boolean resets(Problem.BudgetExhausted exhausted) {
        return exhausted.resetsAt().isBefore(NEVER);
    }

    private static Object amount(String measure, long amount) {
        return measure.equals("cost_usd") ? new Money(amount).toUsd() : (Object) amount;
    }

    private static String unauthenticated(Problem.Unauthenticated.Reason reason) {
        return switch (reason) {
            case MISSING ->
                    "no key (expected: a Tollgate key, sk-tg-..., in authorization: Bearer,"
                            + " x-api-key or x-tollgate-key)";
            case MALFORMED -> "the key is damaged: its checksum does not match";
            case UNKNOWN -> "no such key (expected: a Tollgate key, sk-tg-...)";
            case REVOKED -> "the key has been revoked";
            case EXPIRED -> "the key has expired";
            case TWO_KEYS -> "two different Tollgate keys in one request (expected: one)";
            case NOT_LOCAL ->
                    "without a key only programs on this machine may call; this request came by a"
                            + " web page, a proxy or a foreign host name (expected: a Tollgate key,"
                            + " or a loopback origin and host)";
        };
    }

    private static String of(String subject) {
        return subject.isEmpty() ? "" : " of " + shown(subject);
    }

    /// The wording from which Codex reads how long to wait.
    private static String tryAgain(Duration after) {
        return "Please try again in " + seconds(after) + "s.";
    }

    private static String spelled(Duration limit) {
        return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
    }

    /// Whole seconds, rounded up: a client that comes early is refused again.
    private static long seconds(Duration duration) {
        return Math.max(1, Math.ceilDiv(duration.toMillis(), 1000L));
    }

    private static String shown(String text) {
        return Invalid.shown(text);
    }
}
