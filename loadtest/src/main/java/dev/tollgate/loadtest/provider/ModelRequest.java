package dev.tollgate.loadtest.provider;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// What the simulated provider understands of a request's body.
///
/// @param name the requested model, empty when there is none
/// @param outputTokensMax the requested maximum, if any
/// @param choices `n`
/// @param includeUsage `stream_options.include_usage`
/// @param tools names of the tools offered
/// @param endsWithToolResult whether a tool's result came after the assistant's last message
/// @param texts every text the model reads, for counting
/// @param countedAlready tokens that are no text: token ids, images, overhead of messages
/// @param inputs number of embeddings asked for
/// @param valid whether the body is a JSON object
public record ModelRequest(
        String name,
        boolean stream,
        OptionalLong outputTokensMax,
        int choices,
        boolean includeUsage,
        Set<String> tools,
        boolean endsWithToolResult,
        List<String> texts,
        long countedAlready,
        int inputs,
        boolean base64,
        int dimensions,
        boolean valid) {

    static final ModelRequest NONE =
            new ModelRequest(
                    "",
                    false,
                    OptionalLong.empty(),
                    1,
                    false,
                    Set.of(),
                    false,
                    List.of(),
                    0,
                    0,
                    false,
                    0,
                    false);

    public boolean offersTool(String tool) {
        return tools.contains(tool);
    }

    long inputTokens(Tokenizer tokenizer) {
        var tokens = countedAlready;
        for (var text : texts) {
            tokens += tokenizer.count(text);
        }
        return tokens;
    }
}
