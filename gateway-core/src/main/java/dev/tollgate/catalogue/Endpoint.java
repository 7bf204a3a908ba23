package dev.tollgate.catalogue;

/// What a caller asks for. Every endpoint that reaches a provider has a rule for what it costs.
public enum Endpoint {
    CHAT_COMPLETIONS(Dialect.OPENAI, "/v1/chat/completions", "chat", true),
    EMBEDDINGS(Dialect.OPENAI, "/v1/embeddings", "embeddings", false),
    MESSAGES(Dialect.ANTHROPIC, "/v1/messages", "chat", true),
    COUNT_TOKENS(Dialect.ANTHROPIC, "/v1/messages/count_tokens", "count_tokens", false);

    private final Dialect dialect;
    private final String path;
    private final String operation;
    private final boolean produces;

    Endpoint(Dialect dialect, String path, String operation, boolean produces) {
        this.dialect = dialect;
        this.path = path;
        this.operation = operation;
        this.produces = produces;
    }

    public Dialect dialect() {
        return dialect;
    }

    public String path() {
        return path;
    }

    /// The name OpenTelemetry's `gen_ai.operation.name` gives it.
    public String operation() {
        return operation;
    }

    /// Whether the answer has output tokens.
    public boolean produces() {
        return produces;
    }

    /// Whether the provider bills for it. Counting tokens is free, and rate limited on its own.
    public boolean billed() {
        return this != COUNT_TOKENS;
    }
}
