package dev.tollgate.path;

import io.vertx.core.Future;
import java.util.List;

/// One step of a request's path.
///
/// A filter either answers the exchange itself or hands it to `next`, and may act on the reply on
/// its way back. It runs on the request's event loop and must not block.
@FunctionalInterface
public interface Filter {

    Future<Reply> apply(Exchange exchange, Next next);

    /// The rest of the path.
    @FunctionalInterface
    interface Next {
        Future<Reply> proceed(Exchange exchange);
    }

    /// Joins `filters`, outermost first, around `upstream`.
    static Next chain(List<Filter> filters, Next upstream) {
        var next = upstream;
        for (var filter : filters.reversed()) {
            var rest = next;
            next = exchange -> filter.apply(exchange, rest);
        }
        return next;
    }
}
