/// The path of one request: filters from the outside in, replies on the way back.
///
/// Everything on the path runs on the event loop of the connection and must not block. A filter
/// answers, hands on, or fails with a [dev.tollgate.problem.Refusal]; any other failure is a bug
/// and becomes a 500 at the door.
@NullMarked
package dev.tollgate.path;

import org.jspecify.annotations.NullMarked;
