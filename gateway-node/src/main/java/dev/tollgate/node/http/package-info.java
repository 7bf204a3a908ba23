/// The door: HTTP in. It makes a complete [dev.tollgate.path.Exchange] of a request, hands it to
/// the path, and renders what comes back.
///
/// Everything here runs on the event loop of one gateway verticle and is used by it alone. Order of
/// refusals: framing, draining, unknown path, credentials, size of the body, shape of the body,
/// attribution, model; then the path's own.
///
/// Limits: header bytes, first line, body bytes and the time for each are in `DoorSettings`; the
/// JSON limits are in `RequestScanner`; those of attribution in [dev.tollgate.caller.Attribution].
/// Bodies, prompts and credentials are never logged and never part of a message.
@NullMarked
package dev.tollgate.node.http;

import org.jspecify.annotations.NullMarked;
