package dev.tollgate.catalogue;

import dev.tollgate.price.Price;
import java.util.Optional;

/// A model as the catalogue knows it.
///
/// @param name what callers use
/// @param encoding the JTokkit encoding nearest to its tokenizer
/// @param contextTokens the most input and output together, 0 when unknown
/// @param outputTokensMax the most one answer can have, 0 when unknown
/// @param attachmentTokensMax the most one image, document or audio part can count as
/// @param price empty when unknown; zero is a price
public record Model(
        String name,
        String encoding,
        long contextTokens,
        long outputTokensMax,
        long attachmentTokensMax,
        Optional<Price> price) {

    /// What the hold of a model we know nothing about assumes.
    public static final long OUTPUT_TOKENS_ASSUMED = 128_000;

    public static final long ATTACHMENT_TOKENS_ASSUMED = 16_384;

    /// A model of which only the name is known: served, unpriced.
    public static Model unlisted(String name) {
        return new Model(name, "o200k_base", 0, 0, ATTACHMENT_TOKENS_ASSUMED, Optional.empty());
    }

    /// The most output tokens a hold has to cover.
    public long outputBound() {
        return outputTokensMax > 0 ? outputTokensMax : OUTPUT_TOKENS_ASSUMED;
    }
}
