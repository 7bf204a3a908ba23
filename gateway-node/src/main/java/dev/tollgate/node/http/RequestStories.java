package dev.tollgate.node.http;

import dev.tollgate.caller.Caller;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.UUID;

/// What became of requests, from the ledger.
@FunctionalInterface
public interface RequestStories {

    /// The story of a request that was made with the caller's own key (by an anonymous caller:
    /// without a key, in the same organization); empty for any other.
    Future<Optional<RequestStory>> find(String organization, Caller caller, UUID requestId);
}
