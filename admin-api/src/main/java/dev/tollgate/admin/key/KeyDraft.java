package dev.tollgate.admin.key;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A key to be made: everything but its secret.
public record KeyDraft(
        String name,
        Optional<String> user,
        Optional<String> team,
        Optional<String> project,
        List<String> models,
        Optional<Instant> expiresAt) {

    static final List<String> ALL_MODELS = List.of("*");

    public KeyDraft {
        models = List.copyOf(models);
    }
}
