package dev.tollgate.node.provider;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/// The bytes of a whole answer as they come in, up to a limit.
final class CollectedAnswer {

    private final int bytesMax;
    private @Nullable Buffer first;
    private @Nullable Buffer all;

    CollectedAnswer(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Whether there was room for `chunk`.
    boolean add(Buffer chunk) {
        if (first == null) {
            first = chunk;
            return chunk.length() <= bytesMax;
        }
        if (all == null) {
            all = Buffer.buffer(first.length() + 4 * chunk.length()).appendBuffer(first);
        }
        if (all.length() + chunk.length() > bytesMax) {
            return false;
        }
        all.appendBuffer(chunk);
        return true;
    }

    byte[] bytes() {
        if (all != null) {
            return all.getBytes();
        }
        return first == null ? new byte[0] : first.getBytes();
    }
}
