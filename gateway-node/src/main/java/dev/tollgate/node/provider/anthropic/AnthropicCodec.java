package dev.tollgate.node.provider.anthropic;

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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Anthropic's messages and their token count.
///
/// Headers and body fields named `anthropic-*` are open lists: they come and go in pairs that we
/// need not know.
record AnthropicCodec() implements Codec {

    private static final String VERSION = "anthropic-version";
    private static final String VERSION_DEFAULT = "2023-06-01";

    @Override
    public UpstreamRequest request(Exchange exchange) {
        var request = exchange.request();
        var splices = new ArrayList<Splice>();
        var upstreamModel = exchange.deployment().upstreamModel();
        if (!upstreamModel.equals(request.model())) {
            splices.add(BodySplicer.model(request, upstreamModel));
        }
        if (exchange.fetchedAsStream() && !request.stream()) {
            splices.add(BodySplicer.stream(request));
        }
        exchange.outputGranted()
                .ifPresent(tokens ->
                        splices.add(BodySplicer.outputMax(request, "max_tokens", tokens)));
        var body = BodySplicer.splice(request, splices);
        return UpstreamRequest.of(exchange, headers(exchange), body);
    }

    private static List<Map.Entry<String, String>> headers(Exchange exchange) {
        var headers = new ArrayList<>(UpstreamRequest.headers(exchange));
        if (exchange.headers().stream().noneMatch(header -> header.getKey().equals(VERSION))) {
            headers.add(Map.entry(VERSION, VERSION_DEFAULT));
        }
        exchange.deployment()
                .provider()
                .credential()
                .map(secret -> Map.entry("x-api-key", secret.reveal()))
                .ifPresent(headers::add);
        return headers;
    }

    @Override
    public Answer read(Endpoint endpoint, byte[] body) {
        try (var parser = Json.FACTORY.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Answer.invalid("not a JSON object");
            }
            var answer = new AnthropicAnswer();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                answer.field(parser);
            }
            return parser.nextToken() == null
                    ? answer.answer(endpoint)
                    : Answer.invalid("more than one JSON value");
        } catch (IOException invalid) {
            return Answer.invalid("not JSON");
        }
    }

    @Override
    public String producedText(byte[] body) {
        return AnswerText.of(body, "content", Set.of("text", "thinking", "name"), Set.of("input"));
    }

    @Override
    public EventReader events(Exchange exchange) {
        return new AnthropicEvents();
    }

    @Override
    public CutMark cutMark(Exchange exchange) {
        return new AnthropicCut();
    }

    @Override
    public byte[] whole(List<byte[]> events) throws IOException {
        return AnthropicWhole.of(events);
    }

    @Override
    public String requestIdHeader() {
        return "request-id";
    }

    /// All but what tells of our own account and its limits.
    @Override
    public boolean relays(String name) {
        return name.startsWith("anthropic-")
                && !name.startsWith("anthropic-ratelimit-")
                && !name.startsWith("anthropic-priority-")
                && !name.equals("anthropic-organization-id");
    }
}
