/// Every way Tollgate says no: the sealed [Problem] and the [Refusal] it travels in.
///
/// Problems are plain values. They are rendered once per dialect, at the edge, never here.
@NullMarked
package dev.tollgate.problem;

import org.jspecify.annotations.NullMarked;
