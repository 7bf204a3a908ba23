package dev.tollgate.node.provider.openai;

import dev.tollgate.node.provider.UsageFields;
import dev.tollgate.node.provider.UsageReading;
import dev.tollgate.tokens.Usage;

/// OpenAI's usage in disjoint classes: `prompt_tokens` includes what was read from and written to
/// the cache, `completion_tokens` includes reasoning.
final class OpenAiUsage {

    private static final String INPUT = "prompt_tokens";
    private static final String OUTPUT = "completion_tokens";
    private static final String INPUT_DETAILS = "prompt_tokens_details.";
    private static final String OUTPUT_DETAILS = "completion_tokens_details.";

    private OpenAiUsage() {}

    /// @param produces whether the endpoint has output, so that usage without it is no usage
    static UsageReading of(UsageFields fields, boolean produces) {
        var input = fields.required(INPUT);
        var read = fields.optional(INPUT_DETAILS + "cached_tokens");
        var written = fields.optional(INPUT_DETAILS + "cache_write_tokens");
        var output = produces ? fields.required(OUTPUT) : fields.optional(OUTPUT);
        var reasoning = fields.optional(OUTPUT_DETAILS + "reasoning_tokens");
        var audio =
                fields.optional(INPUT_DETAILS + "audio_tokens")
                        + fields.optional(OUTPUT_DETAILS + "audio_tokens");
        var image =
                fields.optional(INPUT_DETAILS + "image_tokens")
                        + fields.optional(OUTPUT_DETAILS + "image_tokens");
        fields.require(read + written <= input, "cached tokens: more than prompt_tokens");
        fields.require(reasoning <= output, "reasoning_tokens: more than completion_tokens");
        fields.require(audio + image <= input + output, "audio and image tokens: more than all");
        return fields.reading(() ->
                new Usage(
                        input - read - written,
                        read,
                        written,
                        0,
                        output,
                        reasoning,
                        audio,
                        image,
                        0));
    }
}
