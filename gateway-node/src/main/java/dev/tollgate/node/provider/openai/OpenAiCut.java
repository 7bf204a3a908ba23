package dev.tollgate.node.provider.openai;

import dev.tollgate.node.provider.CutMark;
import dev.tollgate.node.provider.JsonTree;
import dev.tollgate.tokens.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Ends a chat completion with `finish_reason: length`, its usage where that is asked for, and
/// `[DONE]`.
final class OpenAiCut implements CutMark {

    private static final List<String> HEAD =
            List.of("id", "object", "created", "model", "service_tier", "system_fingerprint");

    private final boolean usageWanted;
    private Map<String, @Nullable Object> head = Map.of();

    OpenAiCut(boolean usageWanted) {
        this.usageWanted = usageWanted;
    }

    @Override
    public void passed(byte[] data) throws IOException {
        if (head.isEmpty()) {
            head = new LinkedHashMap<>(JsonTree.read(data));
            head.keySet().retainAll(HEAD);
        }
    }

    @Override
    public byte[] end(Usage usage) {
        var choice = new LinkedHashMap<String, @Nullable Object>();
        choice.put("index", 0);
        choice.put("delta", Map.of());
        choice.put("logprobs", null);
        choice.put("finish_reason", "length");
        var events = new StringBuilder(event(List.of(choice), null));
        if (usageWanted) {
            var told = new LinkedHashMap<String, Object>();
            told.put("prompt_tokens", usage.input());
            told.put("completion_tokens", usage.output());
            told.put("total_tokens", usage.total());
            events.append(event(List.of(), told));
        }
        return events.append("data: [DONE]\n\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private String event(List<?> choices, @Nullable Object usage) {
        var chunk = new LinkedHashMap<>(head);
        chunk.put("choices", new ArrayList<>(choices));
        if (usageWanted) {
            chunk.put("usage", usage);
        }
        return "data: " + JsonTree.write(chunk) + "\n\n";
    }
}
