package dev.tollgate.node.provider;

import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads a stream to its end, for a caller who gets its answer whole.
final class StreamedWhole {

    private final ProviderSettings settings;
    private final Faults faults;
    private final SseSplitter splitter = new SseSplitter();
    private final List<byte[]> events = new ArrayList<>();
    private final Promise<List<byte[]>> all = Promise.promise();
    private long bytes;

    StreamedWhole(StreamRelay stream, ProviderSettings settings, Faults faults) {
        this.settings = settings;
        this.faults = faults;
        stream.exceptionHandler(all::tryFail);
        stream.endHandler(_ -> end());
        stream.handler(this::take);
        stream.resume();
    }

    /// The data of its events. Fails as the stream does.
    Future<List<byte[]>> events() {
        return all.future();
    }

    private void take(Buffer chunk) {
        splitter.offer(chunk.getBytes());
        while (splitter.next()) {
            add();
        }
        splitter.settle();
    }

    private void add() {
        var data = Arrays.copyOfRange(splitter.data(), splitter.dataFrom(), splitter.dataTo());
        bytes += data.length;
        if (bytes > settings.answerBytesMax()) {
            all.tryFail(new Refusal(faults.tooLarge(settings.answerBytesMax())));
        } else {
            events.add(data);
        }
    }

    private void end() {
        if (splitter.end()) {
            add();
        }
        all.tryComplete(events);
    }
}
