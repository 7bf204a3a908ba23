/// The quota cluster in one process, on one fake clock: books, lease and the decisions about both
/// are the real ones; PostgreSQL, the grid, the nodes' disks and the network are models that fail.
///
/// Everything that happens follows from a seed. One thread.
@NullMarked
package dev.tollgate.simulation;

import org.jspecify.annotations.NullMarked;
