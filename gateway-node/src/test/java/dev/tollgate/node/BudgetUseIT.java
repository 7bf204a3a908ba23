package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.ProviderOptions;
import dev.tollgate.loadtest.provider.SeenRequest;
import dev.tollgate.loadtest.provider.SimulatedProvider;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Traffic of varying length until a budget is used up: never over it, and to at least 98 % of it.
///
/// Providers count tokens as 0.7, 1.0 and 1.6 times a byte-pair encoding does, some answers have
/// hidden reasoning, some input comes from a cache, half of the answers are streamed, and half of
/// the callers say how long an answer may be.
class BudgetUseIT {

    private static final long SEED = 20_261_120;
    private static final int CALLERS = 10;
    private static final int CALLS_MIN = 100;
    private static final int CALLS_MAX = 2_000;

    /// The longest answer asked for; the room nobody can use any more is less than this.
    private static final int ANSWER_TOKENS_MAX = 600;

    private static final Duration FREED = Duration.ofMillis(5);

    private static final List<SimulatedProvider> PROVIDERS =
            List.of(provider(0.7), provider(1.0), provider(1.6));
    private static final GatewayFixture GATEWAY =
            GatewayFixture.start(Map.of(), Map.of("providers", settings()));
    private static final Office OFFICE = new Office(GATEWAY);

    @AfterAll
    static void stop() {
        GATEWAY.close();
        PROVIDERS.forEach(SimulatedProvider::close);
    }

    @Test
    void a_budget_of_output_tokens_is_used_up_and_never_passed() throws Exception {
        var limit = 40_000L;
        var key = OFFICE.key("tokens", "\"user\":\"tokens\"");
        OFFICE.budget(
                "tokens",
                "{\"scope\":{\"user\":\"tokens\"},\"period\":\"total\",\"limits\":{\"output_tokens\":%d}}"
                        .formatted(limit));

        useUp(key, "output_tokens");

        agree("tokens");
        assertThat(OFFICE.posted("tokens", "output_tokens")).isBetween(limit * 98 / 100, limit);
    }

    @Test
    void a_budget_of_dollars_is_used_up_and_never_passed() throws Exception {
        var key = OFFICE.key("dollars", "\"user\":\"dollars\"");
        OFFICE.budget(
                "dollars",
                "{\"scope\":{\"user\":\"dollars\"},\"period\":\"total\",\"limits\":{\"cost_usd\":\"0.25\"}}");

        useUp(key, "cost_usd");

        agree("dollars");
        var posted = OFFICE.usage("dollars", "").getJsonObject("posted").getString("cost_usd");
        assertThat(new BigDecimal(posted))
                .isBetween(new BigDecimal("0.245"), new BigDecimal("0.25"));
    }

    /// Bill, ledger and counters, to the token and the nano-dollar.
    private static void agree(String budget) {
        var bill = new ArrayList<BillLine>();
        PROVIDERS.forEach(provider -> bill.addAll(provider.bill()));
        var books = OFFICE.books(bill.size(), budget);

        var report = Checker.exact().check(bill, books);

        assertThat(report.differences()).as(report.toString()).isEmpty();
        assertThat(report.rows()).isEqualTo(bill.size()).isGreaterThan(CALLS_MIN);
        assertThat(report.estimated()).isZero();
    }

    // --- traffic ---

    private static void useUp(Office.Key key, String measure)
            throws InterruptedException, ExecutionException {
        var clamped = new LongAdder();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var ends = new ArrayList<Future<JsonObject>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                var random = new SplittableRandom(SEED + caller);
                ends.add(callers.submit(() -> callUntilRefused(key, random, clamped)));
            }
            for (var end : ends) {
                assertThat(end.get().getString("measure")).isEqualTo(measure);
            }
        }
        assertThat(clamped.sum()).as("answers shortened to what was left").isPositive();
    }

    /// @return the numbers of the refusal that retrying cannot change
    private static JsonObject callUntilRefused(
            Office.Key key, RandomGenerator random, LongAdder clamped) {
        for (int call = 0; call < CALLS_MAX; call++) {
            var anthropic = random.nextBoolean();
            var body = body(anthropic, random);
            var path = anthropic ? "/v1/messages" : "/v1/chat/completions";
            var answer = GATEWAY.post(path, body, key.headers());
            while (answer.statusCode() == 429
                    && answer.headers().firstValue("retry-after").isPresent()) {
                LockSupport.parkNanos(FREED.toNanos());
                answer = GATEWAY.post(path, body, key.headers());
            }
            if (answer.statusCode() == 429) {
                return new JsonObject(answer.body())
                        .getJsonObject("error")
                        .getJsonObject("tollgate");
            }
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            answer.headers().firstValue("x-tollgate-clamped").ifPresent(_ -> clamped.increment());
        }
        throw new AssertionError("still admitted after " + CALLS_MAX + " calls");
    }

    /// Anthropic's dialect wants a limit always.
    private static String body(boolean anthropic, RandomGenerator random) {
        var ratio = List.of("070", "100", "160").get(random.nextInt(3));
        var json =
                new JsonObject()
                        .put(
                                "model",
                                anthropic
                                        ? "anthropic-" + ratio + "/claude-haiku-4-5"
                                        : "openai-" + ratio + "/gpt-4o-mini")
                        .put("messages", List.of(message(random)));
        if (anthropic || random.nextBoolean()) {
            json.put("max_tokens", random.nextInt(1, ANSWER_TOKENS_MAX + 1));
        }
        if (random.nextBoolean()) {
            json.put("stream", true);
        }
        return json.encode();
    }

    private static JsonObject message(RandomGenerator random) {
        return new JsonObject()
                .put("role", "user")
                .put("content", "Tell me more of it, please. ".repeat(random.nextInt(1, 20)));
    }

    // --- providers ---

    private static SimulatedProvider provider(double ratio) {
        return SimulatedProvider.start(
                        ProviderOptions.defaults().withSeed(SEED).withTokenRatio(ratio))
                .always(BudgetUseIT::answer);
    }

    private static Behaviour answer(SeenRequest request) {
        var answer = generates(1, 900);
        return switch ((int) (request.number() % 4)) {
            case 0 -> answer;
            case 1 -> answer.reasons(50);
            case 2 -> answer.cached(0.5, 0.2, 0.1);
            default -> answer.reasons(20).cached(0.25, 0, 0);
        };
    }

    private static List<Map<String, String>> settings() {
        var settings = new ArrayList<Map<String, String>>();
        var ratios = List.of("070", "100", "160");
        for (int i = 0; i < ratios.size(); i++) {
            var provider = PROVIDERS.get(i);
            settings.add(setting("openai", ratios.get(i), provider.openAiBaseUrl()));
            settings.add(setting("anthropic", ratios.get(i), provider.origin() + "/v1"));
        }
        return settings;
    }

    private static Map<String, String> setting(String type, String ratio, String baseUrl) {
        return Map.of(
                "name",
                type + "-" + ratio,
                "type",
                type,
                "base_url",
                baseUrl,
                "credential",
                "env:OPENAI_API_KEY");
    }
}
