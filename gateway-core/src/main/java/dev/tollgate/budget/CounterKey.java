package dev.tollgate.budget;

import java.util.UUID;

/// Names one counter: one budget's use by one subject in one window.
///
/// @param subject empty for a budget that is not split by `per`
/// @param windowStart epoch seconds; 0 for a budget without a period
public record CounterKey(UUID budgetId, String subject, long windowStart) {}
