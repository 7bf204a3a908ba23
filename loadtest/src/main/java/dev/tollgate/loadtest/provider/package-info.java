/// A provider that runs on loopback, does as it is told, and keeps its own bill.
///
/// ```java
/// try (var provider = SimulatedProvider.start()) {
///     provider.always(replies("Hello"));                       // what happens otherwise
///     provider.then(answers(429, RetryAfter.seconds(1)))       // the first call
///             .then(closesMidStream(3));                       // the second
///     provider.when(request -> request.model().offersTool("Bash"),
///             usesToolThenReplies("Bash", "{\"command\":\"ls\"}", "Done."));
///     ... point the gateway at provider.openAiBaseUrl() or provider.anthropicBaseUrl() ...
///     provider.seen();                                         // what arrived
///     provider.bill();                                         // what it costs
/// }
/// ```
///
/// [dev.tollgate.loadtest.provider.Behaviour] lists what it can do, for static import; a
/// [dev.tollgate.loadtest.provider.Completion] can further be delayed, paced, gated, metered and
/// ended badly. Both dialects are served on one port. Everything random comes from one seed.
///
/// **The bill** has one line per model call, written when the call ends: complete answers at their
/// tokens, answers the caller left at the tokens produced by then, everything the provider broke at
/// nothing. Its tokenizer and its prices are its own; nothing here knows a class of the gateway.
///
/// **Threads**: one event loop serves all calls; script, record and bill are safe for any thread.
/// Wait for events by `arrived(n)` and `billed(n)` and hold calls with `waitsFor(future)` rather
/// than by sleeping.
@NullMarked
package dev.tollgate.loadtest.provider;

import org.jspecify.annotations.NullMarked;
