package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.Optional;

/// Something that goes wrong, by name.
///
/// @param nodesMin how many nodes it takes
/// @param dropsPackets whether it takes a network of our own
/// @param unavailableMax the longest time without a successful admission, where that is promised
/// @param impossible why it cannot be tried at all
/// @param action makes it happen and undoes it
record Fault(
        String name,
        int nodesMin,
        boolean dropsPackets,
        Optional<Duration> unavailableMax,
        Optional<String> impossible,
        Action action) {

    /// Makes a fault happen, waits while it lasts, undoes it, and says how it was seen.
    @FunctionalInterface
    interface Action {
        Injection play(Scene scene);
    }

    static Fault of(String name, int nodesMin, Action action) {
        return new Fault(name, nodesMin, false, Optional.empty(), Optional.empty(), action);
    }

    static Fault ofNetwork(String name, int nodesMin, Action action) {
        return new Fault(name, nodesMin, true, Optional.empty(), Optional.empty(), action);
    }

    static Fault impossible(String name, String reason) {
        return new Fault(
                name,
                1,
                false,
                Optional.empty(),
                Optional.of(reason),
                _ -> new Injection.NotApplicable(reason));
    }

    Fault within(Duration newUnavailableMax) {
        return new Fault(
                name, nodesMin, dropsPackets, Optional.of(newUnavailableMax), impossible, action);
    }
}
