package dev.tollgate.usage;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;

/// Wraps what is inside it in one span and one set of metrics, whatever happens.
///
/// It stands on the path twice: outermost for the request, innermost for each attempt.
public final class UsageFilter implements Filter {

    private final Recorder recorder;
    private final Recorder.Kind kind;

    public UsageFilter(Recorder recorder, Recorder.Kind kind) {
        this.recorder = recorder;
        this.kind = kind;
    }

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        var recording = recorder.start(exchange, kind);
        return proceed(exchange.tracedBy(recording.traceParent()), next)
                .onSuccess(reply -> follow(recording, reply))
                .onFailure(failure -> end(recording, failure));
    }

    /// Turns a thrown bug into a failed future, so that the recording ends for it too.
    private static Future<Reply> proceed(Exchange exchange, Next next) {
        try {
            return next.proceed(exchange);
        } catch (RuntimeException thrown) {
            return Future.failedFuture(thrown);
        }
    }

    private static void follow(Recorder.Recording recording, Reply reply) {
        recording.answered(reply.status());
        reply.outcome().onSuccess(recording::ended).onFailure(recording::failed);
    }

    private static void end(Recorder.Recording recording, Throwable failure) {
        if (failure instanceof Refusal refusal) {
            recording.refused(refusal.problem());
        } else {
            recording.failed(failure);
        }
    }
}
