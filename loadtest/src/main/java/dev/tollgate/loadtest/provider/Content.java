package dev.tollgate.loadtest.provider;

import java.util.List;

/// What a simulated model says.
public sealed interface Content {

    /// A text, cut into the tokens of the model's own tokenizer.
    record Text(String text) implements Content {}

    /// A text in the given chunks, one event each when streamed.
    record Chunks(List<String> chunks) implements Content {
        public Chunks {
            chunks = List.copyOf(chunks);
        }
    }

    /// Seeded words, between `tokensMin` and the least of `tokensMax` and the requested maximum.
    record Generated(long tokensMin, long tokensMax) implements Content {
        public Generated {
            if (tokensMin < 1 || tokensMax < tokensMin) {
                throw new IllegalArgumentException(
                        "tokens: "
                                + tokensMin
                                + " to "
                                + tokensMax
                                + " (expected: 1 <= min <= max)");
            }
        }
    }

    /// An introduction (may be empty) and calls of tools.
    record ToolUse(String text, List<ToolCall> calls) implements Content {
        public ToolUse {
            calls = List.copyOf(calls);
        }
    }

    /// A call of one tool.
    ///
    /// @param inputJson a JSON object
    record ToolCall(String name, String inputJson) {}
}
