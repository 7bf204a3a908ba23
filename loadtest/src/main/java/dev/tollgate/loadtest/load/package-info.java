/// A load client: a closed loop at a fixed concurrency, bounded in count and time, with histograms.
///
/// It runs on one event loop of the given Vert.x; latencies are in nanoseconds.
@NullMarked
package dev.tollgate.loadtest.load;

import org.jspecify.annotations.NullMarked;
