package dev.tollgate.node;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Knows how many requests are on the path, streams until their end, so that a stopping node can
/// wait for them.
final class ActiveRequests implements Filter {

    private final AtomicInteger active = new AtomicInteger();

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        active.incrementAndGet();
        return next.proceed(exchange)
                .onSuccess(reply -> reply.outcome().onComplete(_ -> active.decrementAndGet()))
                .onFailure(_ -> active.decrementAndGet());
    }

    int count() {
        return active.get();
    }
}
