package dev.tollgate.node.provider.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.provider.Answer;
import dev.tollgate.node.provider.AnswerText;
import dev.tollgate.node.provider.Codec;
import dev.tollgate.node.provider.CutMark;
import dev.tollgate.node.provider.EventReader;
import dev.tollgate.node.provider.Json;
import dev.tollgate.node.provider.UpstreamRequest;
import dev.tollgate.node.stream.BodySplicer;
import dev.tollgate.node.stream.Splice;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.ModelRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// OpenAI's chat completions and embeddings.
///
/// @param withoutUsageOption provider types whose servers reject `stream_options.include_usage`;
///   their streams are estimated unless the caller asks for usage
record OpenAiCodec(Set<String> withoutUsageOption) implements Codec {

    private static final String OPENAI = "openai";

    /// What a model has written in an answer, whole or in pieces.
    static final Set<String> TEXT =
            Set.of(
                    "content",
                    "text",
                    "refusal",
                    "reasoning",
                    "reasoning_content",
                    "name",
                    "arguments",
                    "input",
                    "transcript");

    @Override
    public UpstreamRequest request(Exchange exchange) {
        var request = exchange.request();
        var body = BodySplicer.splice(request, splices(exchange, request));
        return UpstreamRequest.of(exchange, headers(exchange), body);
    }

    private List<Splice> splices(Exchange exchange, ModelRequest request) {
        var splices = new ArrayList<Splice>();
        var deployment = exchange.deployment();
        if (!deployment.upstreamModel().equals(request.model())) {
            splices.add(BodySplicer.model(request, deployment.upstreamModel()));
        }
        if (asksForUsage(exchange)) {
            splices.add(BodySplicer.includeUsage(request));
        }
        if (exchange.fetchedAsStream() && !request.stream()) {
            splices.add(BodySplicer.stream(request));
        }
        exchange.outputGranted()
                .ifPresent(tokens ->
                        splices.add(
                                BodySplicer.outputMax(request, outputMaxField(exchange), tokens)));
        return splices;
    }

    /// OpenAI has given up `max_tokens`, and others have not taken up its successor.
    private static String outputMaxField(Exchange exchange) {
        return exchange.deployment().provider().type().equals(OPENAI)
                ? "max_completion_tokens"
                : "max_tokens";
    }

    /// Whether usage of the stream is asked for on our own behalf.
    private boolean asksForUsage(Exchange exchange) {
        return exchange.endpoint().produces()
                && exchange.fetchedAsStream()
                && !exchange.request().usageAsked()
                && !withoutUsageOption.contains(exchange.deployment().provider().type());
    }

    private static List<Map.Entry<String, String>> headers(Exchange exchange) {
        var headers = new ArrayList<>(UpstreamRequest.headers(exchange));
        exchange.deployment()
                .provider()
                .credential()
                .map(secret -> Map.entry("authorization", "Bearer " + secret.reveal()))
                .ifPresent(headers::add);
        return headers;
    }

    @Override
    public Answer read(Endpoint endpoint, byte[] body) {
        try (var parser = Json.FACTORY.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Answer.invalid("not a JSON object");
            }
            var answer = new OpenAiAnswer(endpoint);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                answer.field(parser);
            }
            return parser.nextToken() == null
                    ? answer.answer()
                    : Answer.invalid("more than one JSON value");
        } catch (IOException invalid) {
            return Answer.invalid("not JSON");
        }
    }

    @Override
    public String producedText(byte[] body) {
        return AnswerText.of(body, "choices", TEXT, Set.of());
    }

    @Override
    public EventReader events(Exchange exchange) {
        return new OpenAiEvents(exchange.request().stream() && asksForUsage(exchange));
    }

    @Override
    public CutMark cutMark(Exchange exchange) {
        return new OpenAiCut(exchange.request().usageAsked() || !exchange.request().stream());
    }

    @Override
    public byte[] whole(List<byte[]> events) throws IOException {
        return OpenAiWhole.of(events);
    }

    @Override
    public String requestIdHeader() {
        return "x-request-id";
    }

    @Override
    public boolean relays(String name) {
        return switch (name) {
            case "openai-processing-ms", "openai-version", "openai-model" -> true;
            default -> false;
        };
    }
}
