package dev.tollgate.budget;

import dev.tollgate.catalogue.Model;
import dev.tollgate.path.Exchange;

/// The most input tokens a request can be billed for.
///
/// Byte-level encodings make no more tokens than there are bytes; what providers add, and parts
/// whose tokens are not bounded by their bytes, come on top.
final class InputBound {

    /// What a provider's chat format adds to the text of a request.
    static final long OVERHEAD_TOKENS = 64;

    /// What providers add when tools are offered: a tool prompt of a few hundred tokens.
    static final long TOOLS_TOKENS = 1_024;

    private InputBound() {}

    /// From the bytes of the body alone.
    static long ofBytes(Exchange exchange) {
        var request = exchange.request();
        return bounded(exchange, Math.max(0, request.body().length - request.imageBytes()));
    }

    /// From a bound on the tokens of the body's text.
    static long ofText(Exchange exchange, long textTokens) {
        return Math.min(ofBytes(exchange), bounded(exchange, textTokens));
    }

    private static long bounded(Exchange exchange, long textTokens) {
        var model = exchange.deployment().model();
        var request = exchange.request();
        var tokens =
                textTokens
                        + request.attachments() * model.attachmentTokensMax()
                        + OVERHEAD_TOKENS
                        + (request.tools() ? TOOLS_TOKENS : 0);
        return capped(model, tokens);
    }

    private static long capped(Model model, long tokens) {
        return model.contextTokens() > 0 ? Math.min(tokens, model.contextTokens()) : tokens;
    }
}
