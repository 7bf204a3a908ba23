package dev.tollgate.node.provider.anthropic;

import dev.tollgate.node.provider.CutMark;
import dev.tollgate.node.provider.JsonTree;
import dev.tollgate.tokens.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Ends a message's open block, and the message with `stop_reason: max_tokens`.
final class AnthropicCut implements CutMark {

    private static final int NONE = -1;

    private int openBlock = NONE;

    @Override
    public void passed(byte[] data) throws IOException {
        var event = JsonTree.read(data);
        switch (String.valueOf(event.get("type"))) {
            case "content_block_start" -> openBlock = JsonTree.intIn(event, "index");
            case "content_block_stop" -> openBlock = NONE;
            default -> {
                // Neither opens nor closes one.
            }
        }
    }

    @Override
    public byte[] end(Usage usage) {
        var events = new StringBuilder();
        if (openBlock != NONE) {
            append(events, "content_block_stop", Map.of("index", openBlock));
        }
        var delta = new LinkedHashMap<String, @Nullable Object>();
        delta.put("stop_reason", "max_tokens");
        delta.put("stop_sequence", null);
        var end = new LinkedHashMap<String, @Nullable Object>();
        end.put("delta", delta);
        end.put("usage", Map.of("output_tokens", usage.output()));
        append(events, "message_delta", end);
        append(events, "message_stop", Map.of());
        return events.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void append(
            StringBuilder to, String type, Map<String, ? extends @Nullable Object> fields) {
        var event = new LinkedHashMap<String, @Nullable Object>();
        event.put("type", type);
        event.putAll(fields);
        to.append("event: ").append(type).append("\ndata: ");
        to.append(JsonTree.write(event)).append("\n\n");
    }
}
