package dev.tollgate.schema;

import org.jspecify.annotations.Nullable;

/// Says why the database cannot be used, in words for the operator: the setting, its value, what
/// was expected.
///
/// Thrown only while starting, and the start must stop on it. Its message never holds a password.
public final class DatabaseStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DatabaseStartException(String message) {
        this(message, null);
    }

    DatabaseStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
