package dev.tollgate.node.provider;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Which headers of a provider's answer the caller gets: those of an allowlist. The provider's
/// limits, cookies and account describe our client, not the caller.
final class ReplyHeaders {

    private ReplyHeaders() {}

    static List<Map.Entry<String, String>> relayed(MultiMap headers, Codec codec, boolean error) {
        var relayed = new ArrayList<Map.Entry<String, String>>();
        for (var header : headers) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            if (relays(name, codec, error)) {
                relayed.add(Map.entry(name, header.getValue()));
            }
        }
        return relayed;
    }

    /// Of a stream that the caller gets whole.
    static List<Map.Entry<String, String>> ofWhole(MultiMap headers, Codec codec) {
        var relayed = new ArrayList<>(relayed(headers, codec, false));
        relayed.removeIf(header -> header.getKey().equals("content-type"));
        relayed.add(Map.entry("content-type", "application/json"));
        return relayed;
    }

    private static boolean relays(String name, Codec codec, boolean error) {
        return switch (name) {
            case "content-type" -> true;
            case "content-encoding", "retry-after", "retry-after-ms", "x-should-retry" -> error;
            default -> codec.relays(name);
        };
    }
}
