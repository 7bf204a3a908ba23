package dev.tollgate.caller;

import dev.tollgate.problem.Problem.Unauthenticated;

/// The decision who a request's credentials stand for.
public sealed interface Authentication {

    record Authenticated(Caller caller) implements Authentication {}

    record Rejected(Unauthenticated problem) implements Authentication {}
}
