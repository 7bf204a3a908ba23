/// The way out: one call to a provider, whole or streamed, and what is known of it afterwards.
///
/// [Attempts] is the innermost step of the path and picks the [ProviderClient] by the provider's
/// type. Clients live in packages of their own that do not know each other; what they share is
/// here: the connection pool, the phases and limits of a call ([UpstreamCall]), the relay of a
/// stream with its tee. A dialect adds a [Codec].
///
/// All of it runs on the event loop of the request. Every call ends exactly once: with a reply
/// whose outcome completes after the last byte, or with a refusal that carries what is known of the
/// attempt.
@NullMarked
package dev.tollgate.node.provider;

import org.jspecify.annotations.NullMarked;
