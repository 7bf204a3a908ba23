package dev.tollgate.caller;

import java.time.Instant;
import java.util.Optional;

/// A key as it is stored: everything but its secret, of which only a keyed hash is kept.
///
/// @param secretHmac HMAC-SHA-256 of the secret under the pepper
public record ApiKey(
        Caller caller,
        byte[] secretHmac,
        Optional<Instant> expiresAt,
        Optional<Instant> revokedAt) {

    @Override
    public String toString() {
        return "ApiKey[" + caller.keyId() + "]";
    }
}
