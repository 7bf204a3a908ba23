package dev.tollgate.reply;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;

/// The place of the cache on the path. Nothing is cached, so every answer says it was not.
public final class ReplyCacheFilter implements Filter {

    static final String HEADER = "x-tollgate-cache";

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        return next.proceed(exchange).map(reply -> reply.withHeader(HEADER, "bypass"));
    }
}
