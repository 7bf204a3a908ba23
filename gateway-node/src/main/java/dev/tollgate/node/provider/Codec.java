package dev.tollgate.node.provider;

import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.path.Exchange;
import java.io.IOException;
import java.util.List;

/// What a dialect adds to a call: how a request is written, and how answers are read.
public interface Codec {

    UpstreamRequest request(Exchange exchange);

    /// Reads an answer with a status of success.
    Answer read(Endpoint endpoint, byte[] body);

    /// The text the model has produced, in an answer that may have broken off anywhere.
    String producedText(byte[] body);

    /// A reader for the stream that answers `exchange`.
    EventReader events(Exchange exchange);

    /// What ends the stream that answers `exchange` where its allowance ends.
    CutMark cutMark(Exchange exchange);

    /// The whole answer that a complete stream amounts to.
    ///
    /// @throws IOException when it has parts that we cannot put together
    byte[] whole(List<byte[]> events) throws IOException;

    /// The response header in which the provider names its own id of the call.
    String requestIdHeader();

    /// Whether a response header of the dialect is the caller's to see.
    ///
    /// @param name in lower case
    boolean relays(String name);
}
