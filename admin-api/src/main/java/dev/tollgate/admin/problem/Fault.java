package dev.tollgate.admin.problem;

import org.jspecify.annotations.Nullable;

/// One thing that is wrong with a request.
///
/// @param field path of the field, as in `limits.requests`, or name of the parameter
/// @param value what was sent; null where nothing was
/// @param expected what would have been right
public record Fault(String field, @Nullable Object value, String expected) {

    private static final int VALUE_CHARACTERS_MAX = 200;

    /// Values come from the caller, and are shortened.
    public Fault {
        if (value instanceof String text && text.length() > VALUE_CHARACTERS_MAX) {
            value = text.substring(0, VALUE_CHARACTERS_MAX) + "...";
        } else if (value instanceof java.util.Map) {
            value = "an object";
        } else if (value instanceof java.util.Collection) {
            value = "a list";
        }
    }

    /// For a sentence: `limits.requests: -1 (expected: at least 0)`.
    public String sentence() {
        return field + ": " + (value == null ? "nothing" : value) + " (expected: " + expected + ")";
    }
}
