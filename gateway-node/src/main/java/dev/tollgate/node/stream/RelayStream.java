package dev.tollgate.node.stream;

import dev.tollgate.path.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/// A streamed answer on its way from a provider's codec to the door, with back-pressure.
///
/// It starts paused. It ends by its end handler only after the format's own mark of success (or the
/// provider's own error event) has passed; anything else ends it by its exception handler, with a
/// [dev.tollgate.problem.Refusal] that the door renders as the dialect's error event.
public interface RelayStream extends Reply.Streamed, ReadStream<Buffer> {

    /// Whether the bytes relayed so far end at an event boundary, so that a heartbeat may be
    /// written.
    boolean betweenEvents();
}
