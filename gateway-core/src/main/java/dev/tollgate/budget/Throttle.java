package dev.tollgate.budget;

/// A rate of tokens that applies to a subject once it has used, or holds, a part of its limits.
///
/// @param from the amounts at any of which it begins; [Limits#NONE_SET] where there is none
public record Throttle(Limits from, long tokensPerMinute) {

    /// A minute's tokens at once.
    Rate rate() {
        return new Rate(Measure.TOTAL_TOKENS, tokensPerMinute, tokensPerMinute);
    }
}
