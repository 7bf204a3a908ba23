package dev.tollgate.loadtest.provider;

/// How an answer ends, `afterChunks` chunks of content.
public record Ending(Kind kind, int afterChunks) {

    public static final Ending SUCCESS = new Ending(Kind.SUCCESS, Integer.MAX_VALUE);

    /// The ways to end.
    public enum Kind {
        /// With the format's own success mark.
        SUCCESS,
        /// Never: nothing is sent, not even headers.
        STALLS_BEFORE_HEADERS,
        /// Never: the stream falls silent.
        STALLS,
        /// TCP reset.
        RESETS,
        /// TCP end in the middle of the HTTP body.
        CLOSES,
        /// A whole HTTP body, but no success mark.
        ENDS_WITHOUT_MARK,
        /// The format's error event, then the end of the body.
        ERROR_EVENT
    }
}
