package dev.tollgate.budget;

/// What is wrong with one value of a configuration.
///
/// @param path such as `actions[1].at`
/// @param value as it was given, shortened; `absent` when it was not
/// @param expected what would have been right
public record Fault(String path, String value, String expected) {

    @Override
    public String toString() {
        return path + ": " + value + " (expected: " + expected + ")";
    }
}
