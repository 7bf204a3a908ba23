package dev.tollgate.budget;

import java.util.UUID;

/// Where a bucket of a budget's subject stands.
public record Level(UUID budgetId, String subject, Pace pace, TokenBucket bucket) {}
