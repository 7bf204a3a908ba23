package dev.tollgate.node.provider.anthropic;

import dev.tollgate.node.provider.JsonTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Puts the events of a streamed message together to the message that would have been the answer
/// without `stream`.
///
/// A tool's input that broke off is no JSON and cannot stand in a message: its block is left out,
/// so that nobody calls the tool with half of it.
final class AnthropicWhole {

    private final Map<Integer, Map<String, @Nullable Object>> blocks = new TreeMap<>();
    private final Map<Integer, StringBuilder> inputs = new LinkedHashMap<>();
    private Map<String, @Nullable Object> message = new LinkedHashMap<>();
    private boolean begun;

    static byte[] of(List<byte[]> events) throws IOException {
        var whole = new AnthropicWhole();
        for (var data : events) {
            whole.event(JsonTree.read(data));
        }
        return whole.bytes();
    }

    private void event(Map<String, @Nullable Object> event) throws IOException {
        switch (String.valueOf(event.get("type"))) {
            case "message_start" -> {
                message = JsonTree.objectIn(event, "message");
                begun = true;
            }
            case "content_block_start" ->
                    blocks.put(
                            JsonTree.intIn(event, "index"),
                            JsonTree.objectIn(event, "content_block"));
            case "content_block_delta" -> delta(event);
            case "message_delta" -> {
                overwrite(message, JsonTree.objectIn(event, "delta"));
                overwrite(JsonTree.objectIn(message, "usage"), JsonTree.objectIn(event, "usage"));
            }
            default -> {
                // A ping, an end, or one that clients have to ignore.
            }
        }
    }

    private void delta(Map<String, @Nullable Object> event) throws IOException {
        var index = JsonTree.intIn(event, "index");
        var block = blocks.get(index);
        if (block == null) {
            throw new IOException("an addition to no block");
        }
        var delta = JsonTree.objectIn(event, "delta");
        switch (String.valueOf(delta.get("type"))) {
            case "text_delta" -> append(block, delta, "text");
            case "thinking_delta" -> append(block, delta, "thinking");
            case "signature_delta" -> append(block, delta, "signature");
            case "input_json_delta" ->
                    inputs.computeIfAbsent(index, _ -> new StringBuilder())
                            .append(text(delta.get("partial_json")));
            case "citations_delta" -> {
                var citations = new ArrayList<Object>(JsonTree.objectsIn(block, "citations"));
                citations.add(JsonTree.objectIn(delta, "citation"));
                block.put("citations", citations);
            }
            default -> throw new IOException("an addition of a kind we do not know");
        }
    }

    private static void append(
            Map<String, @Nullable Object> block, Map<String, @Nullable Object> delta, String name) {
        block.put(name, text(block.get(name)) + text(delta.get(name)));
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    private static void overwrite(
            Map<String, @Nullable Object> into, Map<String, @Nullable Object> more) {
        more.forEach((name, value) -> {
            if (value != null || !into.containsKey(name)) {
                into.put(name, value);
            }
        });
    }

    private byte[] bytes() throws IOException {
        if (!begun) {
            throw new IOException("no message");
        }
        for (var input : inputs.entrySet()) {
            var json = input.getValue().toString();
            var block = blocks.get(input.getKey());
            if (block != null && !json.isBlank()) {
                try {
                    block.put("input", JsonTree.read(json.getBytes(StandardCharsets.UTF_8)));
                } catch (IOException _) {
                    blocks.remove(input.getKey());
                }
            }
        }
        message.put("content", new ArrayList<>(blocks.values()));
        return JsonTree.write(message).getBytes(StandardCharsets.UTF_8);
    }
}
