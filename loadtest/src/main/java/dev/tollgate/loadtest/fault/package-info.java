/// The fault harness: real node processes, a PostgreSQL they share, simulated providers that keep
/// their own bill, nginx in front with retries off, and clients without retries. It makes things
/// fail while they run, proves that it did, waits until all is well again, and lets the checker
/// compare.
///
/// Started as root on Linux it puts itself into namespaces of its own (network, processes, mounts):
/// each node has an address and a network there, packets between them can be dropped, nothing
/// leaves it, and the kernel ends whatever is left when it ends. Elsewhere all run on loopback, and
/// faults of the network are not run.
///
/// Start reading at [dev.tollgate.loadtest.fault.FaultMain], then
/// [dev.tollgate.loadtest.fault.ShortSet]. Plain blocking code; the clients alone are on an event
/// loop.
@NullMarked
package dev.tollgate.loadtest.fault;

import org.jspecify.annotations.NullMarked;
