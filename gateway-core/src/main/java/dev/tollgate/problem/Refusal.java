package dev.tollgate.problem;

import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import java.util.Optional;

/// The one exception a [Problem] travels in. It has no stack trace: a refusal is an ordinary
/// answer.
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;
    private final transient Optional<UsageReport> attempt;

    public Refusal(Problem problem) {
        this(problem, Optional.empty());
    }

    private Refusal(Problem problem, Optional<UsageReport> attempt) {
        super(problem.getClass().getSimpleName(), null, false, false);
        this.problem = problem;
        this.attempt = attempt;
    }

    /// A refusal after the request may have reached a provider, with what is known of the attempt:
    /// it has to be settled.
    public static <T> Future<T> afterAttempt(Problem problem, UsageReport attempt) {
        return Future.failedFuture(new Refusal(problem, Optional.of(attempt)));
    }

    public Problem problem() {
        return problem;
    }

    /// What is known of the attempt that failed; empty when no attempt was made.
    public Optional<UsageReport> attempt() {
        return attempt;
    }

    public static <T> Future<T> of(Problem problem) {
        return Future.failedFuture(new Refusal(problem));
    }
}
