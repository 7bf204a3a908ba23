/// How many pairs of hold and settle a second the books of the gateway take: of one node, and of
/// three that share them on this machine.
///
/// Each node is a process without HTTP or providers, and the only load is its own. PostgreSQL holds
/// the lease and the epochs of books; rows are taken by the nodes at no cost, so that its work does
/// not count.
@NullMarked
package dev.tollgate.loadtest.pairs;

import org.jspecify.annotations.NullMarked;
