package dev.tollgate.tokens;

import java.util.Locale;

/// How an attempt ended.
public enum Completion {
    /// The answer is complete, with the format's own mark of success.
    COMPLETE,
    /// The provider refused or failed with an error answer of its own.
    UPSTREAM_ERROR,
    /// The answer broke off, or never came.
    UPSTREAM_FAILED,
    /// The client left before the end.
    CLIENT_LEFT,
    /// A limit of ours ended it.
    CUT;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
