package dev.tollgate.loadtest.provider;

/// The tokens of one upstream call, in classes that do not overlap, except that `reasoning` is a
/// part of `output`.
public record TokenClasses(
        long uncachedInput,
        long cacheRead,
        long cacheWrite5m,
        long cacheWrite1h,
        long output,
        long reasoning) {

    public static final TokenClasses NONE = new TokenClasses(0, 0, 0, 0, 0, 0);

    public static TokenClasses of(long input, long output) {
        return new TokenClasses(input, 0, 0, 0, output, 0);
    }

    /// All input, read from a cache or not.
    public long input() {
        return uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h;
    }

    public long cacheWrite() {
        return cacheWrite5m + cacheWrite1h;
    }

    /// All cache writes as five-minute ones.
    TokenClasses withOneCacheWrite() {
        return new TokenClasses(uncachedInput, cacheRead, cacheWrite(), 0, output, reasoning);
    }

    /// The same input with what was produced so far.
    public TokenClasses withOutput(long produced) {
        return new TokenClasses(
                uncachedInput,
                cacheRead,
                cacheWrite5m,
                cacheWrite1h,
                produced,
                Math.min(reasoning, produced));
    }
}
