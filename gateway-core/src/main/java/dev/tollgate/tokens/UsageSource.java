package dev.tollgate.tokens;

import java.util.Locale;

/// Where the token counts of a ledger row come from.
public enum UsageSource {
    /// The provider's own usage.
    PROVIDER,
    /// Counted by us, because the provider's was absent, unusable or never came.
    ESTIMATED,
    /// The hold of a request whose node died.
    ORPHAN;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
