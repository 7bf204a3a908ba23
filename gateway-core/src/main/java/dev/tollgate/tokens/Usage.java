package dev.tollgate.tokens;

/// What one attempt used, in disjoint classes: every token is in exactly one of uncached input, the
/// cache classes and output. Reasoning, audio and image tokens are parts of those, told for
/// information.
///
/// @param reasoning part of `output`
/// @param toolCalls calls of server-side tools that are priced by the call
public record Usage(
        long uncachedInput,
        long cacheRead,
        long cacheWrite5m,
        long cacheWrite1h,
        long output,
        long reasoning,
        long audio,
        long image,
        long toolCalls) {

    /// No provider has ever billed so many tokens for one call; a count past it is a mistake.
    public static final long TOKENS_SANE_MAX = 100_000_000;

    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public Usage {
        requireNotNegative("uncachedInput", uncachedInput);
        requireNotNegative("cacheRead", cacheRead);
        requireNotNegative("cacheWrite5m", cacheWrite5m);
        requireNotNegative("cacheWrite1h", cacheWrite1h);
        requireNotNegative("output", output);
        requireNotNegative("reasoning", reasoning);
        requireNotNegative("audio", audio);
        requireNotNegative("image", image);
        requireNotNegative("toolCalls", toolCalls);
    }

    public static Usage of(long uncachedInput, long output) {
        return new Usage(uncachedInput, 0, 0, 0, output, 0, 0, 0, 0);
    }

    /// All input tokens, cached or not.
    public long input() {
        return uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h;
    }

    public long total() {
        return input() + output;
    }

    private static void requireNotNegative(String name, long value) {
        if (value < 0 || value > TOKENS_SANE_MAX) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: 0 to " + TOKENS_SANE_MAX + ")");
        }
    }
}
