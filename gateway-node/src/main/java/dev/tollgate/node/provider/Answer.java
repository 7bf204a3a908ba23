package dev.tollgate.node.provider;

/// What a whole answer with a status of success says.
///
/// @param fault what is wrong with an invalid answer, empty otherwise
public record Answer(
        Kind kind, UsageReading usage, String servedModel, String serviceTier, String fault) {

    public enum Kind {
        COMPLETE,
        /// The body is the dialect's error, whatever the status says.
        ERROR,
        /// It is no answer at all.
        INVALID
    }

    public static Answer invalid(String fault) {
        return new Answer(Kind.INVALID, UsageReading.UNTOLD, "", "", fault);
    }
}
