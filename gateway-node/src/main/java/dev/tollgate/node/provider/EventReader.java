package dev.tollgate.node.provider;

import java.io.IOException;

/// Reads the events of one stream in a dialect: a tee for what has to be known, and a judge of what
/// the caller gets to see.
public interface EventReader {

    /// What becomes of an event.
    enum Verdict {
        /// It goes through as it is.
        PASS,
        /// It goes through without the bytes from [#cutFrom] to [#cutTo].
        CUT,
        /// It was ours to ask for, not the caller's to get.
        HIDE,
        /// It is the format's mark of success, and the last.
        COMPLETE,
        /// It is the provider's own error, and the last.
        FAILED
    }

    /// @throws IOException when the data is not what the format allows
    Verdict read(byte[] data, int from, int to) throws IOException;

    /// Whether events may be hidden or cut, so that none is relayed before it is complete.
    boolean edits();

    /// Counted from the beginning of the data.
    int cutFrom();

    int cutTo();

    /// How many output tokens have been produced, estimated from below.
    long outputTokensSoFar();

    /// The text produced so far.
    AnswerText text();

    /// @param complete whether the stream has ended with its mark of success
    StreamFacts facts(boolean complete);
}
