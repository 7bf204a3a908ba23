package dev.tollgate.tokens;

import io.vertx.core.Future;

/// Token counting off the event loop.
public interface Counting {

    /// The number of tokens of `text` in a JTokkit encoding. Completes on the caller's context.
    Future<Long> count(String encoding, byte[] utf8);

    /// The same for a short text, at once: it blocks for as long as that takes.
    long countNow(String encoding, String text);
}
