package dev.tollgate.loadtest.provider;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What the simulated provider takes for a token of each class, in pico-USD.
///
/// Typed by hand from the providers' public price pages, apart from the gateway's own list, so that
/// a slip in either shows as a difference. One dollar per million tokens is 1,000,000 pico-USD per
/// token.
public record ProviderPrice(
        long input, long cacheRead, long cacheWrite5m, long cacheWrite1h, long output) {

    private static final Pattern SNAPSHOT = Pattern.compile("-(\\d{8}|\\d{4}-\\d{2}-\\d{2})$");

    private static final Map<String, ProviderPrice> BY_MODEL = new TreeMap<>();

    static {
        // Bills cache writes; for prompts up to 272,000 tokens, longer ones cost more.
        BY_MODEL.put(
                "gpt-6-sol",
                new ProviderPrice(2_000_000, 200_000, 2_500_000, 2_500_000, 10_000_000));
        openai("gpt-5.1", 1_250_000, 125_000, 10_000_000);
        openai("gpt-5", 1_250_000, 125_000, 10_000_000);
        openai("gpt-5-mini", 250_000, 25_000, 2_000_000);
        openai("gpt-5-nano", 50_000, 5_000, 400_000);
        openai("gpt-4.1", 2_000_000, 500_000, 8_000_000);
        openai("gpt-4.1-mini", 400_000, 100_000, 1_600_000);
        openai("gpt-4.1-nano", 100_000, 25_000, 400_000);
        openai("gpt-4o", 2_500_000, 1_250_000, 10_000_000);
        openai("gpt-4o-mini", 150_000, 75_000, 600_000);
        openai("o3", 2_000_000, 500_000, 8_000_000);
        openai("o4-mini", 1_100_000, 275_000, 4_400_000);
        openai("text-embedding-3-small", 20_000, 20_000, 0);
        openai("text-embedding-3-large", 130_000, 130_000, 0);
        anthropic("claude-opus-4-5", 5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000);
        anthropic("claude-sonnet-4-5", 3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000);
        anthropic("claude-haiku-4-5", 1_000_000, 100_000, 1_250_000, 2_000_000, 5_000_000);
        anthropic("claude-sonnet-5", 2_000_000, 200_000, 2_500_000, 4_000_000, 10_000_000);
        anthropic("claude-opus-5", 5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000);
        anthropic("claude-opus-5-5", 4_000_000, 200_000, 5_000_000, 8_000_000, 20_000_000);
    }

    private static void openai(String model, long input, long cacheRead, long output) {
        // These models bill no cache writes of their own: they cost what input costs.
        BY_MODEL.put(model, new ProviderPrice(input, cacheRead, input, input, output));
    }

    private static void anthropic(
            String model, long input, long read, long write5m, long write1h, long output) {
        BY_MODEL.put(model, new ProviderPrice(input, read, write5m, write1h, output));
    }

    /// The price of a model, also by the name of one of its dated snapshots; empty when unlisted.
    public static Optional<ProviderPrice> of(String model) {
        var exact = BY_MODEL.get(model);
        if (exact != null) {
            return Optional.of(exact);
        }
        return Optional.ofNullable(BY_MODEL.get(SNAPSHOT.matcher(model).replaceFirst("")));
    }

    /// The models with a price, in alphabetical order.
    public static Iterable<String> models() {
        return BY_MODEL.keySet();
    }

    /// Tokens times price, in pico-USD. Reasoning is a part of output and not added again.
    public long picoUsd(TokenClasses tokens) {
        return Math.multiplyExact(tokens.uncachedInput(), input)
                + Math.multiplyExact(tokens.cacheRead(), cacheRead)
                + Math.multiplyExact(tokens.cacheWrite5m(), cacheWrite5m)
                + Math.multiplyExact(tokens.cacheWrite1h(), cacheWrite1h)
                + Math.multiplyExact(tokens.output(), output);
    }
}
