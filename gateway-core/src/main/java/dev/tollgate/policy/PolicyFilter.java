package dev.tollgate.policy;

import dev.tollgate.caller.Caller;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import java.util.List;

/// Lets through only the models that the caller's key may use. A key without patterns may use all.
/// A pattern may fit a model's name in the catalogue or the one it is sent under, with its date.
public final class PolicyFilter implements Filter {

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        if (exchange.caller().models().isEmpty()) {
            return next.proceed(exchange);
        }
        var permitted = permitted(exchange.caller(), exchange.candidates());
        return permitted.isEmpty()
                ? Refusal.of(new Problem.ModelNotPermitted(exchange.request().model()))
                : next.proceed(exchange.routedTo(permitted));
    }

    /// Those of `deployments` that `caller` may use, in their order.
    public static List<Deployment> permitted(Caller caller, List<Deployment> deployments) {
        return deployments.stream()
                .filter(deployment ->
                        permits(caller, deployment.model().name())
                                || permits(caller, deployment.upstreamModel()))
                .toList();
    }

    /// Whether `caller` may use `model`, named as in the catalogue.
    public static boolean permits(Caller caller, String model) {
        return caller.models().isEmpty()
                || caller.models().stream().anyMatch(pattern -> Glob.of(pattern).matches(model));
    }
}
