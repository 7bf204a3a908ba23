package dev.tollgate.problem;

import io.vertx.core.Future;

/// The one exception a [Problem] travels in. It has no stack trace: a refusal is an ordinary
/// answer.
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public Refusal(Problem problem) {
        super(problem.getClass().getSimpleName(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }

    public static <T> Future<T> of(Problem problem) {
        return Future.failedFuture(new Refusal(problem));
    }
}
