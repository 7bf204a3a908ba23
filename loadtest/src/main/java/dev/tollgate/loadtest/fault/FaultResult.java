package dev.tollgate.loadtest.fault;

import java.util.List;
import java.util.Optional;

/// What came of one fault under one seed.
///
/// @param verdict empty when the fault did not happen
/// @param falseRejects requests within their limits, refused when all was well again
/// @param unavailableSeconds the longest time without a successful admission
/// @param violations every promise that was not kept
record FaultResult(
        String fault,
        long seed,
        Injection injection,
        Optional<Verdict> verdict,
        long falseRejects,
        double unavailableSeconds,
        List<String> violations) {

    FaultResult {
        violations = List.copyOf(violations);
    }

    static FaultResult unplayed(Fault fault, long seed, Injection why) {
        return new FaultResult(fault.name(), seed, why, Optional.empty(), 0, 0, List.of());
    }

    boolean isGood() {
        return switch (injection) {
            case Injection.Injected _ -> violations.isEmpty();
            case Injection.NotRun _ -> false;
            case Injection.NotApplicable _ -> true;
        };
    }

    String outcome() {
        return switch (injection) {
            case Injection.Injected _ -> violations.isEmpty() ? "passed" : "FAILED";
            case Injection.NotRun _ -> "NOT RUN";
            case Injection.NotApplicable _ -> "NOT APPLICABLE";
        };
    }
}
