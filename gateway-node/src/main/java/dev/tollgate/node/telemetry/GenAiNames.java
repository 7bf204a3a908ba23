package dev.tollgate.node.telemetry;

import dev.tollgate.caller.Caller;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.problem.Problem;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The names of spans and their attributes: the one place to change when the conventions move.
///
/// `gen_ai.*` is OpenTelemetry's semantic conventions v1.41.0, the last version published before
/// GenAI moved to a repository of its own; all of it is in development there. Two rules of it
/// decide: `gen_ai.usage.input_tokens` includes cached input, and `server.address` is the real
/// upstream. There is no convention for cost, budgets and tenants, so those are `tollgate.*`.
///
/// The provider's own token counts stand as `gen_ai.usage.*` on the attempt's span, and what the
/// request was settled for as `tollgate.usage.*` on the request's: a sum over either is right, and
/// nobody who sums `gen_ai.usage.*` counts a token twice.
final class GenAiNames {

    static final String SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.0";

    /// Longer attribute values are cut, in characters.
    static final int VALUE_CHARACTERS_MAX = 256;

    private static final AttributeKey<String> OPERATION =
            AttributeKey.stringKey("gen_ai.operation.name");
    private static final AttributeKey<String> PROVIDER =
            AttributeKey.stringKey("gen_ai.provider.name");
    private static final AttributeKey<String> REQUEST_MODEL =
            AttributeKey.stringKey("gen_ai.request.model");
    private static final AttributeKey<Boolean> REQUEST_STREAM =
            AttributeKey.booleanKey("gen_ai.request.stream");
    private static final AttributeKey<Long> REQUEST_MAX_TOKENS =
            AttributeKey.longKey("gen_ai.request.max_tokens");
    private static final AttributeKey<Long> REQUEST_CHOICES =
            AttributeKey.longKey("gen_ai.request.choice.count");
    private static final AttributeKey<String> CONVERSATION =
            AttributeKey.stringKey("gen_ai.conversation.id");
    private static final AttributeKey<String> RESPONSE_MODEL =
            AttributeKey.stringKey("gen_ai.response.model");
    private static final AttributeKey<Double> RESPONSE_FIRST_CHUNK =
            AttributeKey.doubleKey("gen_ai.response.time_to_first_chunk");
    private static final AttributeKey<Long> INPUT =
            AttributeKey.longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> OUTPUT =
            AttributeKey.longKey("gen_ai.usage.output_tokens");
    private static final AttributeKey<Long> CACHE_READ =
            AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens");
    private static final AttributeKey<Long> CACHE_CREATION =
            AttributeKey.longKey("gen_ai.usage.cache_creation.input_tokens");
    private static final AttributeKey<Long> REASONING =
            AttributeKey.longKey("gen_ai.usage.reasoning.output_tokens");

    private static final AttributeKey<String> SERVER_ADDRESS =
            AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> METHOD =
            AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<Long> STATUS =
            AttributeKey.longKey("http.response.status_code");

    private static final AttributeKey<String> REQUEST_ID =
            AttributeKey.stringKey("tollgate.request.id");
    private static final AttributeKey<String> ORGANIZATION =
            AttributeKey.stringKey("tollgate.organization");
    private static final AttributeKey<String> TEAM = AttributeKey.stringKey("tollgate.team");
    private static final AttributeKey<String> PROJECT = AttributeKey.stringKey("tollgate.project");
    private static final AttributeKey<String> USER = AttributeKey.stringKey("tollgate.user");
    private static final AttributeKey<String> END_USER =
            AttributeKey.stringKey("tollgate.end_user");
    private static final AttributeKey<String> KEY = AttributeKey.stringKey("tollgate.key.id");
    private static final AttributeKey<String> PROVIDER_ACCOUNT =
            AttributeKey.stringKey("tollgate.provider");
    private static final AttributeKey<String> PROVIDER_REQUEST =
            AttributeKey.stringKey("tollgate.provider.request_id");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("tollgate.attempt");
    private static final AttributeKey<Long> ATTEMPTS = AttributeKey.longKey("tollgate.attempts");
    private static final AttributeKey<String> COMPLETION =
            AttributeKey.stringKey("tollgate.completion");
    private static final AttributeKey<Long> CLAMPED =
            AttributeKey.longKey("tollgate.clamped.output_tokens");
    private static final AttributeKey<Long> SETTLED_INPUT =
            AttributeKey.longKey("tollgate.usage.input_tokens");
    private static final AttributeKey<Long> SETTLED_OUTPUT =
            AttributeKey.longKey("tollgate.usage.output_tokens");
    private static final AttributeKey<String> SETTLED_SOURCE =
            AttributeKey.stringKey("tollgate.usage.source");
    private static final AttributeKey<Boolean> OVERRUN =
            AttributeKey.booleanKey("tollgate.usage.overrun");
    private static final AttributeKey<String> ANOMALY =
            AttributeKey.stringKey("tollgate.usage.anomaly");
    private static final AttributeKey<Long> COST = AttributeKey.longKey("tollgate.cost.nano_usd");
    private static final AttributeKey<String> BUDGET = AttributeKey.stringKey("tollgate.budget");
    private static final AttributeKey<String> MEASURE =
            AttributeKey.stringKey("tollgate.budget.measure");

    private static final Map<Endpoint, String> REQUEST_SPANS = requestSpans();

    private GenAiNames() {}

    /// The name of a request's span: `POST /v1/messages`.
    static String requestSpan(Endpoint endpoint) {
        return REQUEST_SPANS.getOrDefault(endpoint, endpoint.path());
    }

    /// The name of an attempt's span: `chat gpt-5`, or only the operation for a model outside the
    /// catalogue, whose name the caller made up.
    static String attemptSpan(Endpoint endpoint, String modelLabel) {
        return modelLabel.equals(Labels.OTHER)
                ? endpoint.operation()
                : endpoint.operation() + ' ' + modelLabel;
    }

    /// `gen_ai.provider.name` of a provider's type. The conventions' own values where they have
    /// one; the type itself where not.
    static String provider(String type) {
        return switch (type) {
            case "bedrock" -> "aws.bedrock";
            case "azure" -> "azure.ai.openai";
            case "gemini" -> "gcp.gemini";
            case "vertex" -> "gcp.vertex_ai";
            case "mistral" -> "mistral_ai";
            case "xai" -> "x_ai";
            default -> type;
        };
    }

    static void request(Span span, Exchange exchange, boolean endUser) {
        var caller = exchange.caller();
        var attribution = exchange.attribution();
        span.setAttribute(METHOD, "POST");
        span.setAttribute(ROUTE, exchange.endpoint().path());
        span.setAttribute(OPERATION, exchange.endpoint().operation());
        span.setAttribute(REQUEST_MODEL, exchange.request().model());
        span.setAttribute(REQUEST_STREAM, exchange.request().stream());
        span.setAttribute(REQUEST_ID, exchange.id().toString());
        who(span, caller);
        text(span, PROJECT, caller.project());
        text(span, KEY, caller.keyId());
        text(span, CONVERSATION, attribution.session());
        text(span, END_USER, endUser ? attribution.endUser() : "");
    }

    static void attempt(Span span, Exchange exchange, int attempt) {
        var deployment = exchange.deployment();
        var request = exchange.request();
        span.setAttribute(OPERATION, exchange.endpoint().operation());
        span.setAttribute(PROVIDER, provider(deployment.provider().type()));
        span.setAttribute(PROVIDER_ACCOUNT, deployment.provider().name());
        span.setAttribute(REQUEST_MODEL, deployment.upstreamModel());
        span.setAttribute(REQUEST_STREAM, request.stream());
        span.setAttribute(ATTEMPT, (long) attempt);
        who(span, exchange.caller());
        server(span, deployment.provider().baseUrl().getHost(), port(exchange));
        var outputMax =
                exchange.outputGranted().isPresent()
                        ? exchange.outputGranted()
                        : request.outputMax();
        outputMax.ifPresent(tokens -> span.setAttribute(REQUEST_MAX_TOKENS, tokens));
        exchange.outputGranted().ifPresent(tokens -> span.setAttribute(CLAMPED, tokens));
        if (request.choices() != 1) {
            span.setAttribute(REQUEST_CHOICES, (long) request.choices());
        }
    }

    static void status(Span span, int status) {
        span.setAttribute(STATUS, (long) status);
    }

    /// What the provider said of itself. Absent counts stay absent: unknown is not zero.
    static void reported(Span span, UsageReport report, boolean stream) {
        completion(span, report);
        text(span, RESPONSE_MODEL, report.servedModel());
        text(span, PROVIDER_REQUEST, report.providerRequestId());
        text(span, ANOMALY, report.anomaly());
        report.usage().filter(_ -> report.reached()).ifPresent(usage -> usage(span, usage));
        if (stream && report.firstByteNanos() > 0) {
            span.setAttribute(RESPONSE_FIRST_CHUNK, report.firstByteNanos() / 1e9);
        }
    }

    /// What the request was settled for.
    static void settled(Span span, Outcome outcome, int attempts) {
        completion(span, outcome.report());
        text(span, RESPONSE_MODEL, outcome.report().servedModel());
        span.setAttribute(ATTEMPTS, (long) attempts);
        span.setAttribute(SETTLED_INPUT, outcome.usage().input());
        span.setAttribute(SETTLED_OUTPUT, outcome.usage().output());
        span.setAttribute(SETTLED_SOURCE, outcome.source().label());
        outcome.cost().ifPresent(cost -> span.setAttribute(COST, cost.nanoUsd()));
        if (outcome.overrun()) {
            span.setAttribute(OVERRUN, true);
        }
    }

    /// Where the request went in the end, or would have gone first.
    static void served(Span span, Exchange attempt) {
        var provider = attempt.deployment().provider();
        span.setAttribute(PROVIDER, provider(provider.type()));
        span.setAttribute(PROVIDER_ACCOUNT, provider.name());
        attempt.outputGranted().ifPresent(tokens -> span.setAttribute(CLAMPED, tokens));
    }

    static void problem(Span span, Problem problem) {
        span.setAttribute(ERROR, ProblemKinds.of(problem));
        budget(problem).ifPresent(budget -> span.setAttribute(BUDGET, budget));
        if (problem instanceof Problem.BudgetExhausted exhausted) {
            span.setAttribute(MEASURE, exhausted.measure());
        }
        if (problem instanceof Problem.RateLimited limited) {
            span.setAttribute(MEASURE, limited.measure());
        }
    }

    static void error(Span span, String type) {
        span.setAttribute(ERROR, type);
    }

    /// The budget that refused, for the problems that have one.
    static Optional<String> budget(Problem problem) {
        return switch (problem) {
            case Problem.BudgetExhausted exhausted -> Optional.of(exhausted.budget());
            case Problem.TooManyConcurrent concurrent -> Optional.of(concurrent.budget());
            case Problem.RateLimited limited -> Optional.of(limited.budget());
            case Problem.DowngradeImpossible impossible -> Optional.of(impossible.budget());
            case Problem.Unpriced unpriced -> Optional.of(unpriced.budget());
            default -> Optional.empty();
        };
    }

    private static void completion(Span span, UsageReport report) {
        span.setAttribute(COMPLETION, report.completion().label());
        if (report.completion() == Completion.UPSTREAM_ERROR && report.httpStatus() >= 400) {
            span.setAttribute(ERROR, String.valueOf(report.httpStatus()));
        } else if (report.completion() != Completion.COMPLETE) {
            span.setAttribute(ERROR, report.completion().label());
        }
    }

    private static void usage(Span span, Usage usage) {
        span.setAttribute(INPUT, usage.input());
        span.setAttribute(OUTPUT, usage.output());
        positive(span, CACHE_READ, usage.cacheRead());
        positive(span, CACHE_CREATION, usage.cacheWrite5m() + usage.cacheWrite1h());
        positive(span, REASONING, usage.reasoning());
    }

    /// On both spans. What else there is to know of the caller stands on the request's alone: every
    /// attribute is paid for by each request.
    private static void who(Span span, Caller caller) {
        span.setAttribute(ORGANIZATION, caller.organization());
        text(span, TEAM, caller.team());
        text(span, USER, caller.user());
    }

    private static void server(Span span, @Nullable String host, int port) {
        if (host != null) {
            span.setAttribute(SERVER_ADDRESS, host);
            span.setAttribute(SERVER_PORT, (long) port);
        }
    }

    private static int port(Exchange exchange) {
        var url = exchange.deployment().provider().baseUrl();
        if (url.getPort() >= 0) {
            return url.getPort();
        }
        return "http".equals(url.getScheme()) ? 80 : 443;
    }

    private static void text(Span span, AttributeKey<String> key, String value) {
        if (!value.isEmpty()) {
            span.setAttribute(key, value);
        }
    }

    private static void positive(Span span, AttributeKey<Long> key, long value) {
        if (value > 0) {
            span.setAttribute(key, value);
        }
    }

    private static Map<Endpoint, String> requestSpans() {
        var names = new EnumMap<Endpoint, String>(Endpoint.class);
        for (var endpoint : Endpoint.values()) {
            names.put(endpoint, "POST " + endpoint.path());
        }
        return names;
    }
}
