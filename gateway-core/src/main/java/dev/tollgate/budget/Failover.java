package dev.tollgate.budget;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.AsyncResult;
import java.time.Duration;

/// When a request goes on to its next deployment: what came of an attempt is the provider's state
/// and not the request's fault, nothing of it was relayed, and somebody still waits.
///
/// @param attemptsMax of one request; 1 never fails over
/// @param total from a request to the head of its answer; after it no attempt begins
public record Failover(int attemptsMax, Duration total) {

    public static final int ATTEMPTS_MAX_DEFAULT = 3;

    private static final int OVERLOADED = 529;

    public Failover {
        if (attemptsMax < 1) {
            throw new IllegalArgumentException("attemptsMax: " + attemptsMax + " (expected: >= 1)");
        }
    }

    /// @param attempt the number of the one that `answer` is of, from 1
    boolean goesOn(Exchange exchange, int attempt, AsyncResult<Reply> answer, long nowMillis) {
        return exchange.candidates().size() > 1
                && attempt < attemptsMax
                && (answer.succeeded() ? failed(answer.result()) : failed(answer.cause()))
                && isWaitedFor(exchange, nowMillis);
    }

    boolean isWaitedFor(Exchange exchange, long nowMillis) {
        return !exchange.left().isComplete()
                && nowMillis - exchange.receivedMillis() < total.toMillis();
    }

    /// An answer of the provider's own. One of success that begins with an error, whole or as a
    /// stream's first event, is a failure too.
    private static boolean failed(Reply reply) {
        return switch (reply.status()) {
            case 408, 429, 500, 502, 503, 504, OVERLOADED -> true;
            default ->
                    reply.status() < 400
                            && reply.outcome().succeeded()
                            && reply.outcome().result().report().completion()
                                    == Completion.UPSTREAM_ERROR;
        };
    }

    /// No head of an answer came; or, of a whole answer that was fetched as a stream, an error came
    /// in its place.
    private static boolean failed(Throwable failure) {
        return failure instanceof Refusal refusal
                && (refusal.problem() instanceof Problem.UpstreamUnreachable
                        || refusal.problem() instanceof Problem.UpstreamTimeout)
                && refusal.attempt().filter(Failover::isNoAnswer).isPresent();
    }

    private static boolean isNoAnswer(UsageReport report) {
        return report.httpStatus() == 0 || report.completion() == Completion.UPSTREAM_ERROR;
    }

    /// Whether only this deployment has no room in its budgets, so that another may.
    static boolean isOfOneDeployment(Throwable refused) {
        return refused instanceof Refusal refusal
                && switch (refusal.problem()) {
                    case Problem.Unpriced _,
                            Problem.BudgetExhausted _,
                            Problem.TooManyConcurrent _,
                            Problem.RateLimited _ ->
                            true;
                    default -> false;
                };
    }
}
