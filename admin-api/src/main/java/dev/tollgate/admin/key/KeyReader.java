package dev.tollgate.admin.key;

import dev.tollgate.admin.json.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Reads what a key is to be from a body or from the file.
public final class KeyReader {

    static final int NAME_CHARACTERS_MAX = 200;
    static final Duration LIFETIME_MAX = Duration.ofDays(3660);
    private static final int PATTERNS_MAX = 200;
    private static final int PATTERN_CHARACTERS_MAX = 200;

    private KeyReader() {}

    /// Adds what is wrong to the faults of `fields`.
    public static KeyDraft read(Fields fields, Instant now) {
        return new KeyDraft(
                fields.requiredText("name", NAME_CHARACTERS_MAX),
                fields.text("user", NAME_CHARACTERS_MAX),
                fields.text("team", NAME_CHARACTERS_MAX),
                fields.text("project", NAME_CHARACTERS_MAX),
                models(fields).orElse(KeyDraft.ALL_MODELS),
                fields.expiry(now, LIFETIME_MAX));
    }

    static Optional<List<String>> models(Fields fields) {
        return fields.texts("models", PATTERNS_MAX, PATTERN_CHARACTERS_MAX);
    }
}
