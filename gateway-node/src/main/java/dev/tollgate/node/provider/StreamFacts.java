package dev.tollgate.node.provider;

import dev.tollgate.tokens.Usage;
import java.util.Optional;

/// What the events of a stream have told by its end.
///
/// @param begun whether the model has begun to answer, so that an error is no plain refusal
public record StreamFacts(
        UsageReading usage,
        Optional<Usage> inputKnown,
        String text,
        String servedModel,
        String serviceTier,
        boolean begun) {}
