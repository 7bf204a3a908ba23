package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.provider.Dialect;
import java.net.URI;
import java.time.Duration;

/// One call a client makes.
///
/// @param origin the load balancer's or a node's
/// @param target its name, for the log
/// @param endUser value of `X-App-User-Id`
/// @param tag a word in the prompt by which the provider knows the call
/// @param patience after which the client leaves
record ClientCall(
        URI origin,
        String target,
        String key,
        String endUser,
        Dialect dialect,
        boolean streamed,
        String tag,
        Duration patience) {

    /// The most tokens any call asks for.
    static final int OUTPUT_TOKENS_MAX = 200;

    /// In a prompt, asks for a stream of about ten seconds.
    static final String SLOWLY = "slowly";

    String path() {
        return dialect == Dialect.OPENAI ? "/v1/chat/completions" : "/v1/messages";
    }

    String body() {
        return """
        {"model": "%s", "%s": %d, "stream": %s, "messages": [{"role": "user", "content": "Say something [%s]"}]}\
        """
                .formatted(
                        dialect == Dialect.OPENAI ? "gpt-4o-mini" : "claude-haiku-4-5",
                        dialect == Dialect.OPENAI ? "max_completion_tokens" : "max_tokens",
                        OUTPUT_TOKENS_MAX,
                        streamed,
                        tag);
    }

    /// What a whole stream contains at its end.
    String successMark() {
        return dialect == Dialect.OPENAI ? "[DONE]" : "message_stop";
    }

    /// Without the key.
    @Override
    public String toString() {
        return (streamed ? "stream of " : "call of ")
                + endUser
                + " by "
                + dialect
                + " at "
                + target;
    }
}
