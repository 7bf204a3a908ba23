package dev.tollgate.caller;

import java.util.Optional;

/// The keys there are, of all organizations.
@FunctionalInterface
public interface Keys {

    /// The key with this public id, revoked and expired ones included.
    Optional<ApiKey> withId(String id);
}
