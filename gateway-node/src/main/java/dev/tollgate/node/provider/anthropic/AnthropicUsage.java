package dev.tollgate.node.provider.anthropic;

import dev.tollgate.node.provider.UsageFields;
import dev.tollgate.node.provider.UsageReading;
import dev.tollgate.tokens.Usage;
import java.util.Optional;

/// Anthropic's usage, whose classes are disjoint as they come: `input_tokens` leaves out what was
/// read from and written to the cache. `output_tokens` includes thinking.
final class AnthropicUsage {

    static final String OUTPUT = "output_tokens";
    private static final String INPUT = "input_tokens";
    private static final String READ = "cache_read_input_tokens";
    private static final String WRITTEN = "cache_creation_input_tokens";
    private static final String WRITTEN_5M = "cache_creation.ephemeral_5m_input_tokens";
    private static final String WRITTEN_1H = "cache_creation.ephemeral_1h_input_tokens";

    private AnthropicUsage() {}

    static UsageReading of(UsageFields fields) {
        var output = fields.required(OUTPUT);
        var thinking = fields.optional("output_tokens_details.thinking_tokens");
        var calls =
                fields.optional("server_tool_use.web_search_requests")
                        + fields.optional("server_tool_use.web_fetch_requests");
        fields.require(thinking <= output, "thinking_tokens: more than output_tokens");
        return of(fields, output, thinking, calls);
    }

    /// The input classes alone, as they are told before any output.
    static Optional<Usage> inputOf(UsageFields fields) {
        return of(fields, 0, 0, 0).usage();
    }

    /// Cache writes whose lifetime is not told are those of the default, five minutes.
    private static UsageReading of(UsageFields fields, long output, long thinking, long calls) {
        var input = fields.required(INPUT);
        var read = fields.optional(READ);
        var written5m = fields.optional(WRITTEN_5M);
        var written1h = fields.optional(WRITTEN_1H);
        var written = fields.has(WRITTEN) ? fields.optional(WRITTEN) : written5m + written1h;
        fields.require(written5m + written1h <= written, "cache_creation: more than " + WRITTEN);
        return fields.reading(() ->
                new Usage(
                        input,
                        read,
                        written - written1h,
                        written1h,
                        output,
                        thinking,
                        0,
                        0,
                        calls));
    }
}
