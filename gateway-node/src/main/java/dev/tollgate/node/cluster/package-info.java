/// The quota state on the cluster: the books on Hazelcast, the journal that outlives a process, and
/// the booker that moves settled entries to PostgreSQL.
///
/// Threads: callers are event loops and never block; a book changes only on its partition's thread;
/// each organization has one booking thread; the journal has one for the disk. Whatever is answered
/// to an event loop is completed on its own context. Failure: a command that fails may have been
/// applied, so it is repeated with the same id; what PostgreSQL cannot take yet waits in the book
/// and in the journal.
@NullMarked
package dev.tollgate.node.cluster;

import org.jspecify.annotations.NullMarked;
