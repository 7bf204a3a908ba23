package dev.tollgate.node.provider;

import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Secret;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.node.stream.JsonPlaces;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.ModelRequest.Place;
import dev.tollgate.path.ModelRequest.Places;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// Exchanges as the path hands them to a provider's client, made from the body a caller sends.
public record Requests(
        Endpoint endpoint,
        String baseUrl,
        String type,
        String upstreamModel,
        List<Map.Entry<String, String>> headers,
        String query,
        String traceParent,
        OptionalLong granted,
        Future<Void> left) {

    public static final UUID ID = UUID.fromString("0198c0de-0000-7000-8000-000000000001");

    public static Requests to(Endpoint endpoint, String baseUrl, String type) {
        return new Requests(
                endpoint,
                baseUrl,
                type,
                "",
                List.of(),
                "",
                "",
                OptionalLong.empty(),
                Future.future(_ -> {}));
    }

    public Requests upstreamModel(String name) {
        return new Requests(
                endpoint, baseUrl, type, name, headers, query, traceParent, granted, left);
    }

    public Requests header(String name, String value) {
        var more = new ArrayList<>(headers);
        more.add(Map.entry(name, value));
        return new Requests(
                endpoint, baseUrl, type, upstreamModel, more, query, traceParent, granted, left);
    }

    public Requests query(String text) {
        return new Requests(
                endpoint, baseUrl, type, upstreamModel, headers, text, traceParent, granted, left);
    }

    public Requests tracedBy(String parent) {
        return new Requests(
                endpoint, baseUrl, type, upstreamModel, headers, query, parent, granted, left);
    }

    public Requests granted(long tokens) {
        return new Requests(
                endpoint,
                baseUrl,
                type,
                upstreamModel,
                headers,
                query,
                traceParent,
                OptionalLong.of(tokens),
                left);
    }

    public Requests left(Future<Void> gone) {
        return new Requests(
                endpoint, baseUrl, type, upstreamModel, headers, query, traceParent, granted, gone);
    }

    public Exchange with(String body) {
        var request = request(body.getBytes(StandardCharsets.UTF_8));
        var provider =
                new Provider(
                        "the-" + type,
                        type,
                        endpoint.dialect(),
                        URI.create(baseUrl),
                        Optional.of(new Secret("provider-secret")));
        var deployment =
                new Deployment(
                        provider,
                        Model.unlisted(request.model()),
                        upstreamModel.isEmpty() ? request.model() : upstreamModel);
        return new Exchange(
                ID,
                1_760_000_000_000L,
                0,
                endpoint,
                Caller.anonymous(),
                Attribution.NONE,
                request,
                headers,
                query,
                traceParent,
                List.of(deployment),
                granted,
                left);
    }

    private static ModelRequest request(byte[] body) {
        var places = new HashMap<String, Place>();
        try (var parser = Json.FACTORY.createParser(body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                parser.nextToken();
                places.put(name, JsonPlaces.currentValue(parser));
            }
        } catch (IOException invalid) {
            throw new UncheckedIOException(invalid);
        }
        var absent = ModelRequest.ABSENT;
        var outputMax =
                places.getOrDefault(
                        "max_tokens", places.getOrDefault("max_completion_tokens", absent));
        var model = text(body, places.getOrDefault("model", absent));
        return new ModelRequest(
                body,
                model.isEmpty() ? "" : model.substring(1, model.length() - 1),
                text(body, places.getOrDefault("stream", absent)).equals("true"),
                text(body, places.getOrDefault("stream_options", absent))
                        .contains("\"include_usage\":true"),
                outputMax.present()
                        ? OptionalLong.of(Long.parseLong(text(body, outputMax)))
                        : OptionalLong.empty(),
                Integer.parseInt("0" + text(body, places.getOrDefault("n", absent))),
                0,
                0,
                0,
                false,
                "",
                new Places(
                        1,
                        places.isEmpty(),
                        places.getOrDefault("model", absent),
                        places.getOrDefault("stream_options", absent),
                        outputMax));
    }

    private static String text(byte[] body, Place place) {
        return place.present()
                ? new String(body, place.from(), place.to() - place.from(), StandardCharsets.UTF_8)
                : "";
    }
}
