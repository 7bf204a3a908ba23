package dev.tollgate.caller;

import java.util.List;
import java.util.Optional;

/// Who a request is made by and for, as its key says. Absent team, project or user are empty text.
///
/// @param keyId the public part of the key's id, empty for the anonymous local caller
/// @param models patterns of model names the key may use; empty means all
public record Caller(
        String organization,
        String keyId,
        String keyName,
        String user,
        String team,
        String project,
        Role role,
        List<String> models) {

    public static final String LOCAL_ORGANIZATION = "local";

    public Caller {
        models = List.copyOf(models);
    }

    /// The caller of a request without a key, from this machine, in local mode.
    public static Caller anonymous() {
        return new Caller(LOCAL_ORGANIZATION, "", "anonymous", "", "", "", Role.MEMBER, List.of());
    }

    public Optional<String> key() {
        return keyId.isEmpty() ? Optional.empty() : Optional.of(keyId);
    }
}
