package dev.tollgate.budget;

import java.util.Locale;

/// What a limit counts. Cost is in nano-USD.
public enum Measure {
    REQUESTS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    TOTAL_TOKENS,
    COST_USD;

    /// As the API names it.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
