package dev.tollgate.node.telemetry;

import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.UsageReport;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The counters and histograms of requests and attempts.
///
/// Every label is bounded: endpoints, outcomes and problems by our own enumerations, providers by
/// the configuration, models by the catalogue ([Labels]). Tokens and cost are what requests were
/// settled for. `gen_ai_*` names and buckets are those of the semantic conventions.
final class RequestMeters {

    static final String REFUSED = "refused";
    static final String BUG = "bug";

    private static final String NONE = "";
    private static final double[] DURATION_SECONDS = {
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92
    };
    private static final double[] FIRST_TOKEN_SECONDS = {
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
    };
    private static final double[] OUTPUT_TOKEN_SECONDS = {
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5
    };
    private static final double NANOS_PER_SECOND = 1e9;

    private final Labels labels;
    private final Counter requests;
    private final Counter refusedAtDoor;
    private final Counter attempts;
    private final Counter failovers;
    private final Counter tokens;
    private final Counter cost;
    private final Counter settlements;
    private final Counter overruns;
    private final Histogram requestDuration;
    private final Histogram attemptDuration;
    private final Histogram firstToken;
    private final Histogram outputToken;
    private final Map<Key, Series> series = new ConcurrentHashMap<>();

    RequestMeters(PrometheusRegistry registry, Labels labels) {
        this.labels = labels;
        requests =
                counter(
                        registry,
                        "tollgate_requests_total",
                        "Requests ended, by how.",
                        "endpoint",
                        "model",
                        "outcome",
                        "problem");
        refusedAtDoor =
                counter(
                        registry,
                        "tollgate_refused_at_door_total",
                        "Requests refused before they were complete.",
                        "path",
                        "problem");
        attempts =
                counter(
                        registry,
                        "tollgate_attempts_total",
                        "Upstream calls ended, by how.",
                        "provider",
                        "model",
                        "outcome");
        failovers =
                counter(
                        registry,
                        "tollgate_failovers_total",
                        "Attempts that failed and were followed by one at another deployment.",
                        "provider",
                        "model",
                        "outcome");
        tokens =
                counter(
                        registry,
                        "tollgate_tokens_total",
                        "Tokens settled, each in one class; reasoning is a part of output.",
                        "model",
                        "provider",
                        "class");
        cost =
                counter(
                        registry,
                        "tollgate_cost_nano_usd_total",
                        "Cost settled, in billionths of a dollar.",
                        "model",
                        "provider");
        settlements =
                counter(
                        registry,
                        "tollgate_settlements_total",
                        "Attempts settled, by where their token counts come from.",
                        "source");
        overruns =
                counter(
                        registry,
                        "tollgate_overruns_total",
                        "Attempts that used more than their hold covered.",
                        "model",
                        "provider");
        requestDuration = duration(registry, "gen_ai_server_request_duration_seconds");
        attemptDuration = duration(registry, "gen_ai_client_operation_duration_seconds");
        firstToken =
                histogram(
                        registry,
                        "gen_ai_server_time_to_first_token_seconds",
                        "From the request to the first byte of a streamed answer.",
                        FIRST_TOKEN_SECONDS,
                        "gen_ai_operation_name",
                        "gen_ai_provider_name",
                        "gen_ai_request_model");
        outputToken =
                histogram(
                        registry,
                        "gen_ai_server_time_per_output_token_seconds",
                        "Time per output token after the first of a streamed answer.",
                        OUTPUT_TOKEN_SECONDS,
                        "gen_ai_operation_name",
                        "gen_ai_provider_name",
                        "gen_ai_request_model");
    }

    Labels labels() {
        return labels;
    }

    void refusedAtDoor(String path, String problem) {
        refusedAtDoor.labelValues(path, problem).inc();
    }

    /// The data points of an exchange's endpoint, model and provider.
    Series of(Exchange exchange) {
        var deployment = exchange.deployment();
        var provider = deployment.provider();
        var key = new Key(exchange.endpoint(), labels.model(deployment), provider.name());
        var known = series.get(key);
        return known != null
                ? known
                : series.computeIfAbsent(
                        key, it -> new Series(it, GenAiNames.provider(provider.type())));
    }

    private record Key(Endpoint endpoint, String model, String provider) {}

    /// The data points of one endpoint, model and provider, looked up once.
    final class Series {

        private final Key key;
        private final String providerType;
        private final CounterDataPoint requestsComplete;
        private final CounterDataPoint attemptsComplete;
        private final CounterDataPoint uncachedInput;
        private final CounterDataPoint output;
        private final CounterDataPoint costNanos;
        private final DistributionDataPoint requestSeconds;
        private final DistributionDataPoint attemptSeconds;
        private final DistributionDataPoint firstTokenSeconds;
        private final DistributionDataPoint outputTokenSeconds;

        private Series(Key key, String providerType) {
            this.key = key;
            this.providerType = providerType;
            var complete = Completion.COMPLETE.label();
            var operation = key.endpoint().operation();
            requestsComplete =
                    requests.labelValues(key.endpoint().path(), key.model(), complete, NONE);
            attemptsComplete = attempts.labelValues(key.provider(), key.model(), complete);
            uncachedInput = tokens.labelValues(key.model(), key.provider(), "input");
            output = tokens.labelValues(key.model(), key.provider(), "output");
            costNanos = cost.labelValues(key.model(), key.provider());
            requestSeconds = timed(requestDuration, NONE);
            attemptSeconds = timed(attemptDuration, NONE);
            firstTokenSeconds = firstToken.labelValues(operation, providerType, key.model());
            outputTokenSeconds = outputToken.labelValues(operation, providerType, key.model());
        }

        String model() {
            return key.model();
        }

        void requestEnded(Outcome outcome, long durationNanos) {
            var report = outcome.report();
            if (report.completion() == Completion.COMPLETE) {
                requestsComplete.inc();
                requestSeconds.observe(durationNanos / NANOS_PER_SECOND);
            } else {
                requestEnded(report.completion().label(), NONE, durationNanos);
            }
            settled(outcome);
        }

        void requestRefused(String problem, long durationNanos) {
            requestEnded(REFUSED, problem, durationNanos);
        }

        void requestFailed(long durationNanos) {
            requestEnded(BUG, NONE, durationNanos);
        }

        private void requestEnded(String outcome, String problem, long durationNanos) {
            requests.labelValues(key.endpoint().path(), key.model(), outcome, problem).inc();
            timed(requestDuration, problem.isEmpty() ? outcome : problem)
                    .observe(durationNanos / NANOS_PER_SECOND);
        }

        /// @param firstTokenNanos from the request to the first byte of the answer
        void streamed(UsageReport report, long outputTokens, long firstTokenNanos) {
            firstTokenSeconds.observe(firstTokenNanos / NANOS_PER_SECOND);
            if (outputTokens > 1 && report.completion() == Completion.COMPLETE) {
                var rest = report.durationNanos() - report.firstByteNanos();
                outputTokenSeconds.observe(rest / NANOS_PER_SECOND / (outputTokens - 1));
            }
        }

        void attemptEnded(Completion completion, long durationNanos) {
            if (completion == Completion.COMPLETE) {
                attemptsComplete.inc();
                attemptSeconds.observe(durationNanos / NANOS_PER_SECOND);
            } else {
                attemptEnded(completion.label(), durationNanos);
            }
        }

        /// @param outcome a completion or the kind of a problem
        void attemptEnded(String outcome, long durationNanos) {
            attempts.labelValues(key.provider(), key.model(), outcome).inc();
            timed(attemptDuration, outcome).observe(durationNanos / NANOS_PER_SECOND);
        }

        /// Of an attempt whose request goes on elsewhere: what it was settled for is not the last
        /// attempt's.
        void failedOver(Outcome outcome) {
            var completion = outcome.report().completion().label();
            failovers.labelValues(key.provider(), key.model(), completion).inc();
            settled(outcome);
        }

        private void settled(Outcome outcome) {
            var usage = outcome.usage();
            add(uncachedInput, usage.uncachedInput());
            add(output, usage.output());
            add("cache_read", usage.cacheRead());
            add("cache_write_5m", usage.cacheWrite5m());
            add("cache_write_1h", usage.cacheWrite1h());
            add("reasoning", usage.reasoning());
            outcome.cost().ifPresent(money -> add(costNanos, money.nanoUsd()));
            settlements.labelValues(outcome.source().label()).inc();
            if (outcome.overrun()) {
                overruns.labelValues(key.model(), key.provider()).inc();
            }
        }

        private void add(String tokenClass, long count) {
            if (count > 0) {
                tokens.labelValues(key.model(), key.provider(), tokenClass).inc(count);
            }
        }

        private static void add(CounterDataPoint counter, long count) {
            if (count > 0) {
                counter.inc(count);
            }
        }

        private DistributionDataPoint timed(Histogram histogram, String error) {
            return histogram.labelValues(
                    key.endpoint().operation(), providerType, key.model(), error);
        }
    }

    private static Counter counter(
            PrometheusRegistry registry, String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private static Histogram duration(PrometheusRegistry registry, String name) {
        return histogram(
                registry,
                name,
                "From the request to the last byte of its answer.",
                DURATION_SECONDS,
                "gen_ai_operation_name",
                "gen_ai_provider_name",
                "gen_ai_request_model",
                "error_type");
    }

    private static Histogram histogram(
            PrometheusRegistry registry,
            String name,
            String help,
            double[] buckets,
            String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(buckets)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }
}
