package dev.tollgate.node.store;

import dev.tollgate.caller.Secret;
import java.util.Map;
import java.util.Optional;

/// Finds the secret behind a reference such as `env:OPENAI_API_KEY`. Secrets themselves are stored
/// nowhere.
public final class CredentialSource {

    private static final String ENVIRONMENT = "env:";

    private final Map<String, String> environment;

    public CredentialSource(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /// Empty when the reference is, or leads nowhere.
    public Optional<Secret> find(String reference) {
        return reference.startsWith(ENVIRONMENT)
                ? Optional.ofNullable(environment.get(reference.substring(ENVIRONMENT.length())))
                        .map(String::strip)
                        .filter(value -> !value.isEmpty())
                        .map(Secret::new)
                : Optional.empty();
    }
}
