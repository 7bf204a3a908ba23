package dev.tollgate.catalogue;

import java.util.Locale;

/// A wire format, of callers and of providers.
public enum Dialect {
    OPENAI,
    ANTHROPIC;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
