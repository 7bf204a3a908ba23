package dev.tollgate.node.provider;

import dev.tollgate.tokens.Usage;
import java.io.IOException;

/// The end of a stream that is cut short, in its format: an answer that reached its length.
public interface CutMark {

    /// An event that goes to the caller.
    void passed(byte[] data) throws IOException;

    /// The events that end the stream behind those that passed.
    ///
    /// @param usage what it will be settled for
    byte[] end(Usage usage);
}
