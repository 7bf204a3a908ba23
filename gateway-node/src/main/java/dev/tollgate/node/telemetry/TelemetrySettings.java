package dev.tollgate.node.telemetry;

import dev.tollgate.caller.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What is told to whom, read once at start from OpenTelemetry's own environment variables and two
/// of ours (`TOLLGATE_LOG`, `TOLLGATE_TELEMETRY_END_USER`).
///
/// @param tracesEndpoint where spans go by OTLP http/protobuf; empty, the default, keeps them here
/// @param headers sent with every export; they may hold a credential
/// @param resource attributes beside `service.name`
/// @param endUser whether spans name the end user, who is a person: off by default
public record TelemetrySettings(
        Optional<URI> tracesEndpoint,
        Map<String, Secret> headers,
        String serviceName,
        Map<String, String> resource,
        Sampling sampling,
        Duration exportTimeout,
        LogFormat logFormat,
        boolean endUser) {

    public static final String SERVICE_NAME = "tollgate";
    public static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(10);

    /// Which requests get a span.
    ///
    /// @param parentBased whether the caller's own decision, where it sent one, is followed
    /// @param ratio of the traces that begin here, 0 to 1
    public record Sampling(boolean parentBased, double ratio) {

        public static final Sampling ALL = new Sampling(true, 1);

        public Sampling {
            if (!(ratio >= 0 && ratio <= 1)) {
                throw fault("OTEL_TRACES_SAMPLER_ARG", String.valueOf(ratio), "0 to 1");
            }
        }
    }

    /// How log lines look. `logback.xml` reads the same variable.
    public enum LogFormat {
        TEXT,
        JSON
    }

    public TelemetrySettings {
        headers = Map.copyOf(headers);
        resource = Map.copyOf(resource);
    }

    /// Nothing set: no span leaves the machine, logs are text.
    public static TelemetrySettings defaults() {
        return from(Map.of());
    }

    /// @throws IllegalArgumentException naming the variable, its value and what was expected
    public static TelemetrySettings from(Map<String, String> environment) {
        return new TelemetrySettings(
                tracesEndpoint(environment),
                headers(environment),
                text(environment, "OTEL_SERVICE_NAME").orElse(SERVICE_NAME),
                pairs(environment, "OTEL_RESOURCE_ATTRIBUTES"),
                sampling(environment),
                exportTimeout(environment),
                logFormat(environment),
                flag(environment, "TOLLGATE_TELEMETRY_END_USER"));
    }

    private static Optional<URI> tracesEndpoint(Map<String, String> environment) {
        if (flag(environment, "OTEL_SDK_DISABLED")
                || text(environment, "OTEL_TRACES_EXPORTER").equals(Optional.of("none"))) {
            return Optional.empty();
        }
        return uri(environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
                .or(() -> uri(environment, "OTEL_EXPORTER_OTLP_ENDPOINT", "/v1/traces"));
    }

    /// The general endpoint is a base to which the signal's path is added, the one for traces is
    /// taken as it is (OpenTelemetry's OTLP exporter specification).
    private static Optional<URI> uri(Map<String, String> environment, String name, String path) {
        return text(environment, name).map(value -> uri(name, value, path));
    }

    private static URI uri(String name, String value, String path) {
        var base = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
        var expected = "an http or https URL such as http://127.0.0.1:4318";
        try {
            var uri = URI.create(path.isEmpty() ? value : base + path);
            if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
                throw fault(name, value, expected);
            }
            return uri;
        } catch (IllegalArgumentException _) {
            throw fault(name, value, expected);
        }
    }

    private static Map<String, Secret> headers(Map<String, String> environment) {
        var headers = new LinkedHashMap<String, Secret>();
        for (var name :
                List.of("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")) {
            pairs(environment, name)
                    .forEach((header, value) -> headers.put(header, new Secret(value)));
        }
        return headers;
    }

    private static Sampling sampling(Map<String, String> environment) {
        var name = "OTEL_TRACES_SAMPLER";
        var sampler = text(environment, name).orElse("parentbased_always_on");
        var parentBased = sampler.startsWith("parentbased_");
        return switch (parentBased ? sampler.substring("parentbased_".length()) : sampler) {
            case "always_on" -> new Sampling(parentBased, 1);
            case "always_off" -> new Sampling(parentBased, 0);
            case "traceidratio" -> new Sampling(parentBased, ratio(environment));
            default ->
                    throw fault(
                            name,
                            sampler,
                            "always_on, always_off, traceidratio, or one of them behind"
                                    + " parentbased_");
        };
    }

    private static double ratio(Map<String, String> environment) {
        var name = "OTEL_TRACES_SAMPLER_ARG";
        var value = text(environment, name).orElse("1");
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException _) {
            throw fault(name, value, "0 to 1");
        }
    }

    private static Duration exportTimeout(Map<String, String> environment) {
        var name = "OTEL_EXPORTER_OTLP_TIMEOUT";
        var value = text(environment, name).orElse(String.valueOf(EXPORT_TIMEOUT.toMillis()));
        try {
            var millis = Long.parseLong(value);
            if (millis > 0) {
                return Duration.ofMillis(millis);
            }
        } catch (NumberFormatException _) {
            // told below, as any other wrong value
        }
        throw fault(name, value, "milliseconds, at least 1");
    }

    private static LogFormat logFormat(Map<String, String> environment) {
        var value = text(environment, "TOLLGATE_LOG").orElse("text");
        return switch (value) {
            case "text" -> LogFormat.TEXT;
            case "json" -> LogFormat.JSON;
            default -> throw fault("TOLLGATE_LOG", value, "text or json");
        };
    }

    private static boolean flag(Map<String, String> environment, String name) {
        var value = text(environment, name).orElse("false").toLowerCase(Locale.ROOT);
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw fault(name, value, "true or false");
        };
    }

    /// `key=value,key=value`, values percent-encoded where they need it. A fault shows no value: it
    /// may be a credential.
    private static Map<String, String> pairs(Map<String, String> environment, String name) {
        var pairs = new LinkedHashMap<String, String>();
        for (var pair : list(environment, name)) {
            var equals = pair.indexOf('=');
            if (equals <= 0) {
                throw fault(name, "a part without a name", "name=value,name=value");
            }
            pairs.put(pair.substring(0, equals).strip(), decoded(name, pair.substring(equals + 1)));
        }
        return pairs;
    }

    private static List<String> list(Map<String, String> environment, String name) {
        var parts = new ArrayList<String>();
        for (var part : text(environment, name).orElse("").split(",", -1)) {
            if (!part.isBlank()) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static String decoded(String name, String value) {
        try {
            // A plus is a plus here, which URLDecoder takes for a space.
            return URLDecoder.decode(value.strip().replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw fault(name, "a badly encoded value", "percent-encoding");
        }
    }

    private static Optional<String> text(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .map(String::strip)
                .filter(v -> !v.isEmpty());
    }

    private static IllegalArgumentException fault(String name, String value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
}
