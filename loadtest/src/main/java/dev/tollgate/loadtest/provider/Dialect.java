package dev.tollgate.loadtest.provider;

/// The API a simulated provider speaks on a path.
public enum Dialect {
    OPENAI,
    ANTHROPIC
}
