package dev.tollgate.budget;

import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;

/// What budgets match a request by.
///
/// @param model the name the caller asked for, without a provider prefix
/// @param provider the provider of the attempt
public record Facts(Caller caller, Attribution attribution, String model, String provider) {}
