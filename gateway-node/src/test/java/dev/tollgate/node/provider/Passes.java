package dev.tollgate.node.provider;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Runs a stream through a dialect's reader without a network.
public final class Passes {

    private Passes() {}

    /// @param last the verdict on the last event read
    public record Relayed(String text, EventReader.Verdict last, String fault) {}

    /// All ways to cut `stream` in two, and into single bytes.
    public static List<List<byte[]>> cuts(String stream) {
        var bytes = stream.getBytes(StandardCharsets.UTF_8);
        var ways = new ArrayList<List<byte[]>>();
        for (var cut = 0; cut < bytes.length; cut++) {
            ways.add(
                    List.of(
                            Arrays.copyOfRange(bytes, 0, cut),
                            Arrays.copyOfRange(bytes, cut, bytes.length)));
        }
        var single = new ArrayList<byte[]>();
        for (var each : bytes) {
            single.add(new byte[] {each});
        }
        ways.add(single);
        return ways;
    }

    public static Relayed relay(EventReader reader, String stream) {
        return relay(reader, List.of(stream.getBytes(StandardCharsets.UTF_8)));
    }

    public static Relayed relay(EventReader reader, List<byte[]> chunks) {
        var splitter = new SseSplitter();
        var relayed = new ByteArrayOutputStream();
        var last = EventReader.Verdict.PASS;
        var fault = "";
        for (var chunk : chunks) {
            splitter.offer(chunk);
            var pass = new Pass(splitter, reader);
            pass.run(1 << 20);
            relayed.writeBytes(pass.relayed(Buffer.buffer(chunk)).getBytes());
            splitter.settle();
            last = pass.last();
            fault = pass.fault();
            if (last == EventReader.Verdict.COMPLETE
                    || last == EventReader.Verdict.FAILED
                    || !fault.isEmpty()) {
                break;
            }
        }
        return new Relayed(relayed.toString(StandardCharsets.UTF_8), last, fault);
    }
}
