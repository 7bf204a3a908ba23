package dev.tollgate.budget;

import java.util.UUID;

/// What an open hold has taken from a bucket, so that the settlement can give back the rest.
///
/// @param subject of the budget, whose bucket it is
public record Draw(UUID budgetId, String subject, Pace pace, long amount) {}
