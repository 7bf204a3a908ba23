package dev.tollgate.node.provider;

import dev.tollgate.path.Exchange;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A request as it goes to a provider, built from parsed parts: framing and credentials are ours.
///
/// @param added headers of ours, names in lower case; they win over the caller's
public record UpstreamRequest(
        URI baseUrl,
        String path,
        String query,
        List<Map.Entry<String, String>> forwarded,
        List<Map.Entry<String, String>> added,
        byte[] body) {

    /// What a caller's headers never decide: connection, framing, and what we say ourselves. The
    /// door lets few headers in; this is the last check before they leave.
    private static final Set<String> NEVER_FORWARDED =
            Set.of(
                    "accept-encoding",
                    "api-key",
                    "authorization",
                    "connection",
                    "content-encoding",
                    "content-length",
                    "content-type",
                    "cookie",
                    "expect",
                    "forwarded",
                    "host",
                    "keep-alive",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "traceparent",
                    "transfer-encoding",
                    "upgrade",
                    "x-api-key",
                    "x-goog-api-key",
                    "x-request-id",
                    "x-tollgate-key");

    /// The request for `exchange` at its endpoint below the provider's base URL.
    public static UpstreamRequest of(
            Exchange exchange, List<Map.Entry<String, String>> added, byte[] body) {
        return new UpstreamRequest(
                exchange.deployment().provider().baseUrl(),
                exchange.endpoint().path().substring("/v1".length()),
                exchange.query(),
                exchange.headers(),
                added,
                body);
    }

    /// The headers every provider gets from us.
    public static List<Map.Entry<String, String>> headers(Exchange exchange) {
        var ours =
                List.of(
                        Map.entry("content-type", "application/json"),
                        Map.entry("accept-encoding", "identity"),
                        Map.entry("x-request-id", exchange.id().toString()));
        if (exchange.traceParent().isEmpty()) {
            return ours;
        }
        var traced = new ArrayList<>(ours);
        traced.add(Map.entry("traceparent", exchange.traceParent()));
        return traced;
    }

    RequestOptions options() {
        var secure = "https".equalsIgnoreCase(baseUrl.getScheme());
        var port = baseUrl.getPort() >= 0 ? baseUrl.getPort() : secure ? 443 : 80;
        return new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setSsl(secure)
                .setHost(host())
                .setPort(port)
                .setURI(target());
    }

    /// An IPv6 literal stands in brackets in a URL only.
    private String host() {
        var host = baseUrl.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private String target() {
        var target = baseUrl.getRawPath() + path;
        return query.isEmpty() ? target : target + '?' + visible(query);
    }

    void writeHeaders(MultiMap headers) {
        for (var header : forwarded) {
            if (!NEVER_FORWARDED.contains(header.getKey()) && !isAdded(header.getKey())) {
                headers.add(header.getKey(), header.getValue());
            }
        }
        for (var header : added) {
            headers.set(header.getKey(), header.getValue());
        }
    }

    private boolean isAdded(String name) {
        for (var header : added) {
            if (header.getKey().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /// A request line cannot be broken, whoever filled the query.
    private static String visible(String query) {
        for (var at = 0; at < query.length(); at++) {
            var each = query.charAt(at);
            if (each <= ' ' || each >= 0x7f || each == '#') {
                throw new IllegalArgumentException("query: a character no query has");
            }
        }
        return query;
    }
}
