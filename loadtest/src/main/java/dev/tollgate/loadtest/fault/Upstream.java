package dev.tollgate.loadtest.fault;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.streams;

import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.Distribution;
import dev.tollgate.loadtest.provider.ProviderOptions;
import dev.tollgate.loadtest.provider.SeenRequest;
import dev.tollgate.loadtest.provider.SimulatedProvider;
import dev.tollgate.loadtest.provider.Timing;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/// The simulated providers of both dialects, which count the calls of each tag.
final class Upstream implements AutoCloseable {

    private static final Pattern TAG = Pattern.compile("\\[([a-z0-9 -]+)]");
    private static final Behaviour QUICKLY =
            generates(1, 40)
                    .timed(
                            new Timing(
                                    Distribution.uniform(
                                            Duration.ofMillis(2), Duration.ofMillis(30)),
                                    Distribution.fixed(Duration.ofMillis(1))));
    private static final Behaviour SLOWLY =
            streams(Collections.nCopies(50, "word "), Duration.ofMillis(200));

    private final SimulatedProvider provider;
    private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();

    Upstream(String host, long seed) {
        provider =
                SimulatedProvider.start(ProviderOptions.defaults().withHost(host).withSeed(seed));
        provider.always(this::behaviour);
    }

    private Behaviour behaviour(SeenRequest request) {
        var tag = TAG.matcher(request.body().toString());
        var name = tag.find() ? tag.group(1) : "";
        calls.computeIfAbsent(name, _ -> new LongAdder()).increment();
        return name.contains(ClientCall.SLOWLY) ? SLOWLY : QUICKLY;
    }

    String openAiBaseUrl() {
        return provider.openAiBaseUrl();
    }

    String anthropicBaseUrl() {
        return provider.anthropicBaseUrl();
    }

    /// Calls that arrived with this tag.
    long calls(String tag) {
        return calls.getOrDefault(tag, new LongAdder()).sum();
    }

    List<BillLine> bill() {
        return provider.bill();
    }

    @Override
    public void close() {
        provider.close();
    }
}
