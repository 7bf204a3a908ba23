package dev.tollgate.loadtest.provider;

/// When an answer comes: `latency` before the headers, `gap` between one chunk and the next.
///
/// A whole answer takes the same time as a streamed one: latency and all gaps.
public record Timing(Distribution latency, Distribution gap) {

    public static final Timing IMMEDIATE = new Timing(Distribution.ZERO, Distribution.ZERO);
}
