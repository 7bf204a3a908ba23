package dev.tollgate.node.stream;

import dev.tollgate.path.ModelRequest.Place;

/// One small edit to a body that otherwise goes through as it came.
public sealed interface Splice {

    /// Puts `value`, a JSON value, where the one at `place` was.
    record Replace(Place place, byte[] value) implements Splice {}

    /// Adds `member`, such as `"max_tokens":5`, to the object that is the body.
    record Insert(byte[] member) implements Splice {}
}
