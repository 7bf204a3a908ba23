/// What the node tells of itself: spans, metrics and one log line a request.
///
/// Recording happens on the event loops and never blocks: spans wait in a bounded queue for a
/// sender thread, log lines for a writer thread, and both drop rather than wait when their queue is
/// full. Nothing leaves the machine unless an OTLP endpoint is set. Prompts, answers, keys and (by
/// default) end users are in none of the three.
@NullMarked
package dev.tollgate.node.telemetry;

import org.jspecify.annotations.NullMarked;
