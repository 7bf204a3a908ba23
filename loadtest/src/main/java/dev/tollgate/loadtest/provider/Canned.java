package dev.tollgate.loadtest.provider;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A fixed HTTP answer: an error, or garbage. It is billed as failed, at nothing.
///
/// @param body its chunks, or empty for the dialect's own error body of that status
/// @param gap between chunks
/// @param beforeUploadEnds whether it is sent as soon as the request's headers are in
public record Canned(
        int status,
        Map<String, String> headers,
        Optional<List<byte[]>> body,
        Duration gap,
        Ending ending,
        boolean beforeUploadEnds)
        implements Behaviour {

    public Canned {
        headers = Map.copyOf(headers);
    }

    /// Answers without waiting for the request's body. Only `always` and `then` can do so: rules
    /// read the body.
    public Canned early() {
        return new Canned(status, headers, body, gap, ending, true);
    }

    public Canned ends(Ending newEnding) {
        return new Canned(status, headers, body, gap, newEnding, beforeUploadEnds);
    }
}
