package dev.tollgate.loadtest.provider;

import dev.tollgate.loadtest.provider.Answer.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The Anthropic dialect: messages, their events, errors, models.
final class AnthropicWire implements Wire {

    @Override
    public String whole(Answer answer) {
        var json = new JsonText().open();
        head(json, answer);
        json.openList("content");
        var cut = answer.choices().getFirst().finish() == Answer.Finish.LENGTH;
        for (var block : answer.choices().getFirst().blocks()) {
            json.openItem();
            if (block.tool().isPresent()) {
                json.field("type", "tool_use")
                        .field("id", block.toolCallId())
                        .field("name", block.tool().get())
                        // A cut input is no JSON; real providers then give what parses.
                        .raw("input", cut ? "{}" : block.joined());
            } else {
                json.field("type", "text").field("text", block.joined());
            }
            json.close();
        }
        json.closeList();
        json.field("stop_reason", stopReason(answer)).raw("stop_sequence", "null");
        usage(json, answer.tokens(), answer.report());
        return json.close().toString();
    }

    private static void head(JsonText json, Answer answer) {
        json.field("id", answer.id())
                .field("type", "message")
                .field("role", "assistant")
                .field("model", answer.model());
    }

    private static String stopReason(Answer answer) {
        return switch (answer.choices().getFirst().finish()) {
            case STOP -> "end_turn";
            case LENGTH -> "max_tokens";
            case TOOL -> "tool_use";
        };
    }

    private static void usage(JsonText json, TokenClasses tokens, UsageReport report) {
        switch (report) {
            case MISSING -> {}
            case NULL -> json.raw("usage", "null");
            case WRONG_TYPE -> json.field("usage", "lots");
            case HONEST, ZERO, NEGATIVE, HUGE, OVERFLOWING ->
                    json.raw("usage", usageObject(tokens, report));
        }
    }

    private static String usageObject(TokenClasses tokens, UsageReport report) {
        var json = new JsonText().open();
        json.raw("input_tokens", Wire.told(report, tokens.uncachedInput()))
                .raw("cache_creation_input_tokens", Wire.told(report, tokens.cacheWrite()))
                .raw("cache_read_input_tokens", Wire.told(report, tokens.cacheRead()))
                .open("cache_creation")
                .raw("ephemeral_5m_input_tokens", Wire.told(report, tokens.cacheWrite5m()))
                .raw("ephemeral_1h_input_tokens", Wire.told(report, tokens.cacheWrite1h()))
                .close()
                .raw("output_tokens", Wire.told(report, tokens.output()));
        if (tokens.reasoning() > 0) {
            json.open("output_tokens_details")
                    .raw("thinking_tokens", Wire.told(report, tokens.reasoning()))
                    .close();
        }
        return json.raw("server_tool_use", "null")
                .field("service_tier", "standard")
                .close()
                .toString();
    }

    @Override
    public List<Step> stream(Answer answer) {
        var steps = new ArrayList<Step>();
        var output = answer.tokens().output();
        steps.add(new Step(Step.Part.OPENING, 0, () -> messageStart(answer)));
        var blocks = answer.choices().getFirst().blocks();
        for (int i = 0; i < blocks.size(); i++) {
            block(steps, i, blocks.get(i));
        }
        steps.add(new Step(Step.Part.CLOSING, output, () -> messageDelta(answer)));
        steps.add(
                new Step(
                        Step.Part.CLOSING,
                        output,
                        () -> event("message_stop", body("message_stop"))));
        return steps;
    }

    private static JsonText body(String type) {
        return new JsonText().open().field("type", type);
    }

    private static String event(String name, JsonText body) {
        return "event: " + name + "\ndata: " + body.close() + "\n\n";
    }

    private static String messageStart(Answer answer) {
        var json = body("message_start").open("message");
        head(json, answer);
        json.raw("content", "[]").raw("stop_reason", "null").raw("stop_sequence", "null");
        // The output count here is a placeholder; the real one comes with message_delta.
        usage(json, answer.tokens().withOutput(1), answer.report());
        return event("message_start", json.close());
    }

    private static void block(List<Step> steps, int index, Block block) {
        steps.add(new Step(Step.Part.OPENING, 0, () -> blockStart(index, block)));
        if (index == 0) {
            steps.add(new Step(Step.Part.OPENING, 0, () -> event("ping", body("ping"))));
        }
        var type = block.tool().isPresent() ? "input_json_delta" : "text_delta";
        var field = block.tool().isPresent() ? "partial_json" : "text";
        for (var piece : block.pieces()) {
            steps.add(
                    new Step(
                            Step.Part.CONTENT,
                            piece.outputTokens(),
                            () -> blockDelta(index, type, field, piece.text())));
        }
        steps.add(
                new Step(
                        Step.Part.OPENING,
                        0,
                        () ->
                                event(
                                        "content_block_stop",
                                        body("content_block_stop").field("index", index))));
    }

    private static String blockStart(int index, Block block) {
        var json = body("content_block_start").field("index", index).open("content_block");
        if (block.tool().isPresent()) {
            json.field("type", "tool_use")
                    .field("id", block.toolCallId())
                    .field("name", block.tool().get())
                    .raw("input", "{}");
        } else {
            json.field("type", "text").field("text", "");
        }
        return event("content_block_start", json.close());
    }

    private static String blockDelta(int index, String type, String field, String text) {
        return event(
                "content_block_delta",
                body("content_block_delta")
                        .field("index", index)
                        .open("delta")
                        .field("type", type)
                        .field(field, text)
                        .close());
    }

    private static String messageDelta(Answer answer) {
        var json =
                body("message_delta")
                        .open("delta")
                        .field("stop_reason", stopReason(answer))
                        .raw("stop_sequence", "null")
                        .close();
        usage(json, answer.tokens(), answer.report());
        return event("message_delta", json);
    }

    @Override
    public String errorEvent() {
        return "event: error\ndata: " + error(529, "Overloaded", "") + "\n\n";
    }

    @Override
    public String error(int status, String message, String requestId) {
        var type =
                switch (status) {
                    case 401 -> "authentication_error";
                    case 402 -> "billing_error";
                    case 403 -> "permission_error";
                    case 404 -> "not_found_error";
                    case 413 -> "request_too_large";
                    case 429 -> "rate_limit_error";
                    case 504 -> "timeout_error";
                    case 529 -> "overloaded_error";
                    default -> status >= 500 ? "api_error" : "invalid_request_error";
                };
        var json =
                new JsonText()
                        .open()
                        .field("type", "error")
                        .open("error")
                        .field("type", type)
                        .field("message", message)
                        .close();
        if (!requestId.isEmpty()) {
            json.field("request_id", requestId);
        }
        return json.close().toString();
    }

    @Override
    public String models() {
        var json = new JsonText().open().openList("data");
        var first = "";
        var last = "";
        for (var model : ProviderPrice.models()) {
            if (model.startsWith("claude")) {
                first = first.isEmpty() ? model : first;
                last = model;
                model(json.openItem(), model);
            }
        }
        return json.closeList()
                .field("has_more", false)
                .field("first_id", first)
                .field("last_id", last)
                .close()
                .toString();
    }

    static String model(String id) {
        return model(new JsonText().open(), id).toString();
    }

    private static JsonText model(JsonText json, String id) {
        return json.field("type", "model")
                .field("id", id)
                .field("display_name", id)
                .field("created_at", "2025-10-01T00:00:00Z")
                .field("lifecycle", "active")
                .raw("capabilities", "null")
                .raw("deprecated_at", "null")
                .raw("retires_at", "null")
                .raw("line", "null")
                .field("max_input_tokens", 200_000)
                .field("max_tokens", 64_000)
                .close();
    }

    @Override
    public Map<String, String> headers(String requestId) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("request-id", requestId);
        headers.put("anthropic-organization-id", "00000000-0000-0000-0000-000000000001");
        headers.put("anthropic-ratelimit-requests-limit", "4000");
        headers.put("anthropic-ratelimit-requests-remaining", "3999");
        headers.put("anthropic-ratelimit-requests-reset", "2030-01-01T00:00:00Z");
        headers.put("anthropic-ratelimit-tokens-limit", "480000");
        headers.put("anthropic-ratelimit-tokens-remaining", "479000");
        headers.put("anthropic-ratelimit-tokens-reset", "2030-01-01T00:00:00Z");
        return headers;
    }
}
