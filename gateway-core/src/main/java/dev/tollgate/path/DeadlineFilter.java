package dev.tollgate.path;

import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Bounds the time from a request to the head of its answer.
///
/// When it passes, the caller gets its refusal at once. What is inside goes on to its own end, so
/// that a hold is settled and not forgotten; the provider's codec has a time-out of its own.
public final class DeadlineFilter implements Filter {

    private final Duration limit;

    public DeadlineFilter(Duration limit) {
        this.limit = limit;
    }

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        return next.proceed(exchange)
                .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .recover(this::refusalOf);
    }

    private Future<Reply> refusalOf(Throwable failure) {
        return failure instanceof java.util.concurrent.TimeoutException
                ? Refusal.of(new Problem.DeadlineExceeded(limit))
                : Future.failedFuture(failure);
    }
}
