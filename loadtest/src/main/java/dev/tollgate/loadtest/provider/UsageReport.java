package dev.tollgate.loadtest.provider;

/// What an answer says about the tokens it used. The bill is right whatever is said.
public enum UsageReport {
    HONEST,
    /// No usage field at all.
    MISSING,
    /// `"usage": null`.
    NULL,
    ZERO,
    NEGATIVE,
    /// The largest 64-bit number in every field, so that any sum overflows.
    HUGE,
    /// Numbers that no 64-bit integer holds.
    OVERFLOWING,
    /// Text where an object belongs.
    WRONG_TYPE
}
