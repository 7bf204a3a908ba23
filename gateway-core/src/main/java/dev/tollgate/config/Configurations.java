package dev.tollgate.config;

import io.vertx.core.Future;
import java.util.Optional;

/// The configurations in force on this node.
public interface Configurations {

    Configuration current(String organization);

    /// The configuration that has the key with this public id, of whatever organization.
    Optional<Configuration> withKey(String keyId);

    /// Reads an organization's configuration anew, at least as new as `version`.
    Future<Configuration> refresh(String organization, long version);
}
