package dev.tollgate.loadtest.overhead;

import dev.tollgate.loadtest.load.Load;
import dev.tollgate.loadtest.load.LoadClient;
import dev.tollgate.loadtest.load.LoadResult;
import dev.tollgate.loadtest.overhead.Sample.Traffic;
import dev.tollgate.loadtest.provider.ProviderOptions;
import dev.tollgate.loadtest.provider.SimulatedProvider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// One overhead run: start everything, warm everything up, measure in turn, stop everything.
final class Overhead {

    private static final String WHOLE =
            """
            {"model":"gpt-4o-mini","max_tokens":64,"messages":[\
            {"role":"system","content":"You are a terse assistant."},\
            {"role":"user","content":"Tell me about the quick brown fox."}]}\
            """;
    private static final String STREAMED =
            WHOLE.replace(
                    "\"max_tokens\"",
                    "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\"");
    private static final Duration PHASE_MAX = Duration.ofSeconds(60);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final OverheadSettings settings;
    private final Path directory;
    private final LongSupplier nanoTime;
    private final Consumer<String> progress;

    Overhead(
            OverheadSettings settings,
            Path directory,
            LongSupplier nanoTime,
            Consumer<String> progress) {
        this.settings = settings;
        this.directory = directory;
        this.nanoTime = nanoTime;
        this.progress = progress;
    }

    OverheadReport run() throws IOException {
        // Apart, so that an export of traces does not hold up the clock of a request.
        var vertx = oneLoop();
        var traceVertx = oneLoop();
        try (var provider = SimulatedProvider.start(ProviderOptions.defaults().forBench());
                var traces = TraceSink.start(traceVertx);
                var client = new LoadClient(vertx, 16, PATIENCE, nanoTime)) {
            var targets = new ArrayList<Target>();
            try {
                start(targets, provider, traces);
                return measure(targets, client, traces);
            } finally {
                targets.reversed().forEach(Target::close);
            }
        } finally {
            await(vertx.close());
            await(traceVertx.close());
        }
    }

    private static Vertx oneLoop() {
        return Vertx.vertx(
                new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    }

    private void start(List<Target> targets, SimulatedProvider provider, TraceSink traces)
            throws IOException {
        targets.add(new Direct(URI.create(provider.openAiBaseUrl() + "/chat/completions")));
        targets.add(
                Nginx.start(
                        settings.nginx(),
                        settings.nginxWorkers(),
                        provider.port(),
                        directory.resolve("nginx")));
        if (settings.withGateway()) {
            progress.accept("starting " + String.join(" ", settings.gatewayCommand()));
            targets.add(gateway("tollgate", OverheadSettings.BUDGETS, provider, traces));
            if (settings.budgets() > OverheadSettings.BUDGETS) {
                targets.add(
                        gateway(
                                "budgets_" + settings.budgets(),
                                settings.budgets(),
                                provider,
                                traces));
            }
        }
    }

    private Tollgate gateway(String name, int budgets, SimulatedProvider provider, TraceSink traces)
            throws IOException {
        return Tollgate.start(
                name,
                budgets,
                settings.gatewayCommand(),
                provider.port(),
                traces.port(),
                directory.resolve(name));
    }

    private OverheadReport measure(List<Target> targets, LoadClient client, TraceSink traces) {
        for (var target : targets) {
            progress.accept("warming up " + target.name());
            warmUp(target, client);
        }
        var samples = new ArrayList<Sample>();
        for (int round = 1; round <= settings.rounds(); round++) {
            progress.accept("round " + round + " of " + settings.rounds());
            for (var traffic : Traffic.values()) {
                for (var target : targets) {
                    samples.add(sample(target, traffic, client));
                }
            }
        }
        var peak = new LinkedHashMap<String, Long>();
        targets.forEach(target -> peak.put(target.name(), target.stats().peakKib()));
        if (traces.unreadable() > 0) {
            progress.accept(traces.unreadable() + " trace exports could not be read");
        }
        return new OverheadReport(
                targets.stream().map(Target::name).toList(), samples, peak, traces.spans());
    }

    /// Half of it at the higher concurrency, the rest streamed and one by one.
    private void warmUp(Target target, LoadClient client) {
        var rest = settings.warmUp();
        for (var traffic : Traffic.values()) {
            var share = traffic == Traffic.WHOLE_AT_10 ? rest / 2 : rest / 4;
            if (share > 0) {
                var third = settings.warmUpMax().dividedBy(Traffic.values().length);
                run(client, load(target, traffic, share).within(third));
            }
        }
    }

    private Sample sample(Target target, Traffic traffic, LoadClient client) {
        var requests = traffic.stream ? settings.requests() / 2 : settings.requests();
        var before = target.stats().cpuMicros();
        var result = run(client, load(target, traffic, requests).within(PHASE_MAX));
        return Sample.of(target.name(), traffic, result, target.stats().cpuMicros() - before);
    }

    private static Load load(Target target, Traffic traffic, int requests) {
        return Load.of(target.chat(), target.headers(), traffic.stream ? STREAMED : WHOLE)
                .at(traffic.concurrency, requests);
    }

    /// Anything but a whole 200 would be measured as a fast answer, so it ends the run.
    private static LoadResult run(LoadClient client, Load load) {
        var result = await(client.run(load));
        if (result.broken() > 0 || result.answered(200) != result.answered()) {
            throw new IllegalStateException(
                    load.target() + ": " + result.statuses() + ", broken: " + result.broken());
        }
        return result;
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.await(PHASE_MAX.plus(PATIENCE).toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("a phase of the run did not end", e);
        }
    }
}
