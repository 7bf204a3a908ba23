package dev.tollgate.node.provider.openai;

import dev.tollgate.node.provider.JsonTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Puts the chunks of a chat completion together to the completion that would have been the answer
/// without `stream`.
final class OpenAiWhole {

    /// Strings that are told again, not continued.
    private static final Set<String> LABELS = Set.of("id", "type", "role", "finish_reason");

    private final Map<String, @Nullable Object> completion = new LinkedHashMap<>();
    private final Map<Integer, Map<String, @Nullable Object>> choices = new TreeMap<>();
    private @Nullable Object usage;

    static byte[] of(List<byte[]> events) throws IOException {
        var whole = new OpenAiWhole();
        for (var data : events) {
            if (!new String(data, StandardCharsets.UTF_8).equals("[DONE]")) {
                whole.chunk(JsonTree.read(data));
            }
        }
        return whole.bytes();
    }

    private void chunk(Map<String, @Nullable Object> chunk) {
        for (var field : chunk.entrySet()) {
            switch (field.getKey()) {
                case "choices" -> JsonTree.objectsIn(chunk, "choices").forEach(this::choice);
                case "object" -> completion.put("object", "chat.completion");
                case "usage" -> usage = field.getValue() == null ? usage : field.getValue();
                case "obfuscation" -> {
                    // Of the stream, not of the answer.
                }
                default -> {
                    if (field.getValue() != null || !completion.containsKey(field.getKey())) {
                        completion.put(field.getKey(), field.getValue());
                    }
                }
            }
        }
    }

    private void choice(Map<String, @Nullable Object> choice) {
        var index = Math.max(0, JsonTree.intIn(choice, "index"));
        var known = choices.computeIfAbsent(index, OpenAiWhole::begun);
        for (var field : choice.entrySet()) {
            switch (field.getKey()) {
                case "index" -> {}
                case "delta" ->
                        merge(
                                JsonTree.objectIn(known, "message"),
                                JsonTree.objectIn(choice, "delta"));
                default -> merge(known, field.getKey(), field.getValue());
            }
        }
    }

    private static Map<String, @Nullable Object> begun(int index) {
        var message = new LinkedHashMap<String, @Nullable Object>();
        message.put("role", "assistant");
        message.put("content", null);
        message.put("refusal", null);
        var choice = new LinkedHashMap<String, @Nullable Object>();
        choice.put("index", index);
        choice.put("message", message);
        choice.put("logprobs", null);
        choice.put("finish_reason", null);
        return choice;
    }

    private static void merge(
            Map<String, @Nullable Object> into, Map<String, @Nullable Object> more) {
        more.forEach((name, value) -> merge(into, name, value));
    }

    private static void merge(
            Map<String, @Nullable Object> into, String name, @Nullable Object more) {
        var before = into.get(name);
        if (more == null) {
            into.putIfAbsent(name, null);
        } else if (more instanceof List<?> items) {
            into.put(name, joined(before, items));
        } else if (before instanceof Map<?, ?> && more instanceof Map<?, ?>) {
            merge(JsonTree.objectIn(into, name), JsonTree.asObject(more));
        } else if (before instanceof String text
                && more instanceof String added
                && !LABELS.contains(name)) {
            into.put(name, text + added);
        } else {
            into.put(name, more);
        }
    }

    /// Items with an index continue those that have it, others follow.
    private static List<@Nullable Object> joined(@Nullable Object before, List<?> more) {
        var items = new ArrayList<@Nullable Object>();
        if (before instanceof List<?> known) {
            items.addAll(known);
        }
        for (var item : more) {
            var known = continued(items, item);
            if (known == null) {
                items.add(item);
            } else {
                merge(JsonTree.asObject(known), JsonTree.asObject(item));
            }
        }
        return items;
    }

    private static @Nullable Object continued(List<@Nullable Object> items, @Nullable Object item) {
        var index = JsonTree.intIn(JsonTree.asObject(item), "index");
        for (var each : items) {
            if (index >= 0 && JsonTree.intIn(JsonTree.asObject(each), "index") == index) {
                return each;
            }
        }
        return null;
    }

    private byte[] bytes() throws IOException {
        if (choices.isEmpty()) {
            throw new IOException("no choices");
        }
        for (Map<String, @Nullable Object> choice : choices.values()) {
            var message = JsonTree.asObject(choice.get("message"));
            var calls = JsonTree.objectsIn(message, "tool_calls");
            for (var call : calls) {
                call.remove("index");
            }
            if (!calls.isEmpty() && "".equals(message.get("content"))) {
                message.put("content", null);
            }
        }
        completion.put("choices", new ArrayList<>(choices.values()));
        if (usage != null) {
            completion.put("usage", usage);
        }
        return JsonTree.write(completion).getBytes(StandardCharsets.UTF_8);
    }
}
