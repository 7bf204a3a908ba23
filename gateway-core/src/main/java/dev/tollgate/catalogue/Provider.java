package dev.tollgate.catalogue;

import dev.tollgate.caller.Secret;
import java.net.URI;
import java.util.Optional;

/// An upstream account.
///
/// @param type `openai`, `anthropic`, `ollama` or `sandbox`; chooses quirks and the price list
/// @param baseUrl without a trailing slash, up to and including the version segment
///   (`https://api.openai.com/v1`)
/// @param credential empty for providers that need none
public record Provider(
        String name, String type, Dialect dialect, URI baseUrl, Optional<Secret> credential) {

    /// The built-in provider that answers by itself, for free.
    public static final String SANDBOX = "sandbox";

    public boolean sandbox() {
        return type.equals(SANDBOX);
    }
}
