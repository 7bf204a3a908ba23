package dev.tollgate.loadtest.provider;

import dev.tollgate.loadtest.provider.Answer.Block;
import dev.tollgate.loadtest.provider.Answer.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The OpenAI dialect: chat completions, their chunks, errors, models.
final class OpenAiWire implements Wire {

    private static final String FINGERPRINT = "fp_simulated";

    @Override
    public String whole(Answer answer) {
        var json = new JsonText().open();
        head(json, answer, "chat.completion").openList("choices");
        for (int i = 0; i < answer.choices().size(); i++) {
            choice(json.openItem(), i, answer.choices().get(i));
        }
        json.closeList();
        usage(json, answer.tokens(), answer.report());
        return json.close().toString();
    }

    private static JsonText head(JsonText json, Answer answer, String object) {
        return json.field("id", answer.id())
                .field("object", object)
                .field("created", answer.createdSeconds())
                .field("model", answer.model())
                .field("service_tier", "default")
                .field("system_fingerprint", FINGERPRINT);
    }

    private static void choice(JsonText json, int index, Choice choice) {
        json.field("index", index).open("message").field("role", "assistant");
        var text = choice.text();
        if (text.isEmpty() && !choice.tools().isEmpty()) {
            json.raw("content", "null");
        } else {
            json.field("content", text);
        }
        json.raw("refusal", "null").raw("annotations", "[]");
        if (!choice.tools().isEmpty()) {
            json.openList("tool_calls");
            for (var tool : choice.tools()) {
                json.openItem().field("id", tool.toolCallId()).field("type", "function");
                json.open("function")
                        .field("name", tool.tool().orElseThrow())
                        .field("arguments", tool.joined());
                json.close().close();
            }
            json.closeList();
        }
        json.close().raw("logprobs", "null").field("finish_reason", finish(choice)).close();
    }

    private static String finish(Choice choice) {
        return switch (choice.finish()) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case TOOL -> "tool_calls";
        };
    }

    static void usage(JsonText json, TokenClasses tokens, UsageReport report) {
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
        json.raw("prompt_tokens", Wire.told(report, tokens.input()))
                .raw("completion_tokens", Wire.told(report, tokens.output()))
                .raw("total_tokens", Wire.told(report, tokens.input() + tokens.output()));
        json.open("prompt_tokens_details")
                .raw("cached_tokens", Wire.told(report, tokens.cacheRead()))
                .field("audio_tokens", 0);
        if (tokens.cacheWrite() > 0) {
            json.raw("cache_write_tokens", Wire.told(report, tokens.cacheWrite()));
        }
        json.close();
        json.open("completion_tokens_details")
                .raw("reasoning_tokens", Wire.told(report, tokens.reasoning()))
                .field("audio_tokens", 0)
                .field("accepted_prediction_tokens", 0)
                .field("rejected_prediction_tokens", 0)
                .close();
        return json.close().toString();
    }

    @Override
    public List<Step> stream(Answer answer) {
        var steps = new ArrayList<Step>();
        var produced = answer.tokens().output();
        for (int i = 0; i < answer.choices().size(); i++) {
            steps.add(chunk(answer, Step.Part.OPENING, 0, i, ROLE, "null"));
        }
        for (int i = 0; i < answer.choices().size(); i++) {
            content(steps, answer, i);
        }
        for (int i = 0; i < answer.choices().size(); i++) {
            var finish = "\"" + finish(answer.choices().get(i)) + "\"";
            steps.add(chunk(answer, Step.Part.CLOSING, produced, i, "{}", finish));
        }
        if (answer.includeUsage() && answer.report() != UsageReport.MISSING) {
            steps.add(new Step(Step.Part.CLOSING, produced, () -> usageChunk(answer)));
        }
        steps.add(new Step(Step.Part.CLOSING, produced, () -> "data: [DONE]\n\n"));
        return steps;
    }

    private static final String ROLE = "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}";

    private static void content(List<Step> steps, Answer answer, int index) {
        var toolIndex = 0;
        for (var block : answer.choices().get(index).blocks()) {
            if (block.tool().isPresent()) {
                toolCall(steps, answer, index, toolIndex++, block);
                continue;
            }
            for (var piece : block.pieces()) {
                steps.add(
                        new Step(
                                Step.Part.CONTENT,
                                piece.outputTokens(),
                                () ->
                                        chunkText(
                                                answer,
                                                index,
                                                new JsonText()
                                                        .open()
                                                        .field("content", piece.text())
                                                        .close()
                                                        .toString(),
                                                "null")));
            }
        }
    }

    private static void toolCall(
            List<Step> steps, Answer answer, int index, int toolIndex, Block block) {
        var opening = new JsonText().open().openList("tool_calls").openItem();
        opening.field("index", toolIndex)
                .field("id", block.toolCallId())
                .field("type", "function")
                .open("function")
                .field("name", block.tool().orElseThrow())
                .field("arguments", "");
        var delta = opening.close().close().closeList().close().toString();
        steps.add(chunk(answer, Step.Part.OPENING, 0, index, delta, "null"));
        for (var piece : block.pieces()) {
            steps.add(
                    new Step(
                            Step.Part.CONTENT,
                            piece.outputTokens(),
                            () ->
                                    chunkText(
                                            answer,
                                            index,
                                            arguments(toolIndex, piece.text()),
                                            "null")));
        }
    }

    private static String arguments(int toolIndex, String text) {
        return new JsonText()
                .open()
                .openList("tool_calls")
                .openItem()
                .field("index", toolIndex)
                .open("function")
                .field("arguments", text)
                .close()
                .close()
                .closeList()
                .close()
                .toString();
    }

    private static Step chunk(
            Answer answer, Step.Part part, long tokens, int index, String delta, String finish) {
        return new Step(part, tokens, () -> chunkText(answer, index, delta, finish));
    }

    private static String chunkText(Answer answer, int index, String delta, String finish) {
        var json = new JsonText().open();
        head(json, answer, "chat.completion.chunk")
                .openList("choices")
                .openItem()
                .field("index", index)
                .raw("delta", delta)
                .raw("logprobs", "null")
                .raw("finish_reason", finish)
                .close()
                .closeList();
        // With include_usage every chunk but the last carries the field as null.
        if (answer.includeUsage()) {
            json.raw("usage", "null");
        }
        return "data: " + json.close() + "\n\n";
    }

    private static String usageChunk(Answer answer) {
        var json = new JsonText().open();
        head(json, answer, "chat.completion.chunk").raw("choices", "[]");
        usage(json, answer.tokens(), answer.report());
        return "data: " + json.close() + "\n\n";
    }

    @Override
    public String errorEvent() {
        return "data: "
                + error(500, "The server had an error while processing your request", "")
                + "\n\n";
    }

    @Override
    public String error(int status, String message, String requestId) {
        var code =
                switch (status) {
                    case 401 -> "\"invalid_api_key\"";
                    case 402 -> "\"billing_hard_limit_reached\"";
                    case 404 -> "\"model_not_found\"";
                    case 429 -> "\"rate_limit_exceeded\"";
                    default -> "null";
                };
        var type =
                switch (status) {
                    case 429 -> "requests";
                    case 500, 502, 503, 504, 529 -> "server_error";
                    default -> "invalid_request_error";
                };
        return new JsonText()
                .open()
                .open("error")
                .field("message", message)
                .field("type", type)
                .raw("param", "null")
                .raw("code", code)
                .close()
                .close()
                .toString();
    }

    @Override
    public String models() {
        var json = new JsonText().open().field("object", "list").openList("data");
        for (var model : ProviderPrice.models()) {
            if (!model.startsWith("claude")) {
                model(json.openItem(), model);
            }
        }
        return json.closeList().close().toString();
    }

    static String model(String id) {
        return model(new JsonText().open(), id).toString();
    }

    private static JsonText model(JsonText json, String id) {
        return json.field("id", id)
                .field("object", "model")
                .field("created", 1_715_367_049)
                .field("owned_by", "system")
                .close();
    }

    @Override
    public Map<String, String> headers(String requestId) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("x-request-id", requestId);
        headers.put("openai-organization", "org-simulated");
        headers.put("openai-version", "2020-10-01");
        headers.put("openai-processing-ms", "1");
        headers.put("x-ratelimit-limit-requests", "10000");
        headers.put("x-ratelimit-remaining-requests", "9999");
        headers.put("x-ratelimit-reset-requests", "6ms");
        headers.put("x-ratelimit-limit-tokens", "2000000");
        headers.put("x-ratelimit-remaining-tokens", "1999000");
        headers.put("x-ratelimit-reset-tokens", "6m0s");
        return headers;
    }
}
