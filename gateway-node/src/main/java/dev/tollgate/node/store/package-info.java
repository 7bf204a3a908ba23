/// What the node reads from and writes to PostgreSQL. Never called on an event loop: ports hand
/// over to workers and come back on the context of their caller.
@NullMarked
package dev.tollgate.node.store;

import org.jspecify.annotations.NullMarked;
