package dev.tollgate.policy;

import dev.tollgate.caller.Caller;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;

/// Lets through only the models that the caller's key may use. A key without patterns may use all.
/// A pattern may fit a model's name in the catalogue or the one it is sent under, with its date.
public final class PolicyFilter implements Filter {

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        var deployment = exchange.deployment();
        return permits(exchange.caller(), deployment.model().name())
                        || permits(exchange.caller(), deployment.upstreamModel())
                ? next.proceed(exchange)
                : Refusal.of(new Problem.ModelNotPermitted(exchange.request().model()));
    }

    /// Whether `caller` may use `model`, named as in the catalogue.
    public static boolean permits(Caller caller, String model) {
        return caller.models().isEmpty()
                || caller.models().stream().anyMatch(pattern -> Glob.of(pattern).matches(model));
    }
}
