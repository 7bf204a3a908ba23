/// What the gateway costs: the same requests direct, through a bare nginx, and through Tollgate
/// with everything on, interleaved in one run on loopback.
///
/// Provider, load client and trace receiver run in this process; nginx and Tollgate are child
/// processes, and only their CPU time and memory are counted.
@NullMarked
package dev.tollgate.loadtest.overhead;

import org.jspecify.annotations.NullMarked;
