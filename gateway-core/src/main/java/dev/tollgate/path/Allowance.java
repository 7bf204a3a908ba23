package dev.tollgate.path;

import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;

/// How much of an answer is held, while more is held ahead of it: whoever relays the answer asks
/// here before every piece, and ends it when there is no more to be had. Event loop of the request
/// only.
public interface Allowance {

    /// The tokens we count in a piece of what a model has produced. For pieces: it blocks for as
    /// long as counting takes.
    long count(String piece);

    /// Whether an answer is held in which we count so many tokens, whatever its provider counts in
    /// it. Has more held when it comes near the end.
    boolean covers(long counted);

    /// Has more held, if there is more. Whether it covers so many tokens then; never fails.
    Future<Boolean> more(long counted);

    /// What an answer that ended here will be settled for. Never fails.
    Future<Usage> settlement(UsageReport report);
}
