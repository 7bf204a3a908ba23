package dev.tollgate.budget;

import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;

/// What budgets match a request by.
///
/// @param model the name in the catalogue, without a provider prefix
/// @param upstreamModel the name it is sent under, which may have a date; patterns may fit either
/// @param provider the provider of the attempt
public record Facts(
        Caller caller,
        Attribution attribution,
        String model,
        String upstreamModel,
        String provider) {}
