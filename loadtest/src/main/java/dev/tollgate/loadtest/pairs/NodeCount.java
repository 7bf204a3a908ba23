package dev.tollgate.loadtest.pairs;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What one node says it did.
///
/// @param cpuMicros of its process, all threads
/// @param refused of all calls, those of the warm-up included
record NodeCount(
        long pairs, long refused, @JsonProperty("cpu_micros") long cpuMicros, double seconds) {}
