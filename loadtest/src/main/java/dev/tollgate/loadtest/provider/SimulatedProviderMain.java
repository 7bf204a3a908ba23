package dev.tollgate.loadtest.provider;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/// Runs a simulated provider as a process of its own, until it is stopped: `--port 9001 --dialect
/// openai --seed 7 --ratio 1.3 --tokens-max 400 --gap-ms 5`, or `--bench`.
///
/// Prints its origin as the first line. The bill is at `GET /bill`, one line of JSON each.
public final class SimulatedProviderMain {

    private SimulatedProviderMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        System.setProperty("logback.configurationFile", "dev/tollgate/loadtest/logback.xml");
        var options = ProviderOptions.defaults();
        var tokensMax = 400L;
        var gap = Duration.ZERO;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--port" -> options = options.withPort(Integer.parseInt(arguments[++i]));
                case "--dialect" -> options = options.speaking(dialect(arguments[++i]));
                case "--seed" -> options = options.withSeed(Long.parseLong(arguments[++i]));
                case "--ratio" ->
                        options = options.withTokenRatio(Double.parseDouble(arguments[++i]));
                case "--tokens-max" -> tokensMax = Long.parseLong(arguments[++i]);
                case "--gap-ms" -> gap = Duration.ofMillis(Long.parseLong(arguments[++i]));
                case "--bench" -> options = options.forBench();
                default -> throw new IllegalArgumentException("argument: " + arguments[i]);
            }
        }
        try (var provider = SimulatedProvider.start(options)) {
            provider.always(Behaviour.generates(1, tokensMax).paced(gap));
            System.out.println(provider.origin());
            new CountDownLatch(1).await();
        }
    }

    private static Dialect dialect(String name) {
        return Dialect.valueOf(name.toUpperCase(Locale.ROOT));
    }
}
