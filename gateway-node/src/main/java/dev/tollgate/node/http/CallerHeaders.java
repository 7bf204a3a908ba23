package dev.tollgate.node.http;

import dev.tollgate.caller.Credentials;
import dev.tollgate.caller.Peer;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the door takes from a request's headers.
final class CallerHeaders {

    private static final CharSequence[] KEYS =
            names("x-tollgate-key", "x-api-key", "api-key", "x-goog-api-key");

    /// Any of them says that a proxy made the connection.
    private static final CharSequence[] PROXIES =
            names("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via");

    private static final CharSequence TRACE_PARENT_NAME =
            HttpHeaders.createOptimized("traceparent");

    /// W3C Trace Context, version 00: all zeros are invalid.
    private static final Pattern TRACE_PARENT =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private static final String BEARER = "bearer ";

    private CallerHeaders() {}

    static Credentials credentials(HttpServerRequest request) {
        var headers = request.headers();
        var presented = new ArrayList<String>(1);
        for (var authorization : headers.getAll(HttpHeaders.AUTHORIZATION)) {
            if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                presented.add(authorization.substring(BEARER.length()).strip());
            }
        }
        for (var name : KEYS) {
            if (headers.contains(name)) {
                for (var key : headers.getAll(name)) {
                    presented.add(key.strip());
                }
            }
        }
        return new Credentials(presented, peer(request));
    }

    /// An open list for `anthropic-*`: those go with body fields, in pairs, and new ones must pass.
    /// Of `openai-*` only `openai-beta`: organization and project are of the caller's own account.
    static List<Map.Entry<String, String>> forwarded(MultiMap headers, Dialect dialect) {
        var forwarded = new ArrayList<Map.Entry<String, String>>();
        for (var header : headers) {
            if (!mayPass(header.getKey())) {
                continue;
            }
            var name = header.getKey().toLowerCase(Locale.ROOT);
            var passes =
                    switch (dialect) {
                        case OPENAI -> name.equals("openai-beta");
                        case ANTHROPIC -> name.startsWith("anthropic-");
                    };
            if (passes) {
                forwarded.add(Map.entry(name, header.getValue()));
            }
        }
        return forwarded;
    }

    /// A first look, which spares most names the rest: both lists begin with a vowel, O or A.
    private static boolean mayPass(String name) {
        var first = name.charAt(0) | 0x20;
        return first == 'o' || first == 'a';
    }

    /// Empty when absent or malformed.
    static String traceParent(MultiMap headers) {
        var parent = headers.get(TRACE_PARENT_NAME);
        return parent != null && TRACE_PARENT.matcher(parent).matches() ? parent : "";
    }

    /// Where the path does not tell: Anthropic's clients name the version they speak and send keys
    /// in a header of their own.
    static Dialect dialect(HttpServerRequest request) {
        var path = path(request);
        for (var endpoint : Endpoint.values()) {
            if (endpoint.path().equals(path)) {
                return endpoint.dialect();
            }
        }
        var headers = request.headers();
        return path.startsWith("/v1/messages")
                        || headers.contains("anthropic-version")
                        || headers.contains("x-api-key")
                ? Dialect.ANTHROPIC
                : Dialect.OPENAI;
    }

    /// The raw path of the target; empty when it has none.
    static String path(HttpServerRequest request) {
        return orEmpty(request.path());
    }

    private static Peer peer(HttpServerRequest request) {
        var headers = request.headers();
        var remote = request.remoteAddress();
        var address = remote == null ? null : remote.hostAddress();
        return new Peer(
                address == null ? "" : address,
                orEmpty(headers.get(HttpHeaders.HOST)),
                orEmpty(headers.get(HttpHeaders.ORIGIN)),
                hasAny(headers, PROXIES));
    }

    private static boolean hasAny(MultiMap headers, CharSequence[] names) {
        for (var name : names) {
            if (headers.contains(name)) {
                return true;
            }
        }
        return false;
    }

    /// Names with their hash, which is otherwise computed at each look-up.
    static CharSequence[] names(String... names) {
        return Arrays.stream(names).map(HttpHeaders::createOptimized).toArray(CharSequence[]::new);
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
