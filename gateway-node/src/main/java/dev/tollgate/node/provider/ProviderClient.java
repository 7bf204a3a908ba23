package dev.tollgate.node.provider;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;

/// Sends a request to the provider of its deployment.
///
/// It answers with a reply whose outcome completes exactly once and never fails, or fails with a
/// [dev.tollgate.problem.Refusal] that carries the attempt.
@FunctionalInterface
public interface ProviderClient {

    Future<Reply> send(Exchange exchange);
}
