package dev.tollgate.route;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;
import java.util.List;

/// Chooses the deployment a request goes to: the first that the catalogue names for the model.
public final class RouteFilter implements Filter {

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        return next.proceed(exchange.routedTo(List.of(exchange.candidates().getFirst())));
    }
}
