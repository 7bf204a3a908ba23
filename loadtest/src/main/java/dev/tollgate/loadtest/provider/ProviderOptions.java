package dev.tollgate.loadtest.provider;

import java.time.Clock;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// How a simulated provider is set up. Each method returns a changed copy.
///
/// @param host the address to listen on, loopback unless told otherwise
/// @param port 0 takes a free one
/// @param seed decides every chance: lengths, latencies, tokenizers
/// @param tokenRatio of the tokenizers, or empty for one between 0.7 and 1.6 per model
/// @param apiKey the only credential accepted, or empty to accept any
/// @param dialects whose paths are served
/// @param bench a fixed small answer to everything, no record and no bill: as cheap as can be
/// @param clock for the times of what was seen
public record ProviderOptions(
        String host,
        int port,
        long seed,
        OptionalDouble tokenRatio,
        Optional<String> apiKey,
        Set<Dialect> dialects,
        boolean bench,
        InstantSource clock) {

    public ProviderOptions {
        dialects = Set.copyOf(dialects);
    }

    public static ProviderOptions defaults() {
        return new ProviderOptions(
                "127.0.0.1",
                0,
                42,
                OptionalDouble.empty(),
                Optional.empty(),
                EnumSet.allOf(Dialect.class),
                false,
                Clock.systemUTC());
    }

    public ProviderOptions withHost(String newHost) {
        return new ProviderOptions(newHost, port, seed, tokenRatio, apiKey, dialects, bench, clock);
    }

    public ProviderOptions withPort(int newPort) {
        return new ProviderOptions(host, newPort, seed, tokenRatio, apiKey, dialects, bench, clock);
    }

    public ProviderOptions withSeed(long newSeed) {
        return new ProviderOptions(host, port, newSeed, tokenRatio, apiKey, dialects, bench, clock);
    }

    public ProviderOptions withTokenRatio(double ratio) {
        return new ProviderOptions(
                host, port, seed, OptionalDouble.of(ratio), apiKey, dialects, bench, clock);
    }

    public ProviderOptions withApiKey(String key) {
        return new ProviderOptions(
                host, port, seed, tokenRatio, Optional.of(key), dialects, bench, clock);
    }

    public ProviderOptions speaking(Dialect only) {
        return new ProviderOptions(
                host, port, seed, tokenRatio, apiKey, Set.of(only), bench, clock);
    }

    public ProviderOptions forBench() {
        return new ProviderOptions(host, port, seed, tokenRatio, apiKey, dialects, true, clock);
    }
}
